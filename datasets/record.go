package datasets

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"github.com/nngplab/nngplab/datasets/internal/download"
	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/wholefile"
)

// maxRecord bounds the record that is read: of ImageNet's 1.3 million files it
// has some 200 MB.
const maxRecord = 1 << 30

// recordFile is the name of the record that Fetch leaves in the folder of a
// set that it placed.
const recordFile = ".nngplab.json"

// Record says what Fetch placed, so that Verify can tell later damage even
// where nobody published a digest.
type Record struct {
	Set     string    `json:"set"`
	Placed  time.Time `json:"placed"`
	Sources []Source  `json:"sources"` // as downloaded: exact size and SHA-256
	Files   []File    `json:"files"`

	once   sync.Once
	byPath map[string]File
}

// ReadRecord returns the record in the folder of a set, or nil if the set was
// placed by other means. It returns an error if there is a record that cannot
// be read.
func ReadRecord(dir string) (*Record, error) {
	name := filepath.Join(dir, recordFile)
	data, err := plainfile.Read(name, maxRecord)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parseRecord(data, name)
}

// parseRecord reads and checks a record; the name is its file's, for messages.
func parseRecord(data []byte, name string) (*Record, error) {
	r := &Record{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for i, f := range r.Files {
		if !localPath(f.Path) || f.Bytes < 0 || !isDigest(f.SHA256, 32) {
			return nil, fmt.Errorf("%s: files[%d]: %q, %d bytes, sha256 %q: is damaged", name, i, f.Path, f.Bytes, f.SHA256)
		}
	}
	return r, nil
}

func (r *Record) write(dir string) error {
	data, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return wholefile.Write(filepath.Join(dir, recordFile), append(data, '\n'))
}

// redacted returns the sources with addresses that hold no secrets.
func redacted(sources []Source) []Source {
	out := append([]Source(nil), sources...)
	for i := range out {
		out[i].URL = download.Redact(out[i].URL)
	}
	return out
}
