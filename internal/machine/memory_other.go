//go:build !linux

package machine

func readMemory() Memory { return Memory{} }
