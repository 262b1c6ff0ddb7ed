package machine

import (
	"runtime"
	"testing"
)

func TestMemory(t *testing.T) {
	free, total := Memory()
	if runtime.GOOS != "linux" {
		t.Skip("the system does not say")
	}
	if free <= 0 || total < free || total < 1<<26 || total > 1<<50 {
		t.Errorf("%d bytes free of %d", free, total)
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[float64]string{1500: "2 kB", 4.9e13: "49 TB", 2.35e10: "23.5 GB"} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%g) = %s, want %s", n, got, want)
		}
	}
}
