package batch

import (
	"context"
	"os"
	"path/filepath"

	"github.com/nngplab/nngplab/internal/gokernel"
)

// addressSpace bounds what a process of a test takes, in MB.
const addressSpace = 8192

// Built returns the kernel of the environment variable NNGPLAB_KERNEL, the path
// of a binary, or else that of this checkout, which it builds where something
// has changed. say is told what is being done.
func Built(ctx context.Context, say func(string)) (*Kernel, error) {
	if path := os.Getenv("NNGPLAB_KERNEL"); path != "" {
		return At(path)
	}
	b, err := gokernel.BuildKernel(ctx, gokernel.BuildOptions{Progress: say})
	if err != nil {
		return nil, err
	}
	return At(b.Binary)
}

// At returns the kernel of the binary at path.
func At(path string) (*Kernel, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	_, err = os.Stat(abs)
	return &Kernel{Binary: abs, MemoryMB: addressSpace}, err
}
