package sweep

import (
	"bufio"
	"bytes"
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
	file   *os.File
	lock   *flock.Flock
}

// keptLine is one cell's line. The cell is written out, in the vertex order in
// which it was scored.
type keptLine[T any] struct {
	Cell  string `json:"cell"`
	Score T      `json:"score"`
}

// keptPath returns the file of what the header says, and its first line.
func keptPath(header any) (path string, line []byte, err error) {
	dir, err := scoreDir()
	if err != nil {
		return "", nil, err
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
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	_, err = f.parse(path, b, line)
	return f, err
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
		return "", fmt.Errorf("sweep: no folder to keep scores in: %w (name one in %s)", err, CacheEnv)
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
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("sweep: %w", err)
	}
	whole, err := f.parse(path, b, head)
	if err != nil {
		return err
	}
	if f.file, err = os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644); err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	if err := f.file.Truncate(int64(whole)); err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	if _, err := f.file.Seek(0, io.SeekEnd); err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	if whole == 0 {
		_, err = f.file.Write(append(head, '\n'))
	}
	return err
}

// parse reads the whole lines of b and returns their length.
func (f *keptFile[T]) parse(path string, b, head []byte) (int, error) {
	whole := bytes.LastIndexByte(b, '\n') + 1
	scan := bufio.NewScanner(bytes.NewReader(b[:whole]))
	scan.Buffer(nil, 1<<20)
	for n := 1; scan.Scan(); n++ {
		if n == 1 {
			if !bytes.Equal(scan.Bytes(), head) {
				return 0, fmt.Errorf("sweep: %s, line 1: scores of another setting (delete the file to start anew)", path)
			}
			continue
		}
		var l keptLine[T]
		if err := json.Unmarshal(scan.Bytes(), &l); err != nil || l.Cell == "" {
			return 0, fmt.Errorf("sweep: %s, line %d: not a score: %v (delete the file to start anew)", path, n, err)
		}
		f.scores[l.Cell] = l.Score
	}
	if err := scan.Err(); err != nil {
		return 0, fmt.Errorf("sweep: %s: %w (delete the file to start anew)", path, err)
	}
	return whole, nil
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
	line, err := json.Marshal(keptLine[T]{spec.String(), s})
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.scores[spec.String()] = s
	_, err = f.file.Write(append(line, '\n'))
	return err
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
