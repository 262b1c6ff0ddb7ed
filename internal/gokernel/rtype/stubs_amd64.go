package rtype

const (
	numSlots   = 16384
	stubStride = 9 // a load of 7 bytes, a jump of 2
)
