package nasbench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"github.com/nngplab/nngplab/nngpkit/nasbench/internal/md5x8"
)

// ErrUnknownHash says that no cell of the space has a hash.
var ErrUnknownHash = errors.New("no cell of the NAS-Bench-101 space has this hash")

// HashAll returns the hash of every spec, in order, computed on all
// processors. progress, where not nil, is called now and then with the number
// done, from one goroutine at a time. A cancelled context ends it with the
// context's error.
func HashAll(ctx context.Context, specs []Spec, progress func(done, total int64)) ([]string, error) {
	sums, err := hashAll(ctx, specs, progress)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(sums))
	for i := range sums {
		out[i] = hex.EncodeToString(sums[i][:])
	}
	return out, nil
}

func hashAll(ctx context.Context, specs []Spec, progress func(done, total int64)) ([][16]byte, error) {
	const block = 4096
	out := make([][16]byte, len(specs))
	order := byMatrix(specs)
	var next, done atomic.Int64
	var report sync.Mutex
	var wg sync.WaitGroup
	for w := 0; w < runtime.GOMAXPROCS(0); w++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var l lanes
			for ctx.Err() == nil {
				lo := int(next.Add(block)) - block
				if lo >= len(specs) {
					return
				}
				hi := min(lo+block, len(specs))
				l.hashBlock(specs, order[lo:hi], out)
				d := done.Add(int64(hi - lo))
				if progress != nil {
					report.Lock()
					progress(d, int64(len(specs)))
					report.Unlock()
				}
			}
		}()
	}
	wg.Wait()
	return out, ctx.Err()
}

// byMatrix returns the specs' indices in order of their matrices, each below
// the matrix as a number.
func byMatrix(specs []Spec) []uint64 {
	order := make([]uint64, len(specs))
	for i := range specs {
		order[i] = (uint64(specs[i].n)<<21|uint64(specs[i].edgeBits()))<<indexBits | uint64(i)
	}
	slices.Sort(order)
	return order
}

const indexBits = 40

// hashBlock hashes the specs of the given indices, eight of one matrix at a
// time where the processor can.
func (l *lanes) hashBlock(specs []Spec, order []uint64, out [][16]byte) {
	index := func(o uint64) int { return int(o & (1<<indexBits - 1)) }
	for len(order) > 0 {
		k := 1
		for k < min(len(order), md5x8.Lanes) && order[k]>>indexBits == order[0]>>indexBits {
			k++
		}
		first := index(order[0])
		switch {
		case specs[first].n == 0: // no cell, no hash
		case k == 1 || !md5x8.Available():
			for _, o := range order[:k] {
				out[index(o)] = specs[index(o)].hash()
			}
		default:
			var cells [md5x8.Lanes]Spec
			var sums [md5x8.Lanes][16]byte
			for j := range cells {
				cells[j] = specs[index(order[min(j, k-1)])]
			}
			l.hash(&cells, &sums)
			for j, o := range order[:k] {
				out[index(o)] = sums[j]
			}
		}
		order = order[k:]
	}
}

// ByHash returns the cell of that hash, as its Canonical representative:
// ErrUnknownHash where there is none. The first call hashes the whole space,
// some seconds of work, and keeps the result in the user's cache directory
// (as os.UserCacheDir finds it), written whole or not at all and checksummed:
// later calls, and later programs, read it. Where that directory cannot be
// written the result is kept in memory only.
func ByHash(ctx context.Context, hash string) (Spec, error) {
	h, err := parseHash(hash)
	if err != nil {
		return Spec{}, err
	}
	idx, err := sharedIndex.get(ctx)
	if err != nil {
		return Spec{}, err
	}
	i, ok := idx.find(h)
	if !ok {
		return Spec{}, fmt.Errorf("nasbench: hash %s: %w", hash, ErrUnknownHash)
	}
	return SpecFromCode(idx.code(i))
}

// hashIndex is the space ordered by hash: records of 16 bytes of hash and 8
// of Spec.Code, little-endian.
type hashIndex []byte

const indexRecord = 24

func (x hashIndex) len() int          { return len(x) / indexRecord }
func (x hashIndex) hash(i int) []byte { return x[i*indexRecord : i*indexRecord+16] }
func (x hashIndex) code(i int) uint64 { return binary.LittleEndian.Uint64(x[i*indexRecord+16:]) }

func (x hashIndex) find(h [16]byte) (int, bool) {
	i := sort.Search(x.len(), func(i int) bool { return bytes.Compare(x.hash(i), h[:]) >= 0 })
	return i, i < x.len() && bytes.Equal(x.hash(i), h[:])
}

func buildIndex(ctx context.Context, specs []Spec) (hashIndex, error) {
	sums, err := hashAll(ctx, specs, nil)
	if err != nil {
		return nil, err
	}
	order := make([]int, len(specs))
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(a, b int) bool { return bytes.Compare(sums[order[a]][:], sums[order[b]][:]) < 0 })
	x := make(hashIndex, 0, len(specs)*indexRecord)
	for _, i := range order {
		x = append(x, sums[i][:]...)
		x = binary.LittleEndian.AppendUint64(x, specs[i].Code())
	}
	return x, nil
}

// indexMagic starts the file of a hashIndex; a SHA-256 of all before it ends
// it.
const indexMagic = "nngplab nasbench101 hash index 1\n"

// cachedIndex builds a hashIndex once, by way of a file where that works.
type cachedIndex struct {
	path func() (string, error) // of the file

	mu  sync.Mutex
	idx hashIndex
}

var sharedIndex = cachedIndex{path: func() (string, error) {
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "nngplab", "nasbench101-hashes.idx"), err
}}

func (c *cachedIndex) get(ctx context.Context) (hashIndex, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idx != nil {
		return c.idx, nil
	}
	path, perr := c.path()
	if perr == nil {
		if idx, err := readIndex(path); err == nil {
			c.idx = idx
			return idx, nil
		}
	}
	idx, err := buildIndex(ctx, space())
	if err != nil {
		return nil, err
	}
	c.idx = idx
	if perr == nil {
		// The index serves from memory whether or not it could be kept.
		_ = writeIndex(path, idx)
	}
	return idx, nil
}

// readIndex reads and checks the file; any damage is an error.
func readIndex(path string) (hashIndex, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	want := len(indexMagic) + Size*indexRecord + sha256.Size
	if len(data) != want || !bytes.HasPrefix(data, []byte(indexMagic)) {
		return nil, fmt.Errorf("nasbench: %s is no hash index", path)
	}
	body, sum := data[:want-sha256.Size], data[want-sha256.Size:]
	if s := sha256.Sum256(body); !bytes.Equal(s[:], sum) {
		return nil, fmt.Errorf("nasbench: %s is damaged: wrong checksum", path)
	}
	return hashIndex(body[len(indexMagic):]), nil
}

func writeIndex(path string, idx hashIndex) error {
	data := append([]byte(indexMagic), idx...)
	sum := sha256.Sum256(data)
	return writeFileAtomic(path, append(data, sum[:]...))
}

// writeFileAtomic places data at path whole or not at all, making folders as
// needed.
func writeFileAtomic(path string, data []byte) error {
	return placeFile(path, func(f *os.File) error {
		_, err := f.Write(data)
		return err
	})
}

// placeFile lets write fill a temporary file beside path and renames it to
// path once it is on disk; on an error nothing is left behind.
func placeFile(path string, write func(*os.File) error) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".tmp*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err = write(f); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
