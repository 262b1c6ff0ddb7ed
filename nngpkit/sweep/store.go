package sweep

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/gofrs/flock"

	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// CacheEnv names the environment variable that holds the folder of kept
// scores; unset, it is nngplab/scores below the user's cache folder.
const CacheEnv = "NNGPLAB_SCORES"

// keptFile keeps what was computed of cells in one setting on one set of
// images: a header line, then a line a cell, appended as they are computed. Of
// two lines of a cell the later counts. A last line that is cut off, as by a
// power failure, is dropped; other damage is an error.
type keptFile[T any] struct {
	mu     sync.Mutex
	scores map[string]T
	file   appendFile
	length int64 // of the whole lines
	broken error // why nothing more can be written
	lock   *flock.Flock
}

// A KeptError says that a file of kept scores, or the folder of them, is none or is
// damaged.
type KeptError struct{ err error }

// Error implements error.
func (e *KeptError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *KeptError) Unwrap() error { return e.err }

func keptError(format string, args ...any) error {
	return &KeptError{fmt.Errorf("sweep: "+format, args...)}
}

// appendFile is what is asked of a file that grows.
type appendFile interface {
	io.WriteSeeker
	Truncate(size int64) error
	Sync() error
	Close() error
}

// keptPath returns the file of what the header says, and its first line.
func keptPath(header any) (path string, line []byte, err error) {
	dir, err := scoreDir()
	if err != nil {
		return "", nil, err
	}
	if err := plainfile.Folder(dir); err != nil {
		return "", nil, keptError("%s: %w", CacheEnv, err)
	}
	if line, err = json.Marshal(header); err != nil {
		return "", nil, err
	}
	sum := sha256.Sum256(line)
	return filepath.Join(dir, hex.EncodeToString(sum[:8])+".jsonl"), line, nil
}

// readKept reads the file of what the header says as far as it is written,
// whoever is writing it. Nothing can be put.
func readKept[T any](header any) (*keptFile[T], error) {
	path, line, err := keptPath(header)
	if err != nil {
		return nil, err
	}
	f := &keptFile[T]{scores: map[string]T{}}
	in, err := plainfile.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, keptError("%w", err)
	}
	defer in.Close()
	return f, f.read(path, in, line)
}

// openKept opens the file of what the header says, and locks it against other
// processes.
func openKept[T any](header any) (*keptFile[T], error) {
	path, line, err := keptPath(header)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	f := &keptFile[T]{scores: map[string]T{}, lock: flock.New(path + ".lock")}
	if err := plainfile.OrNone(path + ".lock"); err != nil {
		return nil, keptError("%w", err)
	}
	if ok, err := f.lock.TryLock(); err != nil {
		return nil, fmt.Errorf("sweep: %s: %w", path, err)
	} else if !ok {
		return nil, fmt.Errorf("sweep: another process is scoring cells with the same setting (%s is locked)", path)
	}
	if err := f.open(path, line); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

func scoreDir() (string, error) {
	if dir := os.Getenv(CacheEnv); dir != "" {
		return dir, nil
	}
	base, err := os.UserCacheDir()
	if err != nil {
		return "", keptError("no folder to keep scores in: %w (name one in %s)", err, CacheEnv)
	}
	return filepath.Join(base, "nngplab", "scores"), nil
}

// digest identifies images and labels.
func digest(set *imageset.Set) string {
	h := sha256.New()
	fmt.Fprintln(h, set.H, set.W, set.C, len(set.Labels), len(set.Classes))
	h.Write(set.Pixels)
	for _, l := range set.Labels {
		fmt.Fprintln(h, l)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// EngineMark identifies what computes scores on this machine, down to the last
// bit: two that have the same mark compute the same scores.
func EngineMark() (string, error) { return engineMark() }

// Digest identifies images and labels.
func Digest(set *imageset.Set) string { return digest(set) }

// engineMark identifies what computes scores, down to the last bit: it is a
// digest of the rows of two networks on a few drawn images, a small one and a
// wide one, which the engine runs in different ways. Scores that another version
// of this library, or another kind of processor, computed a little differently
// are told apart by it.
var engineMark = sync.OnceValues(func() (string, error) {
	h := sha256.New()
	for _, m := range []struct{ width, train, val int }{{8, 20, 10}, {128, 6, 3}} {
		net, err := MarkNetwork(m.width)
		if err != nil {
			return "", fmt.Errorf("sweep: %w", err)
		}
		p := Pass{Setting: Setting{Width: m.width, Train: m.train, Val: m.val}, At: []int{2}}.Resolved()
		rows, err := MeasureNetwork(context.Background(), net, imageset.Drawn(30, 0), p, 1, nil, "")
		if err != nil {
			return "", fmt.Errorf("sweep: a first small score: %w", err)
		}
		for _, r := range rows {
			for _, name := range valueColumns() {
				if name != forwardColumn && name != secondsColumn {
					fmt.Fprintf(h, "%s %x\n", name, r.Values[name])
				}
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
})

// MarkNetwork returns a network that has what the engine runs in ways of its own:
// 3x3 and 1x1 convolutions, of odd numbers of channels too, sums, concatenations
// and both kinds of pooling.
func MarkNetwork(width int) (*arch.Network, error) {
	layer := func(kernel, channels int) arch.Layer {
		return arch.Layer{Kernel: kernel, Channels: channels, Norm: true, Act: arch.ReLU}
	}
	b := arch.NewBuilder("mark", arch.Shape{H: 32, W: 32, C: 3})
	x := b.Conv(0, layer(3, width))
	for _, c := range []int{width, 2 * width} {
		one, three := b.Conv(x, layer(1, c-3)), b.Conv(x, layer(3, c))
		pool := b.MaxPool(b.Conv(x, layer(1, 3)), 3, 1)
		deep := b.Conv(b.Sum(c-3, one, three), layer(3, c-3))
		x = b.MaxPool(b.Sum(c, b.Concat(deep, pool), b.Conv(x, layer(1, c))), 2, 2)
	}
	b.GlobalAvgPool(x)
	return b.Network(10)
}

func (f *keptFile[T]) open(path string, head []byte) error {
	file, err := plainfile.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return keptError("%w", err)
	}
	f.file = file
	if err := f.read(path, file, head); err != nil {
		return err
	}
	if err := f.cut(); err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	if f.length == 0 {
		return f.write(append(head, '\n'))
	}
	return nil
}

// cut drops what follows the whole lines.
func (f *keptFile[T]) cut() error {
	if err := f.file.Truncate(f.length); err != nil {
		return err
	}
	_, err := f.file.Seek(f.length, io.SeekStart)
	return err
}

// write appends a line. One that is written in part, as where the disk is full, is
// taken back, so that the next does not follow half a line.
func (f *keptFile[T]) write(line []byte) error {
	if f.broken != nil {
		return f.broken
	}
	_, err := f.file.Write(line)
	if err == nil {
		f.length += int64(len(line))
		return nil
	}
	if cerr := f.cut(); cerr != nil {
		f.broken = errors.Join(err, cerr)
	}
	return err
}

// get returns what is kept of a cell.
func (f *keptFile[T]) get(spec space.Architecture) (T, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.scores[spec.String()]
	return s, ok
}

// put keeps the score of a cell.
func (f *keptFile[T]) put(spec space.Architecture, s T) error {
	line, err := formatKept(spec.String(), s)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.write(line); err != nil {
		return err
	}
	f.scores[spec.String()] = s
	return nil
}

// close syncs the file and gives up the lock; a second call does nothing.
func (f *keptFile[T]) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var err error
	if f.file != nil {
		err = errors.Join(f.file.Sync(), f.file.Close())
		f.file = nil
	}
	if f.lock != nil {
		err = errors.Join(err, f.lock.Unlock())
		f.lock = nil
	}
	return err
}
