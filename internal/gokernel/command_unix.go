//go:build unix

package gokernel

import (
	"os/exec"
	"syscall"
)

// ownGroup starts the program in a process group of its own, which the end of
// its context kills.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
