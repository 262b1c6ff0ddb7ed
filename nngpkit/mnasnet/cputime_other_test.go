//go:build !unix

package mnasnet

func cpuSeconds() float64 { return 0 }
