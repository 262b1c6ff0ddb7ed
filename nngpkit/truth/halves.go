package truth

import (
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/go-gota/gota/dataframe"

	"github.com/nngplab/nngplab/nngpkit/frame"
)

// Choosing reports whether the cell of that hash belongs to the half of the
// cells on which settings are chosen. The other half is for reporting what the
// chosen setting does, on held-out cells. The last hexadecimal digit of a hash
// decides, even or odd: hashes are MD5 sums, so this is a fair coin, the same in
// every table and every run, and independent of their order. Of a key that is no
// hash, such as the text of a NAS-Bench-201 cell, the CRC-32 of its bytes (IEEE)
// decides, even or odd. It panics if the key is empty.
func Choosing(key string) bool {
	if key == "" {
		panic("truth: the key of a cell is empty")
	}
	if strings.Trim(key, "0123456789abcdef") == "" {
		return strings.IndexByte("02468ace", key[len(key)-1]) >= 0
	}
	return crc32.ChecksumIEEE([]byte(key))%2 == 0
}

// Halves splits the rows of a frame by their hash (see Choosing). All rows of a
// cell are in the same half.
func Halves(df dataframe.DataFrame) (choose, report dataframe.DataFrame, err error) {
	if df.Err != nil {
		return df, df, fmt.Errorf("truth: %w", df.Err)
	}
	col := df.Col(frame.KeyColumn)
	if col.Err != nil {
		return df, df, fmt.Errorf("truth: a frame without a column %q cannot be split", frame.KeyColumn)
	}
	var rows [2][]int
	for i, h := range col.Records() {
		if h == "" {
			return df, df, fmt.Errorf("truth: row %d has no hash", i)
		}
		half := 1
		if Choosing(h) {
			half = 0
		}
		rows[half] = append(rows[half], i)
	}
	if choose, err = frame.Checked(df.Subset(rows[0])); err != nil {
		return df, df, err
	}
	report, err = frame.Checked(df.Subset(rows[1]))
	return choose, report, err
}

// Halves splits the cells by their hash (see Choosing): settings are chosen on
// the first half and reported on the second.
func (c *Cells) Halves() (choose, report *Cells, err error) {
	a, b, err := Halves(c.Frame)
	if err != nil {
		return nil, nil, err
	}
	choose, report = &Cells{}, &Cells{}
	*choose, *report = *c, *c
	choose.Frame, report.Frame = a, b
	choose.Architectures, report.Architectures = nil, nil
	for i, h := range c.Frame.Col(frame.KeyColumn).Records() {
		half := report
		if Choosing(h) {
			half = choose
		}
		half.Architectures = append(half.Architectures, c.Architectures[i])
	}
	return choose, report, nil
}

// HalvesOf splits the cells of every table (see Cells.Halves).
func HalvesOf(tables []*Cells) (choose, report []*Cells, err error) {
	for _, t := range tables {
		a, b, err := t.Halves()
		if err != nil {
			return nil, nil, err
		}
		choose, report = append(choose, a), append(report, b)
	}
	return choose, report, nil
}
