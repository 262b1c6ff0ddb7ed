package imageset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/wholefile"
)

// A cache file holds decoded images: the magic string, the length of a JSON
// header (8 bytes, little-endian), the header, the pixels, and the SHA-256 of
// all that.
const cacheMagic = "nngplab images 1\n"

type cacheHeader struct {
	H, W, C int
	Labels  []int
	Classes []string
}

// decodeCached completes s with the decoded files, out of the cache where they
// are there.
func decodeCached(ctx context.Context, s *Set, files []imageFile, cfg DecodeConfig) (*Set, error) {
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: %w", s.Source, errNoImages)
	}
	cache := ""
	if !cfg.NoCache {
		cache = cacheFile(s, files, cfg)
	}
	if cache != "" && readCache(cache, s, len(files), cfg.Size*cfg.Size*3) == nil {
		cfg.Progress(len(files), len(files))
		return s, nil
	}
	if err := decodeAll(ctx, s, files, cfg); err != nil {
		return nil, err
	}
	if cache != "" {
		// A cache that cannot be written costs time later on, nothing else.
		_ = writeCache(cache, s)
	}
	return s, nil
}

// cacheFile returns the name of the cache file for the listed files, or "" if
// there is no place for one.
func cacheFile(s *Set, files []imageFile, cfg DecodeConfig) string {
	dir := cfg.CacheDir
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(base, "nngplab", "images")
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s%d %d\n%q\n", cacheMagic, cfg.Size, cfg.Resize, s.Classes)
	for _, f := range files {
		fmt.Fprintf(h, "%q %d %d %s\n", f.name, f.label, f.size, f.stamp)
	}
	return filepath.Join(dir, hex.EncodeToString(h.Sum(nil)[:16])+".images")
}

// cacheSlack is what a cache may hold beside its pixels and 32 bytes per image.
const cacheSlack = 64 << 20

// readCache fills s from a cache file of at most so many images of so many
// values. It returns an error, and leaves s alone, if the file is absent or not
// exactly what writeCache wrote; a damaged one is removed.
func readCache(name string, s *Set, images, values int) error {
	ours, err := isCache(name)
	if err != nil {
		return err
	}
	if !ours {
		return fs.ErrNotExist
	}
	data, err := plainfile.Read(name, int64(images)*int64(values+32)+cacheSlack)
	if err != nil {
		return err
	}
	if err := parseCache(data, s); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", name, err), os.Remove(name))
	}
	return nil
}

func parseCache(data []byte, s *Set) error {
	body := len(data) - sha256.Size
	start := len(cacheMagic) + 8
	if body < start || string(data[:len(cacheMagic)]) != cacheMagic {
		return errors.New("is no cache of images")
	}
	if sum := sha256.Sum256(data[:body]); !bytes.Equal(sum[:], data[body:]) {
		return errors.New("its digest is wrong")
	}
	n := binary.LittleEndian.Uint64(data[len(cacheMagic):])
	if n > uint64(body-start) {
		return errors.New("its header is cut short")
	}
	var h cacheHeader
	if err := json.Unmarshal(data[start:start+int(n)], &h); err != nil {
		return err
	}
	t := *s
	t.H, t.W, t.C, t.Labels, t.Classes = h.H, h.W, h.C, h.Labels, h.Classes
	t.Pixels = data[start+int(n) : body : body]
	if err := t.Check(); err != nil {
		return err
	}
	*s = t
	return nil
}

// writeCache writes a cache file. Another file of that name stays as it is.
func writeCache(name string, s *Set) error {
	if _, err := isCache(name); err != nil {
		return err
	}
	header, err := json.Marshal(cacheHeader{s.H, s.W, s.C, s.Labels, s.Classes})
	if err != nil {
		return err
	}
	return wholefile.Place(name, func(f io.Writer) error {
		sum := sha256.New()
		w := io.MultiWriter(f, sum)
		for _, part := range [][]byte{[]byte(cacheMagic), binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header, s.Pixels} {
			if _, err := w.Write(part); err != nil {
				return err
			}
		}
		_, err := f.Write(sum.Sum(nil))
		return err
	})
}

// isCache reports whether a file begins as a cache does; one that does not is
// an error.
func isCache(name string) (bool, error) {
	f, err := plainfile.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	head := make([]byte, len(cacheMagic))
	if n, _ := io.ReadFull(f, head); string(head[:n]) != cacheMagic {
		return false, fmt.Errorf("%s: is no cache of images, and stays as it is", name)
	}
	return true, nil
}
