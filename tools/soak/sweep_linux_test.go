package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSoakSweep is the soak of sweeps for some seconds.
func TestSoakSweep(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	program := filepath.Join(t.TempDir(), "nngplab")
	if text, err := exec.Command("go", "build", "-o", program, "../../cmd/nngplab").CombinedOutput(); err != nil {
		t.Fatal(err, string(text))
	}
	var out strings.Builder
	if err := soakSweep(program, 8*time.Second, &out); err != nil && err.Error() != "nothing was killed" {
		t.Error(err)
	}
	t.Log(out.String())
}
