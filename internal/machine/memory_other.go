//go:build !linux

package machine

func memory() (free, total int64) { return 0, 0 }
