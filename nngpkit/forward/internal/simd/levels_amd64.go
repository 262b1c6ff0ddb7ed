package simd

import "golang.org/x/sys/cpu"

func native() []*Kernels {
	var levels []*Kernels
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		levels = append(levels, AVX2)
		if cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ {
			levels = append(levels, AVX512)
		}
	}
	return levels
}
