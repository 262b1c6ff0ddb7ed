package nasbench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"sync"

	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/wholefile"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// ErrUnknownHash says that no cell of the space has a hash. It is a
// space.ErrUnknownKey too.
var ErrUnknownHash error = unknownHash{}

type unknownHash struct{}

func (unknownHash) Error() string { return "no cell of the NAS-Bench-101 space has this hash" }

func (unknownHash) Is(target error) bool { return target == space.ErrUnknownKey }

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
	order := make([]int32, len(specs))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return compareHash(sums[a][:], sums[b][:]) })
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
	idx, err := buildIndex(ctx, wholeSpace())
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
	data, err := plainfile.Read(path, int64(len(indexMagic)+Size*indexRecord+sha256.Size))
	if err != nil {
		return nil, err
	}
	idx, err := parseIndex(data, Size)
	if err != nil {
		return nil, fmt.Errorf("nasbench: %s %w", path, err)
	}
	return idx, nil
}

// parseIndex reads an index of so many cells.
func parseIndex(data []byte, cells int) (hashIndex, error) {
	want := len(indexMagic) + cells*indexRecord + sha256.Size
	if len(data) != want || !bytes.HasPrefix(data, []byte(indexMagic)) {
		return nil, errors.New("is no hash index")
	}
	body, sum := data[:want-sha256.Size], data[want-sha256.Size:]
	if s := sha256.Sum256(body); !bytes.Equal(s[:], sum) {
		return nil, errors.New("is damaged: wrong checksum")
	}
	return hashIndex(body[len(indexMagic):]), nil
}

// writeIndex keeps the index, unless something else is in its place.
func writeIndex(path string, idx hashIndex) error {
	if f, err := plainfile.Open(path); err == nil {
		head := make([]byte, len(indexMagic))
		n, _ := io.ReadFull(f, head)
		f.Close()
		if string(head[:n]) != indexMagic {
			return fmt.Errorf("nasbench: %s is no hash index, and stays as it is", path)
		}
	}
	data := append([]byte(indexMagic), idx...)
	sum := sha256.Sum256(data)
	return wholefile.Write(path, append(data, sum[:]...))
}
