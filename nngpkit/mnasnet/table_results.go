package mnasnet

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/internal/printable"
)

// maxResult and maxResults bound one result and their number.
const (
	maxResult  = 1 << 20
	maxResults = 1 << 20
	// maxUnpacked bounds what the archive may unpack to: gzip can make a thousand
	// bytes of one.
	maxUnpacked = 4 << 30
)

// result is a result_N.json file of Accel-NASBench.
type result struct {
	Architecture map[string]json.RawMessage `json:"architecture"`
	Metrics      struct {
		Top1    *float64 `json:"val_top1"`
		Top5    *float64 `json:"val_top5"`
		Seconds *float64 `json:"train_time"`
	} `json:"metrics"`
	Model struct {
		MACs   *float64 `json:"macs"`
		Params *float64 `json:"params"`
	} `json:"model_info"`
	Platform map[string]map[string]*float64 `json:"platform_perf"`
}

// ReadResults reads the archive in which Accel-NASBench is published, a tar
// file compressed by gzip with one result_N.json a network; N becomes the ID,
// and rows are in its order. It returns an error that names the archive, the
// entry, the offset of its contents in the unpacked archive and the reason if
// one is damaged or there is none.
func ReadResults(r io.Reader, name string) (*Table, error) {
	z, err := gzip.NewReader(bufio.NewReader(r))
	if err != nil {
		return nil, fmt.Errorf("%s: gzip: %w", name, err)
	}
	defer z.Close()
	t := &Table{Source: name}
	seen := map[int]bool{}
	unpacked := &counter{r: io.LimitReader(z, maxUnpacked)}
	tr := tar.NewReader(unpacked)
	for n := 0; ; n++ {
		h, err := tr.Next()
		at := unpacked.n // the reader takes whole blocks
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: entry %d (offset %d unpacked): %w", name, n, at, err)
		}
		id, ok := resultID(h.Name)
		if !ok || h.Typeflag != tar.TypeReg {
			continue
		}
		row, err := readResult(tr, id)
		switch {
		case err == nil && seen[id]:
			err = errors.New("is there twice")
		case err == nil && len(t.Rows) == maxResults:
			err = fmt.Errorf("more than %d results", maxResults)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: entry %d (%s, offset %d unpacked): %w", name, n, printable.Quote(h.Name), at, err)
		}
		seen[id] = true
		t.Rows = append(t.Rows, row)
	}
	// The rest is padding; reading it checks gzip's checksum.
	if _, err := io.Copy(io.Discard, io.LimitReader(z, 1<<20)); err != nil {
		return nil, fmt.Errorf("%s: after the last entry: %w", name, err)
	}
	if len(t.Rows) == 0 {
		return nil, fmt.Errorf("%s: the archive holds no result_N.json", name)
	}
	sort.Slice(t.Rows, func(i, k int) bool { return t.Rows[i].ID < t.Rows[k].ID })
	return t, nil
}

// counter counts the bytes read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// resultID returns N of a name that ends in result_N.json.
func resultID(name string) (int, bool) {
	base, ok := strings.CutPrefix(path.Base(name), "result_")
	base, ok2 := strings.CutSuffix(base, ".json")
	id, err := strconv.Atoi(base)
	return id, ok && ok2 && err == nil && id >= 0
}

func readResult(r io.Reader, id int) (row Row, err error) {
	data, err := io.ReadAll(io.LimitReader(r, maxResult+1))
	if err != nil {
		return row, err
	}
	if len(data) > maxResult {
		return row, fmt.Errorf("more than %d bytes", maxResult)
	}
	var res result
	if err := json.Unmarshal(data, &res); err != nil {
		return row, err
	}
	row.ID = id
	for _, v := range []struct {
		key  string
		from *float64
		to   *float64
		unit float64
		max  float64
	}{
		{"metrics.val_top1", res.Metrics.Top1, &row.Top1, 1, 100}, {"metrics.val_top5", res.Metrics.Top5, &row.Top5, 1, 100},
		{"metrics.train_time", res.Metrics.Seconds, &row.Seconds, 1, 1e9},
		{"model_info.macs", res.Model.MACs, &row.MACs, 1e6, 1e9}, {"model_info.params", res.Model.Params, &row.Params, 1e6, 1e9},
	} {
		if v.from == nil {
			return row, fmt.Errorf("%s: is missing", v.key)
		}
		if !(*v.from >= 0 && *v.from <= v.max) {
			return row, fmt.Errorf("%s: %v is outside 0 to %v", v.key, *v.from, v.max)
		}
		if *v.to = *v.from * v.unit; v.unit != 1 {
			*v.to = roundCount(*v.to)
		}
	}
	for _, k := range decisionKinds {
		for s := 0; s < Stages; s++ {
			key := fmt.Sprintf("block%d_%s", s, k.name)
			v, err := parseDecision(string(res.Architecture[key]), k.name == "se")
			if err != nil {
				return row, fmt.Errorf("architecture.%s: %w", key, err)
			}
			k.set(&row.Decisions, s, v)
		}
	}
	for device, values := range res.Platform {
		for key, v := range values {
			if v != nil && strings.HasSuffix(key, "_mean") {
				if row.Measured == nil {
					row.Measured = map[string]float64{}
				}
				row.Measured[device] = *v
			}
		}
	}
	return row, row.check()
}

// Load returns Accel-NASBench's networks, from the published archive or a CSV
// table accel_nasbench*.csv, wherever the data set is found (see package
// datasets). It returns a *datasets.MissingError if it is nowhere.
func Load() (*Table, error) {
	return loadFirst("anb_dataset_jsons.tar.gz", "accel_nasbench_imagenet.csv", "accel_nasbench*.csv")
}

// LoadMultiseed returns the table of the 117 networks trained with seed 1, 2
// or 3: shortly, as all networks were, or longer. Errors are those of Load.
func LoadMultiseed(long bool, seed int) (*Table, error) {
	if seed < 1 || seed > 3 {
		return nil, fmt.Errorf("Accel-NASBench has the seeds 1, 2 and 3, not %d", seed)
	}
	if long {
		return loadFirst(fmt.Sprintf("fewproxy-seed%d.csv", seed), fmt.Sprintf("multiseed_long_seed%d.csv", seed))
	}
	return loadFirst(fmt.Sprintf("proxified-seed%d.csv", seed), fmt.Sprintf("multiseed_short*_seed%d.csv", seed))
}

// loadFirst reads the first file that matches one of the patterns.
func loadFirst(patterns ...string) (*Table, error) {
	places, err := datasets.FindAll("accel-nasbench")
	if err != nil {
		return nil, err
	}
	for _, p := range places {
		entries, err := os.ReadDir(p.Dir)
		if err != nil {
			return nil, err
		}
		for _, pattern := range patterns {
			for _, e := range entries {
				if ok, _ := path.Match(pattern, e.Name()); ok {
					// A number that changed since the fetch may still read.
					if err := datasets.CheckRecorded(context.Background(), p.Dir, e.Name()); err != nil {
						return nil, err
					}
					return ReadTableFile(filepath.Join(p.Dir, e.Name()))
				}
			}
		}
	}
	m, err := datasets.Get("accel-nasbench")
	if err != nil {
		return nil, err
	}
	return nil, &datasets.MissingError{Manifest: m, Part: strings.Join(patterns, " or "), Looked: datasets.Roots()}
}
