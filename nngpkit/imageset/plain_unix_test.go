//go:build unix

package imageset

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestNoPlainFile: a pipe that nobody writes to, or a device that never ends, in
// place of any file that is read, is refused at once.
func TestNoPlainFile(t *testing.T) {
	dir := t.TempDir()
	write := func(rel, text string) {
		path := filepath.Join(dir, rel)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("tiny/wnids.txt", "n01\n")
	write("tiny/val/val_annotations.txt", "val_0.JPEG\tn01\n")
	write("tiny/val/images/val_0.JPEG", "x")
	write("folder/class/b.jpg", "x")
	write("idx/train-labels-idx1-ubyte", string(idxBytes(1)))
	ctx := context.Background()
	load := func(name, sub string) func() error {
		return func() error {
			_, err := loadFrom(ctx, name, filepath.Join(dir, sub), DecodeConfig{NoCache: true})
			return err
		}
	}
	for _, c := range []struct {
		rel  string
		read func() error
	}{
		{"cifar/data_batch_1_a.bin", load("cifar10", "cifar")}, {"cifar/data_batch_1.bin", load("cifar10", "cifar")},
		{"cifar/train.bin", load("cifar100", "cifar")},
		{"idx/train-images-idx3-ubyte", load("mnist", "idx")}, {"idx/train-images-idx3-ubyte.gz", load("mnist", "idx")},
		{"idx/train-labels-idx1-ubyte", load("mnist", "idx")},
		{"tiny/val/images/val_0.JPEG", load("tiny-imagenet-200-val", "tiny")}, {"tiny/wnids.txt", load("tiny-imagenet-200-val", "tiny")},
		{"tiny/words.txt", load("tiny-imagenet-200-val", "tiny")}, {"tiny/val/val_annotations.txt", load("tiny-imagenet-200-val", "tiny")},
		{"tar/val.tar", load("tiny-imagenet-200-val", "tar")}, {"tar/tiny-imagenet-200.zip", load("tiny-imagenet-200-val", "tar")},
		{"folder/class/a.jpg", func() error {
			_, err := ReadFolder(ctx, filepath.Join(dir, "folder"), DecodeConfig{NoCache: true})
			return err
		}},
		{"tiny/.nngplab.json", load("tiny-imagenet-200-val", "tiny")},
	} {
		path := filepath.Join(dir, c.rel)
		before, berr := os.ReadFile(path)
		for what, put := range map[string]func() error{
			"pipe":   func() error { return syscall.Mkfifo(path, 0o600) },
			"device": func() error { return os.Symlink("/dev/zero", path) },
		} {
			os.MkdirAll(filepath.Dir(path), 0o755)
			os.Remove(path)
			if err := put(); err != nil {
				t.Skip(err)
			}
			done := inBackground(c.read)
			select {
			case err := <-done:
				if err == nil || !strings.Contains(err.Error(), "is no plain file") && !strings.Contains(err.Error(), ErrNotHere.Error()) {
					t.Errorf("%s, a %s: %v", c.rel, what, err)
				}
			case <-time.After(30 * time.Second):
				t.Fatalf("%s, a %s: hangs", c.rel, what)
			}
			os.Remove(path)
		}
		if berr == nil {
			write(c.rel, string(before))
		}
	}
}

// inBackground runs read and returns its error when it comes.
func inBackground(read func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- read() }()
	return done
}
