//go:build !unix || solaris

package main

import (
	"errors"
	"os"
)

// replaceStderr cannot be done here.
func replaceStderr(*os.File) error { return errors.ErrUnsupported }
