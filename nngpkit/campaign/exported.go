package campaign

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/go-gota/gota/dataframe"

	"github.com/nngplab/nngplab/internal/filesum"
	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/nngpkit/frame"
)

// Keys of the metadata of an exported table.
const (
	// ExportedKey holds the plan, without the texts of a list.
	ExportedKey     = "nngplab.sweep"
	exportedHashKey = ExportedKey + ".plan_hash"
	exportedSumKey  = ExportedKey + ".file"
)

// maxExported bounds the exported table that is read, in bytes.
const maxExported = 2 << 30

// Exported is a table of scores in a file, and the plan that it is of. Its rows
// may be some of the plan's.
type Exported struct {
	Plan  *Plan // without the texts of a list
	Frame dataframe.DataFrame
}

// WriteTable writes what Table returned as a Parquet file, with the plan and a
// checksum in its metadata. Numbers that are not whole are rounded to float32 if
// float32s is true. ReadTable reads it.
func (p *Plan) WriteTable(w io.Writer, df dataframe.DataFrame, float32s bool) error {
	short := *p
	short.Cells.Texts = nil // the table has them
	head, err := json.Marshal(&short)
	if err != nil {
		return fmt.Errorf("campaign: %w", err)
	}
	write := frame.WriteParquet
	if float32s {
		write = frame.WriteParquetFloat32
	}
	return filesum.Write(w, func(w io.Writer) error {
		return write(w, df, [2]string{ExportedKey, string(head)}, [2]string{exportedHashKey, p.Hash}, [2]string{exportedSumKey, filesum.Place()})
	})
}

// ReadTable reads a table that WriteTable wrote. A changed or missing byte is an
// error.
func ReadTable(data []byte) (*Exported, error) {
	if err := filesum.Verify(data); err != nil {
		return nil, fmt.Errorf("campaign: %w", err)
	}
	df, meta, err := frame.ReadParquet(data)
	if err != nil {
		return nil, fmt.Errorf("campaign: %w", err)
	}
	x := &Exported{Plan: new(Plan), Frame: df}
	if err := strictly([]byte(meta[ExportedKey]), x.Plan); err != nil {
		return nil, fmt.Errorf("campaign: the plan in the table: %w", err)
	}
	if err := x.check(meta[exportedHashKey]); err != nil {
		return nil, fmt.Errorf("campaign: the plan in the table: %w", err)
	}
	return x, nil
}

// check returns what is wrong with the plan of a table, or nil.
func (x *Exported) check(hash string) error {
	if x.Plan.Hash != hash {
		return errors.New("its hash is another one than the table's")
	}
	if x.Plan.Cells.Choice != List {
		return x.Plan.Check()
	}
	if x.Plan.Format != Format {
		return fmt.Errorf("plan format %d, this version reads %d", x.Plan.Format, Format)
	}
	for _, m := range x.Plan.Measurements {
		if err := m.check(); err != nil {
			return err
		}
	}
	return nil
}

// LoadTable is ReadTable of a file.
func LoadTable(path string) (*Exported, error) {
	b, err := plainfile.Read(path, maxExported)
	if err != nil {
		return nil, fmt.Errorf("campaign: %w", err)
	}
	x, err := ReadTable(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return x, nil
}
