package nasbench

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/printable"
)

// naslibOps are NASLib's numbers of operations.
var naslibOps = []Op{Input, Output, MaxPool3x3, Conv1x1, Conv3x3}

// ParseNASLib reads a cell as NASLib writes it: the text of a Python tuple of n*n
// numbers of the adjacency matrix, row after row, and n of operations: 0 input,
// 1 output, 2 maxpool3x3, 3 conv1x1-bn-relu, 4 conv3x3-bn-relu. It is pruned.
func ParseNASLib(text string) (Spec, error) {
	fields := strings.Split(strings.Trim(strings.TrimSpace(text), "()"), ",")
	n := 2
	for n*n+n < len(fields) {
		n++
	}
	if n*n+n != len(fields) || n > maxText {
		return Spec{}, fmt.Errorf("nasbench: %d numbers are no matrix with its operations", len(fields))
	}
	numbers := make([]int, len(fields))
	for i, f := range fields {
		v, err := strconv.Atoi(strings.TrimSpace(f))
		if err != nil || v < 0 || v >= len(naslibOps) || i < n*n && v > 1 {
			return Spec{}, fmt.Errorf("nasbench: number %d is %s", i+1, printable.Quote(f))
		}
		numbers[i] = v
	}
	var g Graph
	for i := 0; i < n; i++ {
		g.Matrix = append(g.Matrix, numbers[i*n:i*n+n])
		g.Ops = append(g.Ops, naslibOps[numbers[n*n+i]].String())
	}
	return FromGraph(g)
}

// entry is a name and a value of a JSON object.
type entry struct {
	key   string
	value json.RawMessage
}

// entries returns what a JSON object holds, in its order.
func entries(data []byte) ([]entry, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.Join(errors.New("no JSON object"), err)
	}
	var out []entry
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		e := entry{}
		e.key, _ = t.(string)
		if err := dec.Decode(&e.value); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	_, err := dec.Token()
	return out, err
}

// naslibEntry is a cell of NASLib's JSON with its numbers.
type naslibEntry struct {
	spec    Spec
	names   []string
	numbers []float64
	at      string
}

func (e naslibEntry) number(name string) (float64, error) {
	if i := slices.Index(e.names, name); i >= 0 {
		return e.numbers[i], nil
	}
	return 0, fmt.Errorf("there is no %s", name)
}

// readNASLib reads {"nasbench101": {"cifar10": {CELL: {NAME: NUMBER}}}}.
func readNASLib(path string, data []byte) ([]naslibEntry, error) {
	for _, level := range []string{"nasbench101", "cifar10"} {
		all, err := entries(data)
		i := slices.IndexFunc(all, func(e entry) bool { return e.key == level })
		if err == nil && i < 0 {
			err = fmt.Errorf("there is no %q", level)
		}
		if err != nil {
			return nil, &OriginalError{path, "", err}
		}
		data = all[i].value
	}
	all, err := entries(data)
	if err != nil {
		return nil, &OriginalError{path, "", err}
	}
	out := make([]naslibEntry, len(all))
	for i, cell := range all {
		e := &out[i]
		e.at = fmt.Sprintf("cell %d", i+1)
		if e.spec, err = ParseNASLib(cell.key); err != nil {
			return nil, &OriginalError{path, e.at, err}
		}
		values, err := entries(cell.value)
		if err != nil {
			return nil, &OriginalError{path, e.at, err}
		}
		for _, v := range values {
			var x float64
			if err := json.Unmarshal(v.value, &x); err != nil {
				return nil, &OriginalError{path, e.at, fmt.Errorf("%s: %w", printable.Quote(v.key), err)}
			}
			e.names, e.numbers = append(e.names, v.key), append(e.numbers, x)
		}
	}
	return out, nil
}

// naslibJSON reads the accuracies of NASLib's JSON.
func (o *collector) naslibJSON(_ context.Context, path string) error {
	data, err := o.read(path)
	if err != nil {
		return err
	}
	all, err := readNASLib(path, data)
	if err != nil {
		return err
	}
	for _, e := range all {
		accuracy, err := e.number("val_accuracy")
		millions, err2 := e.number("params")
		if err := errors.Join(err, err2); err != nil {
			return &OriginalError{path, e.at, err}
		}
		r, err := newRecord(e.spec, "", math.Round(millions*1e6), 108)
		if counted := e.spec.Parameters(StemWidth); err == nil && math.Abs(millions*1e6-float64(counted)) > 0.01*float64(counted) {
			err = fmt.Errorf("the cell has %d parameters, the file says %g million", counted, millions)
		}
		if err != nil {
			return &OriginalError{path, e.at, err}
		}
		r.set(FinalValidation, accuracy/100)
		if err := o.add(&r, path, e.at); err != nil {
			return err
		}
	}
	return nil
}

// genNAS reads [[[MATRIX, OPERATIONS], ACCURACY], ...].
func (o *collector) genNAS(_ context.Context, path string) error {
	data, err := o.read(path)
	if err != nil {
		return err
	}
	var all [][2]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return &OriginalError{path, "", err}
	}
	for i, row := range all {
		at := fmt.Sprintf("cell %d", i+1)
		var cell [2]json.RawMessage
		var g Graph
		var accuracy float64
		err := errors.Join(json.Unmarshal(row[0], &cell), json.Unmarshal(row[1], &accuracy))
		if err == nil {
			err = errors.Join(json.Unmarshal(cell[0], &g.Matrix), json.Unmarshal(cell[1], &g.Ops))
		}
		if err != nil {
			return &OriginalError{path, at, err}
		}
		spec, err := FromGraph(g)
		if err != nil {
			return &OriginalError{path, at, err}
		}
		r, err := newRecord(spec, "", float64(spec.Parameters(StemWidth)), 108)
		if err != nil {
			return &OriginalError{path, at, err}
		}
		r.set(FinalTest, accuracy)
		if err := o.add(&r, path, at); err != nil {
			return err
		}
	}
	return nil
}

// Proxies are zero-cost proxies of cells, as others published them.
type Proxies struct {
	Names  []string
	Hashes []string             // of the cells, in the order of the file
	Values map[string][]float64 // by hash, in the order of the names: means over rows that are one cell
	rows   map[string]int
}

// add adds a row.
func (p *Proxies) add(s Spec, values []float64) {
	h := s.Hash()
	if p.rows == nil {
		p.rows, p.Values = map[string]int{}, map[string][]float64{}
	}
	mean, k := p.Values[h], float64(p.rows[h])
	if mean == nil {
		p.Hashes = append(p.Hashes, h)
		mean = make([]float64, len(values))
		p.Values[h] = mean
	}
	for i, v := range values {
		mean[i] = (mean[i]*k + v) / (k + 1)
	}
	p.rows[h]++
}

// ReadNASLibProxies reads the proxies of NASLib's zc_nasbench101.json: all but the
// accuracy. Isomorphic rows are one cell, of their means.
func ReadNASLibProxies(path string) (*Proxies, error) {
	data, err := plainfile.Read(path, maxOriginal)
	if err != nil {
		return nil, fmt.Errorf("nasbench: %w", err)
	}
	all, err := readNASLib(path, data)
	if err != nil {
		return nil, err
	}
	p := &Proxies{}
	for _, e := range all {
		var names []string
		var values []float64
		for i, name := range e.names {
			if name != "val_accuracy" {
				names, values = append(names, name), append(values, e.numbers[i])
			}
		}
		if p.Names == nil {
			p.Names = names
		}
		if !slices.Equal(names, p.Names) {
			return nil, &OriginalError{path, e.at, fmt.Errorf("it has %q, the first cell %q", names, p.Names)}
		}
		p.add(e.spec, values)
	}
	return p, nil
}

// ReadZen reads NASLib's nb101_zen.zip: Zen-scores of cells, [{"arch": CELL, "zen":
// {"score": NUMBER}}, ...] in each of its JSON files.
func ReadZen(path string) (*Proxies, error) {
	file, err := plainfile.Open(path)
	if err != nil {
		return nil, fmt.Errorf("nasbench: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("nasbench: %w", err)
	}
	z, err := zip.NewReader(file, info.Size())
	if err != nil {
		return nil, &OriginalError{path, "", err}
	}
	p := &Proxies{Names: []string{"zen"}}
	left := int64(maxOriginal)
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, ".json") {
			continue
		}
		if err := p.readZen(f, &left); err != nil {
			var at *OriginalError
			if errors.As(err, &at) {
				at.File = path
				return nil, at
			}
			return nil, &OriginalError{path, printable.Quote(f.Name), err}
		}
	}
	if len(p.Hashes) == 0 {
		return nil, &OriginalError{path, "", errors.New("holds no scores")}
	}
	return p, nil
}

// readZen reads one file of the archive; left is how many bytes all may still have.
func (p *Proxies) readZen(f *zip.File, left *int64) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, *left+1))
	if err != nil {
		return err
	}
	if *left -= int64(len(data)); *left < 0 {
		return fmt.Errorf("the archive unpacks to more than %d bytes", maxOriginal)
	}
	var rows []struct {
		Arch string `json:"arch"`
		Zen  struct {
			Score *float64 `json:"score"`
		} `json:"zen"`
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		return err
	}
	for i, row := range rows {
		spec, err := ParseNASLib(row.Arch)
		if err == nil && row.Zen.Score == nil {
			err = errors.New("there is no score")
		}
		if err != nil {
			return &OriginalError{At: fmt.Sprintf("%s, row %d", printable.Quote(f.Name), i+1), Err: err}
		}
		p.add(spec, []float64{*row.Zen.Score})
	}
	return nil
}
