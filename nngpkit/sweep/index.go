package sweep

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/wholefile"
)

// LoadScores reads a table of scores from a file.
func LoadScores(path string) (*ScoreTable, error) {
	b, err := plainfile.Read(path, maxScores)
	if err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	t, err := decodeScores(b)
	if err != nil {
		return nil, fmt.Errorf("sweep: %s: %w", path, err)
	}
	return t, nil
}

// IndexScores writes README.md, a list of the tables in a folder, into it. A
// README.md that it did not write is an error, and stays.
func IndexScores(dir string) error {
	if err := checkIndex(dir); err != nil {
		return err
	}
	var tables []*ScoreTable
	for _, name := range tableNames() {
		path := filepath.Join(dir, name+".parquet")
		if _, err := os.Stat(path); err != nil {
			continue
		}
		t, err := LoadScores(path)
		if err != nil {
			return err
		}
		tables = append(tables, t)
	}
	if err := wholefile.Write(filepath.Join(dir, "README.md"), indexOf(tables)); err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	return nil
}

// tableNames returns the names of all tables that this project computes.
func tableNames() []string {
	var names []string
	for _, e := range Experiments() {
		names = append(names, e.Name)
	}
	for _, e := range NoiseTables() {
		names = append(names, e.Name)
	}
	return names
}

const indexHead = `# Computed tables of scores

Written by ` + "`nngplab scores compute`" + `; do not edit. NNGP scores of
NAS-Bench-101 cells on CIFAR-10, a row for each cell, setting, number of members
and number of training images; and, in the tables signals_NAME, peers_NAME and
kernels_NAME, signals of random networks of NAS-Bench-101, NAS-Bench-201 and the MnasNet
spaces, a row for each network and seed. No trained accuracy is in them.
Parquet, compressed with zstd; scores are rounded to float32. Cells come in
order of hash. In Go: ` + "`study.OpenScores`" + `. The metadata of each file hold
what this list says.
`

func indexOf(tables []*ScoreTable) []byte {
	var b bytes.Buffer
	b.WriteString(indexHead)
	b.WriteString("\n| table | what | cells | rows | columns | processor time | command |\n|---|---|---|---:|---:|---:|---|\n")
	for _, t := range tables {
		i := t.Info
		done := fmt.Sprintf("%s: %d", i.Cells, i.CellsDone)
		if !i.Whole() {
			done += fmt.Sprintf(" of %d, **not whole**", i.CellsOf)
		}
		if i.CellsReused > 0 {
			done += fmt.Sprintf("; rows of %d reused from the table before", i.CellsReused)
		}
		fmt.Fprintf(&b, "| [%s](%s.parquet) | %s | %s | %d | %d | %.0f s | `%s` |\n", i.Name, i.Name, i.About, done, i.Rows, t.Frame.Ncol(), i.CPUSeconds, i.Command)
	}
	b.WriteString("\n| table | images | instructions | version | Go | date |\n|---|---|---|---|---|---|\n")
	for _, t := range tables {
		i := t.Info
		fmt.Fprintf(&b, "| %s | %s (%s) | %s | %s | %s | %s |\n", i.Name, i.Images, i.Pixels, strings.Join(i.Levels, ", "), i.Version, i.Go, i.Date)
	}
	if len(tables) > 0 {
		fmt.Fprintf(&b, "\nColumns: `%s`.\n", strings.Join(tables[0].Frame.Names(), "`, `"))
	}
	for _, e := range []struct {
		name    string
		columns []noiseColumn
	}{
		{"signals_NAME", ownColumns}, {"signals_NAME of the MnasNet spaces", codesColumns}, {"signals_mnasnetwide, beside", freeColumns},
		{"peers_NAME", proxyColumns}, {"peers_NAME of cells, beside", pairColumns}, {"kernels_NAME", kernelColumns},
	} {
		fmt.Fprintf(&b, "\n| column of %s | what |\n|---|---|\n", e.name)
		for _, c := range e.columns {
			fmt.Fprintf(&b, "| `%s` | %s |\n", c.name, c.about)
		}
	}
	b.WriteString("\nBeside these `hash`, `seed`, `level` and `cell`. Values that are not defined, as of a network that passes\nnothing on, are NaN. Times are processor seconds of one core.\n")
	return b.Bytes()
}
