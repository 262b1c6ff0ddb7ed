//go:build !linux

package main

import (
	"errors"
	"io"
	"time"
)

func soakSweep(string, time.Duration, io.Writer) error {
	return errors.New("sweeps are watched on Linux alone")
}
