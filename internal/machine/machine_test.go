package machine

import (
	"runtime"
	"testing"
)

func TestReadMemory(t *testing.T) {
	m := ReadMemory()
	if runtime.GOOS != "linux" {
		t.Skip("the system does not say")
	}
	if m.Free <= 0 || m.Total < m.Free || m.Total < 1<<26 || m.Total > 1<<50 || m.Whose == "" {
		t.Errorf("%+v", m)
	}
}

// TestAllows: where the system does not say what there is, nothing is refused.
func TestAllows(t *testing.T) {
	m := Memory{Free: 100, Total: 200}
	if !m.Allows(100) || m.Allows(101) || !(Memory{}).Allows(1e30) {
		t.Error("wrong")
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[float64]string{1500: "2 kB", 4.9e13: "49 TB", 2.35e10: "23.5 GB"} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%g) = %s, want %s", n, got, want)
		}
	}
}
