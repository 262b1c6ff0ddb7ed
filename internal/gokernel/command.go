package gokernel

import (
	"context"
	"os/exec"
	"time"
)

// command is exec.CommandContext for a program that starts others: the end of
// the context ends them all, and nobody waits for what they hold open.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	ownGroup(cmd)
	cmd.WaitDelay = 300 * time.Millisecond
	return cmd
}

// maxOutput bounds what is kept of a program's output.
const maxOutput = 16 << 20

// tail keeps the last bytes that are written to it.
type tail struct{ b []byte }

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if len(t.b) > 2*maxOutput {
		t.b = append(t.b[:0], t.b[len(t.b)-maxOutput:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.b) }
