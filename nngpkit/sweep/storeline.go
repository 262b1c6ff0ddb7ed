package sweep

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/nngplab/nngplab/internal/linefile"
)

// keptLine is one cell's line. The cell is written out, in the vertex order in
// which it was scored.
type keptLine struct {
	Cell  string          `json:"cell"`
	Score json.RawMessage `json:"score"`

	// Sum is the CRC-32C of the cell and of the score as they are written, in
	// hexadecimal digits; lines of earlier versions have none.
	Sum string `json:"sum,omitempty"`
}

// keptBegin is how every line but the first begins.
const keptBegin = `{"cell":`

// maxKeptLine bounds a line, of which a cell's rows take a small part.
const maxKeptLine = 1 << 20

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (l keptLine) sum() string {
	h := crc32.New(castagnoli)
	h.Write(append([]byte(l.Cell), 0))
	h.Write(l.Score)
	return fmt.Sprintf("%08x", h.Sum32())
}

// formatKept returns the line of a cell, with its end.
func formatKept(cell string, score any) ([]byte, error) {
	l := keptLine{Cell: cell}
	var err error
	if l.Score, err = json.Marshal(score); err != nil {
		return nil, err
	}
	l.Sum = l.sum()
	line, err := json.Marshal(l)
	if err == nil && len(line) >= maxKeptLine {
		err = fmt.Errorf("sweep: cell %s: a line of %d bytes: want less than %d", cell, len(line), maxKeptLine)
	}
	return append(line, '\n'), err
}

// parseKept understands a line.
func parseKept[T any](line []byte) (cell string, score T, err error) {
	var l keptLine
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	switch err := dec.Decode(&l); {
	case err != nil:
		return "", score, fmt.Errorf("not a score: %w", err)
	case l.Cell == "" || dec.InputOffset() < int64(len(line)):
		return "", score, errors.New("not a score")
	case l.Sum != "" && l.Sum != l.sum():
		return "", score, errors.New("the score is damaged: its checksum is another")
	}
	if err := json.Unmarshal(l.Score, &score); err != nil {
		return "", score, fmt.Errorf("not a score: %w", err)
	}
	return l.Cell, score, nil
}

// read reads the whole lines of a file that begins with head, one at a time.
func (f *keptFile[T]) read(path string, r io.Reader, head []byte) error {
	in := bufio.NewReaderSize(r, maxKeptLine)
	f.length = 0
	for n := 1; ; n++ {
		line, err := in.ReadSlice('\n')
		switch {
		case err == io.EOF:
			if !cutOff(line, head, n) {
				return keptError("%s, line %d: not a score, nor the beginning of one (move the file away to start anew)", path, n)
			}
			return nil
		case errors.Is(err, bufio.ErrBufferFull):
			return keptError("%s, line %d: more than %d bytes (move the file away to start anew)", path, n, maxKeptLine)
		case err != nil:
			return fmt.Errorf("sweep: %s: %w", path, err)
		}
		text := line[:len(line)-1]
		if n == 1 && !bytes.Equal(text, head) {
			return keptError("%s, line 1: scores of another setting (move the file away to start anew)", path)
		}
		if n > 1 {
			cell, score, err := parseKept[T](text)
			if err != nil {
				return keptError("%s, line %d: %w (without that line the cell is computed again; without the file, all are)", path, n, err)
			}
			f.scores[cell] = score
		}
		f.length += int64(len(line))
	}
}

// cutOff tells whether what follows the last whole line can be dropped: it is
// nothing, the beginning of line n, or the zeros that a power failure leaves.
func cutOff(rest, head []byte, n int) bool {
	if n > 1 {
		return linefile.IsPart(rest, keptBegin)
	}
	return linefile.IsPart(rest, string(head)) && len(rest) <= len(head)
}
