package datasets

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	"github.com/nngplab/nngplab/internal/plainfile"
)

// digests are the size and the digests of a file.
type digests struct {
	bytes       int64
	sha256, md5 string
}

// digestFile reads a whole file. MD5 is computed only if asked for.
func digestFile(ctx context.Context, name string, withMD5 bool, progress func(done, total int64)) (digests, error) {
	f, err := plainfile.Open(name)
	if err != nil {
		return digests{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return digests{}, err
	}
	sha := sha256.New()
	hashes := []hash.Hash{sha}
	if withMD5 {
		hashes = append(hashes, md5.New())
	}
	buf := make([]byte, 1<<18)
	var d digests
	for {
		n, err := f.Read(buf)
		for _, h := range hashes {
			h.Write(buf[:n])
		}
		d.bytes += int64(n)
		if progress != nil && n > 0 {
			progress(d.bytes, info.Size())
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return digests{}, err
		}
		if err := ctx.Err(); err != nil {
			return digests{}, err
		}
	}
	d.sha256 = hex.EncodeToString(sha.Sum(nil))
	if withMD5 {
		d.md5 = hex.EncodeToString(hashes[1].Sum(nil))
	}
	return d, nil
}

// WrongFileError says that a file is not what the manifest describes.
type WrongFileError struct {
	Path, What, Want, Got string
}

// Error names the file, what differs, and both values.
func (e *WrongFileError) Error() string {
	return fmt.Sprintf("%s: %s is %s, must be %s", e.Path, e.What, e.Got, e.Want)
}

// matches compares a file's digests with what is known of the source.
func (s *Source) matches(name string, d digests) error {
	switch {
	case s.Bytes > 0 && d.bytes != s.Bytes:
		return &WrongFileError{name, "its size", fmt.Sprint(s.Bytes), fmt.Sprint(d.bytes)}
	case s.SHA256 != "" && d.sha256 != s.SHA256:
		return &WrongFileError{name, "its SHA-256", s.SHA256, d.sha256}
	case s.MD5 != "" && d.md5 != s.MD5:
		return &WrongFileError{name, "its MD5", s.MD5, d.md5}
	}
	return nil
}
