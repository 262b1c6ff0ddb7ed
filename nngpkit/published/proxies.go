package published

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/nngplab/nngplab/internal/csvfile"
	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

// proxyFiles hold zero-cost proxies of NAS-Bench-101 cells as NASLib published
// them: a table of a row a cell, and what columns are called that are no proxies; or
// NASLib's own file.
var proxyFiles = []struct {
	file          string
	skip          map[string]bool
	set, original string
	read          func(path string) (*nasbench.Proxies, error)
}{
	{"nasbench101/proxies_official.csv", map[string]bool{"rows": true, "val108_mean": true}, officialSet, naslibFile, nasbench.ReadNASLibProxies},
	{"nasbench101/zen_naslib.csv", map[string]bool{"seconds": true}, zenSet, zenFile, nasbench.ReadZen},
}

// proxies101 returns the published proxies of a table's cells, NaN where none is
// known. Files that are nowhere on this machine, or know none of the cells, give
// no columns.
func proxies101(ctx context.Context, t *nasbench.Table) ([]Column, error) {
	var out []Column
	for _, f := range proxyFiles {
		path, err := locate("proxies", f.file)
		var missing *NotFoundError
		var columns []Column
		switch {
		case err == nil:
			columns, err = readProxies(path, t, f.skip)
		case errors.As(err, &missing):
			if path, err = findOriginal(ctx, f.set, f.original); err == nil && path != "" {
				columns, err = originalProxies(path, t, f.read)
			}
		}
		if err != nil {
			return nil, err
		}
		out = append(out, columns...)
	}
	return out, nil
}

// originalProxies returns the proxies of a table's cells that NASLib's own file has;
// none where it knows none of the cells.
func originalProxies(path string, t *nasbench.Table, read func(path string) (*nasbench.Proxies, error)) ([]Column, error) {
	p, err := read(path)
	if err != nil {
		return nil, fmt.Errorf("published: %w", err)
	}
	out := make([]Column, len(p.Names))
	known := false
	for i, name := range p.Names {
		out[i] = Column{Name: ProxyPrefix + name, Values: make([]float64, t.Len())}
		for k := range out[i].Values {
			out[i].Values[k] = math.NaN()
			if v := p.Values[t.Hash(k)]; v != nil {
				out[i].Values[k], known = v[i], true
			}
		}
	}
	if !known {
		return nil, nil
	}
	return out, nil
}

// readProxies reads a file of proxies: module_hash, and a column for each. It
// returns an error that names file, line and column for a value that is no
// number, and for a cell that comes twice.
func readProxies(path string, t *nasbench.Table, skip map[string]bool) ([]Column, error) {
	file, err := plainfile.Open(path)
	if err != nil {
		return nil, fmt.Errorf("published: %w", err)
	}
	defer file.Close()
	r := csvfile.NewReader(file)
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("published: %s: header: %w", path, err)
	}
	key, columns := -1, make([]*Column, len(header))
	for i, name := range header {
		switch name = strings.TrimSpace(name); {
		case name == "module_hash":
			key = i
		case !skip[name]:
			c := &Column{Name: ProxyPrefix + name, Values: make([]float64, t.Len())}
			for k := range c.Values {
				c.Values[k] = math.NaN()
			}
			columns[i] = c
		}
	}
	if key < 0 {
		return nil, fmt.Errorf("published: %s: no column module_hash", path)
	}
	seen := map[string]int{}
	known := false
	for row := 1; ; row++ {
		fields, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("published: %s: row %d: %w", path, row, err)
		}
		if first, twice := seen[fields[key]]; twice {
			return nil, fmt.Errorf("published: %s: row %d: cell %s is in row %d already", path, row, printable.Quote(fields[key]), first)
		}
		seen[strings.Clone(fields[key])] = row
		at, err := t.IndexByHash(fields[key])
		if err != nil && !errors.Is(err, nasbench.ErrNotInTable) {
			return nil, fmt.Errorf("published: %s: row %d: %w", path, row, err)
		}
		for i, c := range columns {
			if c == nil || strings.TrimSpace(fields[i]) == "" {
				continue
			}
			v, bad := csvfile.Number(strings.TrimSpace(fields[i]))
			if bad != nil {
				return nil, fmt.Errorf("published: %s: row %d: %s is %s, want a number or nothing", path, row, header[i], printable.Quote(fields[i]))
			}
			if err == nil {
				c.Values[at], known = v, true
			}
		}
	}
	var out []Column
	for _, c := range columns {
		if c != nil && known {
			out = append(out, *c)
		}
	}
	return out, nil
}
