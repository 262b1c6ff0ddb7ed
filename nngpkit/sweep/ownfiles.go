package sweep

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/nngplab/nngplab/internal/filesum"
	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/wholefile"
)

// maxScores bounds the table of scores that is read; that of a whole space has
// some hundred megabytes.
const maxScores = 2 << 30

// scoreSumKey is the key of the metadata that hold the checksum.
const scoreSumKey = scoreMeta + "file"

// decodeScores reads a table of scores. One that has a checksum is verified
// before anything in it is believed; those of earlier versions have none.
func decodeScores(data []byte) (*ScoreTable, error) {
	err := filesum.Verify(data)
	if err != nil && !(errors.Is(err, filesum.ErrUnsigned) && !bytes.Contains(data, []byte(scoreSumKey))) {
		return nil, err
	}
	return parseScores(data)
}

// CheckScoresFolder returns an error if computing these tables into a folder
// would overwrite a file that this program did not write or could not write
// one, or a table there cannot be read: before hours are spent on it.
func CheckScoresFolder(dir string, names ...string) error {
	if err := checkIndex(dir); err != nil {
		return err
	}
	written := []string{filepath.Join(dir, "README.md")}
	for _, name := range names {
		path := filepath.Join(dir, name+".parquet")
		if err := checkScores(path); err != nil {
			return err
		}
		written = append(written, path)
	}
	for _, path := range written {
		if err := wholefile.Check(path); err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
	}
	for _, name := range tableNames() {
		_, err := LoadScores(filepath.Join(dir, name+".parquet"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// checkScores returns an error if a file is there that is no table of scores.
func checkScores(path string) error {
	b, err := plainfile.Read(path, maxScores)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	if !bytes.HasPrefix(b, []byte("PAR1")) || !bytes.Contains(b, []byte(scoreMeta+"cells.done")) {
		return fmt.Errorf("sweep: %s is no table of scores, and is not overwritten: choose another folder, or move it away", path)
	}
	return nil
}

// checkIndex returns an error if a folder has a README.md that IndexScores did
// not write.
func checkIndex(dir string) error {
	if err := plainfile.BeginsWith(filepath.Join(dir, "README.md"), indexHead[:strings.Index(indexHead, ";")]); err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	return nil
}
