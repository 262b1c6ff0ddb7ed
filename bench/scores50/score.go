package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strconv"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

// scores is how many numbers each cell is compared by.
const scores = 3

// scoreNames are the names by which gp.Result.Score knows them: the published
// validation accuracy, leave-one-out, and likelihood.
var scoreNames = [scores]string{"accuracy", "whole_loo_squared_error", "whole_lml"}

// setting is how cells are scored: the first so many of nasbench.Sample(50, 1).
type setting struct {
	stem, train, val, members, cells int
	before                           string // file of scores to compare with
}

// The engine runs small networks and wide ones in different ways.
var (
	small = setting{16, 500, 250, 4, 50, "before.csv"}
	wide  = setting{128, 100, 200, 2, 8, "before128.csv"}
)

// row is the scores of one cell.
type row struct {
	hash, matrix, ops string
	score3            [scores]float64
}

// sample returns the first n of 50 cells drawn uniformly from the whole space.
func sample(n int) ([]row, error) {
	specs, err := nasbench.Sample(50, 1)
	if err != nil {
		return nil, err
	}
	rows := make([]row, n)
	for i, s := range specs[:n] {
		rows[i] = row{hash: s.Hash(), matrix: s.MatrixString(), ops: s.OpsString()}
	}
	return rows, nil
}

var header = append([]string{"hash", "matrix", "operations"}, scoreNames[:]...)

func writeRows(w io.Writer, rows []row) error {
	c := csv.NewWriter(w)
	if err := c.Write(header); err != nil {
		return err
	}
	for _, r := range rows {
		rec := []string{r.hash, r.matrix, r.ops}
		for _, v := range r.score3 {
			rec = append(rec, strconv.FormatFloat(v, 'g', 12, 64))
		}
		if err := c.Write(rec); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

func readRows(f io.Reader) ([]row, error) {
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(records) < 2 || len(records[0]) != len(header) {
		return nil, fmt.Errorf("not a table of scores")
	}
	var rows []row
	for i, rec := range records[1:] {
		r := row{hash: rec[0], matrix: rec[1], ops: rec[2]}
		for k := range r.score3 {
			if r.score3[k], err = strconv.ParseFloat(rec[3+k], 64); err != nil {
				return nil, fmt.Errorf("row %d: %w", i+2, err)
			}
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// use makes the engine run at the level of that name, or says why it cannot.
func use(level string) error {
	if err := os.Setenv("NNGPLAB_SIMD", level); err != nil {
		return err
	}
	b := arch.NewBuilder("level", arch.Shape{H: 1, W: 1, C: 1})
	b.Dense(0, arch.Layer{Channels: 1})
	net, err := b.Network(0)
	if err != nil {
		return err
	}
	_, err = forward.Compile(net, forward.Config{})
	return err
}

// score scores the cell.
func (r *row) score(ctx context.Context, set *imageset.Set, s setting) (*nngpkit.Result, error) {
	spec, err := nasbench.Parse(r.matrix, r.ops)
	if err != nil {
		return nil, err
	}
	net, err := spec.Network(s.stem, arch.Shape{})
	if err != nil {
		return nil, err
	}
	got, err := nngpkit.Evaluate(ctx, net, set, nngpkit.Config{Train: s.train, Val: s.val, Members: s.members})
	if err != nil {
		return nil, fmt.Errorf("cell %s: %w", r.hash, err)
	}
	for k, name := range scoreNames {
		r.score3[k] = got.Score(name)
	}
	return got, nil
}

// featureError bounds the error of a feature vector relative to its norm that
// the engine's arithmetic in float32 makes: the tests of package forward hold
// every level to it, against float64.
const featureError = 1e-5

// rounding returns how far errors of the features can move the scores: the
// kernel K = FF' becomes one of features F + E, where E is drawn at random with
// rows of featureError times the length of F's, several times, and is swept
// again. allowed is the largest change of each score; for the accuracy, whose
// steps are images, it is one image more. F is the root of the kernel, which
// is a rotation of the features.
func rounding(ctx context.Context, r *nngpkit.Result, classes int, at setting) (allowed [scores]float64, err error) {
	n := len(r.Labels)
	var eigen mat.EigenSym
	if !eigen.Factorize(r.Kernel, true) {
		return allowed, fmt.Errorf("the kernel's eigenvalues were not found")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	for j, v := range eigen.Values(nil) {
		root := math.Sqrt(math.Max(v, 0))
		for i := range n {
			vectors.Set(i, j, vectors.At(i, j)*root)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 3 {
		disturbed := mat.DenseCopyOf(&vectors)
		for i := range n {
			row := disturbed.RawRowView(i)
			size := featureError * floats.Norm(row, 2) / math.Sqrt(float64(n))
			for j := range row {
				row[j] += size * rng.NormFloat64()
			}
		}
		k := mat.NewSymDense(n, nil)
		k.SymOuterK(1, disturbed)
		s, err := gp.SweepContext(ctx, k, at.train, r.Labels, classes, gp.Config{})
		if err != nil {
			return allowed, err
		}
		for i, name := range scoreNames {
			allowed[i] = math.Max(allowed[i], math.Abs(s.Score(name)-r.Score(name)))
		}
	}
	allowed[0] += 1 / float64(at.val)
	return allowed, nil
}
