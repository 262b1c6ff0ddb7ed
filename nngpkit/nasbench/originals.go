package nasbench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nngplab/nngplab/internal/plainfile"
)

// Original is a file, or a folder, in the form in which others published results of
// NAS-Bench-101's cells.
type Original struct {
	Path   string
	Format Format
	Source string // a name for its runs, as in Run.Source
}

// Format is the form of an original.
type Format string

// The formats that ReadOriginals knows.
const (
	// NASLibJSON is NASLib's zc_nasbench101.json: by cell the validation accuracy in
	// percent of one of its three trainings of 108 epochs, parameters in millions, and
	// zero-cost proxies, which ReadProxies reads.
	NASLibJSON Format = "NASLib's JSON"
	// NASLibPickle is NASLib's nb101_dummy.pkl: all three trainings of 108 epochs.
	NASLibPickle Format = "NASLib's pickle"
	// GenNASJSON is GenNAS-Zero's nasbench1_2500.json: by cell the test accuracy of
	// one training of 108 epochs. Parameters are those that Spec.Parameters counts.
	GenNASJSON Format = "GenNAS-Zero's JSON"
	// TFRecord is the layout of the official files.
	TFRecord Format = "TFRecord"
	// TrainingFolder is the folder of nc_nasbench's results: SPACE/EPOCHS_epochs/HH/
	// HASH/repeat_R/results.json below nasbench/data/train_model_results/carbon, and
	// the cells in nasbench/data/graphs/generated_graphs_5V9E.json.
	TrainingFolder Format = "folder of trainings"
)

// maxOriginal bounds a published file that is read as a whole; the largest has 0.7 MB.
const maxOriginal = 64 << 20

// OriginalError says where in an original something is wrong.
type OriginalError struct {
	File string
	At   string // the record: "cell 3", "hash 00ab.., repeat 1"; "" is the whole file
	Err  error
}

// Error names the file, the record and the reason.
func (e *OriginalError) Error() string {
	if e.At == "" {
		return fmt.Sprintf("nasbench: %s: %s", e.File, bare(e.Err))
	}
	return fmt.Sprintf("nasbench: %s: %s: %s", e.File, e.At, bare(e.Err))
}

// Unwrap returns the reason.
func (e *OriginalError) Unwrap() error { return e.Err }

// ReadOriginals reads one table from several originals. Every cell's hash is
// computed, and compared where the file states one. Runs that two of them hold are
// counted once, as ReadCSV says. Anything wrong is an *OriginalError, or a
// *RecordError of a TFRecord.
func ReadOriginals(ctx context.Context, originals ...Original) (*Table, error) {
	o := &collector{bld: &builder{}, digest: sha256.New()}
	o.bld.locate = func(run int, _ int64, err error) error {
		return &OriginalError{o.files[run], o.at[run], err}
	}
	var names []string
	for _, f := range originals {
		read := map[Format]func(context.Context, string) error{
			NASLibJSON: o.naslibJSON, NASLibPickle: o.naslibPickle, GenNASJSON: o.genNAS, TFRecord: o.tfRecord, TrainingFolder: o.trainings,
		}[f.Format]
		if read == nil {
			return nil, fmt.Errorf("nasbench: %s: there is no format %q", f.Path, f.Format)
		}
		o.file, o.source = f.Path, o.sourceIndex(f.Source)
		before := len(o.bld.epochs)
		if err := read(ctx, f.Path); err != nil {
			return nil, err
		}
		if len(o.bld.epochs) == before {
			return nil, &OriginalError{f.Path, "", errors.New("holds no results")}
		}
		names = append(names, filepath.Base(f.Path))
	}
	if len(names) == 0 {
		return nil, errors.New("nasbench: there is no file to read")
	}
	rows := make([]place, len(o.bld.epochs))
	dropped := o.bld.dropDuplicates(&rows)
	return o.bld.table(ctx, Info{Source: strings.Join(names, ", "), SHA256: hex.EncodeToString(o.digest.Sum(nil)), Bytes: o.bytes, Duplicates: dropped})
}

// collector gathers the runs of originals.
type collector struct {
	bld    *builder
	digest interface {
		Write(p []byte) (int, error)
		Sum(b []byte) []byte
	}
	bytes int64

	file   string // at hand
	source uint8

	files, at []string // where each run is from
}

func (o *collector) sourceIndex(name string) uint8 {
	i := slices.Index(o.bld.sources, name)
	if i < 0 {
		i = len(o.bld.sources)
		o.bld.sources = append(o.bld.sources, name)
	}
	return uint8(i)
}

// read returns a file's bytes.
func (o *collector) read(path string) ([]byte, error) {
	data, err := plainfile.Read(path, maxOriginal)
	if err != nil {
		return nil, fmt.Errorf("nasbench: %w", err)
	}
	o.bytes += int64(len(data))
	_, err = o.digest.Write(data)
	return data, err
}

// add appends a run, checked; at says where it is in the file.
func (o *collector) add(r *record, file, at string) error {
	if err := r.check(); err != nil {
		return &OriginalError{file, at, err}
	}
	o.bld.add(r, 0)
	o.bld.source = append(o.bld.source, o.source)
	o.files, o.at = append(o.files, file), append(o.at, at)
	return nil
}

// newRecord returns a run of which no result is known yet; an empty hash is computed.
func newRecord(s Spec, hash string, parameters float64, epochs int) (record, error) {
	r := record{spec: s, metrics: metrics{totalTime: missing, parameters: int32(parameters)}, epochs: int32(epochs)}
	for p := range r.values {
		r.values[p] = evaluationValues{missing, missing, missing, missing, missing}
	}
	if !(parameters >= 1 && parameters <= math.MaxInt32) || parameters != math.Trunc(parameters) {
		return r, fmt.Errorf("%g trainable parameters", parameters)
	}
	if hash == "" {
		r.hash = s.hash()
		return r, nil
	}
	var err error
	r.hash, err = parseHash(hash)
	return r, err
}

// set puts a value in its place.
func (r *record) set(m Metric, v float64) {
	r.values[points-1-int(m)/5][4-int(m)%5] = v
}

// tfRecord reads the runs of a file in the official layout.
func (o *collector) tfRecord(ctx context.Context, path string) error {
	data, err := o.read(path)
	if err != nil {
		return err
	}
	var scratch []byte
	in := NewTFRecordReader(bytes.NewReader(data), path)
	for {
		offset := in.Offset()
		payload, err := in.Next()
		if err != nil {
			if isEOF(err) {
				return nil
			}
			return err
		}
		var r record
		if r, scratch, err = decodeRecord(payload, scratch); err == nil {
			err = r.check()
		}
		if err != nil {
			return &RecordError{path, in.Record() - 1, offset, err}
		}
		if err := o.add(&r, path, fmt.Sprintf("record %d at byte %d", in.Record()-1, offset)); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// trainings reads a folder of trainings, in the order of hashes, spaces, epochs and
// repeats.
func (o *collector) trainings(ctx context.Context, dir string) error {
	graphs := filepath.Join(dir, "nasbench", "data", "graphs", "generated_graphs_5V9E.json")
	cells, err := o.graphs(graphs)
	if err != nil {
		return err
	}
	base := filepath.Join(dir, "nasbench", "data", "train_model_results", "carbon")
	var found []training
	err = filepath.WalkDir(base, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() != "results.json" {
			return err
		}
		t, err := parseTraining(base, path)
		found = append(found, t)
		return err
	})
	if err != nil {
		return fmt.Errorf("nasbench: %w", err)
	}
	slices.SortFunc(found, training.compare)
	for _, t := range found {
		if err := ctx.Err(); err != nil {
			return err
		}
		spec, ok := cells[t.hash]
		if !ok {
			return &OriginalError{t.path, "", fmt.Errorf("its cell is not in %s", graphs)}
		}
		data, err := o.read(t.path)
		if err != nil {
			return err
		}
		r, err := t.record(spec, data)
		if err != nil {
			return &OriginalError{t.path, "", err}
		}
		if err := o.add(&r, t.path, ""); err != nil {
			return err
		}
	}
	return nil
}

// FolderOfTrainings reports whether a folder has the results that TrainingFolder names.
func FolderOfTrainings(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "nasbench", "data", "graphs", "generated_graphs_5V9E.json"))
	return err == nil
}
