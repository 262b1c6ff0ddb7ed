package report

import (
	"testing"
)

func TestGFLOPsText(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 0.01234: "0.0123", 5.811: "5.81", 185.96: "186", 787935.3: "788\u202f000", 7091417.9: "7\u202f090\u202f000"} {
		if got := GFLOPs(x); got != want {
			t.Errorf("%v is written %q, want %q", x, got, want)
		}
	}
}
