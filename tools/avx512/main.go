//go:build linux

// Command avx512 is the first and only process of the emulated machine of
// tools/avx512.sh: it runs the tests that lie in folders below /tests, each in
// its folder as `go test` would, says how they ended, and switches off.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

func main() {
	if os.Getpid() != 1 {
		fmt.Fprintln(os.Stderr, "avx512: runs as the first process of an emulated machine, see tools/avx512.sh")
		os.Exit(2)
	}
	fmt.Printf("\navx512: exit status %d\n", run())
	// The serial line is slow: wait until it has sent all of that.
	if err := unix.IoctlSetInt(1, unix.TCSBRK, 1); err != nil {
		fmt.Println("avx512: tcdrain", err)
	}
	if err := syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF); err != nil {
		fmt.Println("avx512:", err)
	}
}

// run returns 0 if every test passes.
func run() int {
	for _, m := range [][2]string{{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}} {
		if err := syscall.Mount(m[0], m[1], m[0], 0, ""); err != nil {
			fmt.Println("avx512: mount", m[0], err)
			return 1
		}
	}
	if info, err := os.ReadFile("/proc/cpuinfo"); err != nil || !bytes.Contains(info, []byte("avx512dq")) {
		fmt.Println("avx512: this machine has no AVX-512", err)
		return 1
	}
	tests, err := filepath.Glob("/tests/*/test")
	if err != nil || len(tests) == 0 {
		fmt.Println("avx512: no tests", err)
		return 1
	}
	status := 0
	for _, test := range tests {
		cmd := exec.Command(test, "-test.short", "-test.v", "-test.timeout=0")
		cmd.Dir, cmd.Stdout, cmd.Stderr = filepath.Dir(test), os.Stdout, os.Stderr
		cmd.Env = append(os.Environ(), "NNGPLAB_SIMD=avx512", "TMPDIR=/tmp", "HOME=/tmp")
		if err := cmd.Run(); err != nil {
			fmt.Println("avx512:", test, err)
			status = 1
		}
	}
	return status
}
