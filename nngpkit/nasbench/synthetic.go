package nasbench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
)

// SyntheticOptions say what WriteSynthetic writes. The zero value is a file
// of the size of the official nasbench_only108.tfrecord.
type SyntheticOptions struct {
	Cells   int    // so many cells, evenly spread over Enumerate's order; 0 means all 423,624
	Repeats int    // runs of each cell and budget; 0 means 3
	Budgets []int  // in epochs; nil means 108 alone
	Seed    uint64 // of the values, and of the order
	Shuffle bool   // write the records in random order rather than in order of hash
}

func (o SyntheticOptions) withDefaults() (SyntheticOptions, error) {
	if o.Cells == 0 {
		o.Cells = Size
	}
	if o.Repeats == 0 {
		o.Repeats = 3
	}
	if o.Budgets == nil {
		o.Budgets = []int{108}
	}
	if o.Cells < 1 || o.Cells > Size || o.Repeats < 1 || len(o.Budgets) == 0 {
		return o, fmt.Errorf("nasbench: %d cells x %d repeats x %d budgets cannot be written", o.Cells, o.Repeats, len(o.Budgets))
	}
	for _, b := range o.Budgets {
		if b < 1 || b > maxEpochs {
			return o, fmt.Errorf("nasbench: a budget of %d epochs", b)
		}
	}
	return o, nil
}

// SyntheticRun returns the made-up run that WriteSynthetic writes for a cell,
// a budget and a repeat: a function of these and of the seed alone. Accuracies
// are multiples of 1/9984 in single precision, as in the official files.
func SyntheticRun(hash string, epochs, repeat int, seed uint64) (Run, error) {
	h, err := parseHash(hash)
	if err != nil {
		return Run{}, err
	}
	m := syntheticMetrics(h, epochs, repeat, seed)
	run := Run{Epochs: epochs, Repeat: repeat, TotalTime: m.totalTime}
	for p, e := range [...]*Evaluation{&run.Start, &run.Half, &run.End} {
		v := m.values[p]
		*e = Evaluation{v[0], v[1], v[2], v[3], v[4]}
	}
	return run, nil
}

func syntheticMetrics(h [16]byte, epochs, repeat int, seed uint64) metrics {
	key := binary.LittleEndian.Uint64(h[:]) ^ binary.LittleEndian.Uint64(h[8:])*0x9e3779b97f4a7c15
	rng := rand.New(rand.NewPCG(seed^key, uint64(epochs)<<32|uint64(repeat)))
	accuracy := func(lo, hi float64) float64 {
		return float64(float32(math.Floor((lo+(hi-lo)*rng.Float64())*9984) / 9984))
	}
	seconds := func(lo, hi float64) float64 { return float64(float32(lo + (hi-lo)*rng.Float64())) }
	top := 0.95 - 0.6/float64(epochs)
	m := metrics{evaluations: points}
	m.values[0] = evaluationValues{0, 0, accuracy(0.09, 0.11), accuracy(0.09, 0.11), accuracy(0.09, 0.11)}
	t := seconds(8, 30) * float64(epochs)
	half := float64(float32(t / 2))
	m.values[1] = evaluationValues{float64(epochs) / 2, half, accuracy(0.3, top), accuracy(0.3, top), accuracy(0.3, top)}
	m.values[2] = evaluationValues{float64(epochs), float64(float32(t)), accuracy(0.8, 1), accuracy(top-0.15, top), accuracy(top-0.15, top)}
	m.totalTime = t + 100*rng.Float64()
	return m
}

// WriteSynthetic writes a file in the layout of the official ones with
// made-up results: real cells with their true hashes and parameters, runs as
// SyntheticRun says. It serves tests and measurements at full scale.
func WriteSynthetic(w io.Writer, opts SyntheticOptions) error {
	o, err := opts.withDefaults()
	if err != nil {
		return err
	}
	cells := make([]Spec, o.Cells)
	for k := range cells {
		cells[k] = wholeSpace()[k*Size/o.Cells]
	}
	idx, err := buildIndex(context.Background(), cells)
	if err != nil {
		return err
	}
	type job struct{ cell, budget, repeat int32 }
	jobs := make([]job, 0, o.Cells*o.Repeats*len(o.Budgets))
	for c := 0; c < o.Cells; c++ {
		for b := range o.Budgets {
			for r := 0; r < o.Repeats; r++ {
				jobs = append(jobs, job{int32(c), int32(b), int32(r)})
			}
		}
	}
	if o.Shuffle {
		rng := newRand(o.Seed, uint64(len(jobs)))
		rng.Shuffle(len(jobs), func(i, j int) { jobs[i], jobs[j] = jobs[j], jobs[i] })
	}
	out := bufio.NewWriterSize(w, 1<<20)
	const block = 4096
	buffers := make([][]byte, 16)
	for lo := 0; lo < len(jobs); lo += block * len(buffers) {
		err := parallel(len(buffers), func(k int) error {
			from := min(lo+k*block, len(jobs))
			to := min(from+block, len(jobs))
			buf := buffers[k][:0]
			for _, j := range jobs[from:to] {
				var h [16]byte
				copy(h[:], idx.hash(int(j.cell)))
				s, err := SpecFromCode(idx.code(int(j.cell)))
				if err != nil {
					return err
				}
				epochs := o.Budgets[j.budget]
				m := syntheticMetrics(h, epochs, int(j.repeat), o.Seed)
				m.parameters = int32(s.Parameters(StemWidth))
				buf = appendTFRecord(buf, syntheticPayload(h, s, epochs, &m))
			}
			buffers[k] = buf
			return nil
		})
		if err != nil {
			return err
		}
		for _, b := range buffers {
			if _, err := out.Write(b); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}

// syntheticPayload writes a record as Python's json.dumps and base64.encodebytes
// do: a space after each comma, lines of 76 characters.
func syntheticPayload(h [16]byte, s Spec, epochs int, m *metrics) []byte {
	raw := appendMetrics(make([]byte, 0, 192), m)
	p := append(make([]byte, 0, 512), `["`...)
	p = hex.AppendEncode(p, h[:])
	p = fmt.Appendf(p, `", %d, "%s", "%s", "`, epochs, s.Digits(), s.OpsString())
	for line := range slices.Chunk(raw, 57) {
		p = base64.StdEncoding.AppendEncode(p, line)
		p = append(p, `\n`...)
	}
	return append(p, `"]`...)
}

// SyntheticFile returns a small synthetic file, for examples and tests.
func SyntheticFile(opts SyntheticOptions) ([]byte, error) {
	var buf bytes.Buffer
	err := WriteSynthetic(&buf, opts)
	return buf.Bytes(), err
}
