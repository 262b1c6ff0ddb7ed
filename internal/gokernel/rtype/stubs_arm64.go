package rtype

const (
	numSlots   = 4096 // what a load with an offset reaches
	stubStride = 20
)
