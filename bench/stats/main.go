// Command stats is the Go side of bench/stats.py: it reads columns and a kernel
// from files of float64, and for each JSON command on its standard input runs
// what the command names and answers with the seconds it took and the result.
//
//	stats -data DIR -train 2000
//	stats -large 8000
//
// The second form makes a kernel of that many training images and 500 others
// by itself, sweeps it, and prints the seconds and the peak memory.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/bench/peak"
	"github.com/nngplab/nngplab/internal/dense"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/gp"
)

const classes = 10

func main() {
	dir := flag.String("data", "", "folder with x, y, kernel and labels")
	train := flag.Int("train", 2000, "training images")
	large := flag.Int("large", 0, "sweep a kernel of so many training images instead")
	flag.Parse()
	var err error
	if *large > 0 {
		err = sweepLarge(*large, os.Stdout)
	} else {
		err = serve(*dir, *train, os.Stdin, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "stats:", err)
		os.Exit(1)
	}
}

type answer struct {
	Go      string  `json:"go,omitempty"`
	Level   string  `json:"level,omitempty"`
	Seconds float64 `json:"seconds,omitempty"`
	Value   float64 `json:"value"`
	PeakMiB float64 `json:"peak_mib,omitempty"`
}

func serve(dir string, train int, in io.Reader, out io.Writer) error {
	ops, err := operations(dir, train)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(out)
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var c struct{ Op string }
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return err
		}
		a := answer{Go: runtime.Version(), Level: dense.Level()}
		if c.Op != "about" {
			if a, err = timed(ops[c.Op]); err != nil {
				return fmt.Errorf("%s: %w", c.Op, err)
			}
		}
		if err := enc.Encode(a); err != nil {
			return err
		}
	}
	return lines.Err()
}

func timed(op func() (float64, error)) (answer, error) {
	if op == nil {
		return answer{}, fmt.Errorf("unknown operation")
	}
	runtime.GC()
	start := time.Now()
	v, err := op()
	return answer{Seconds: time.Since(start).Seconds(), Value: v}, err
}

func operations(dir string, train int) (map[string]func() (float64, error), error) {
	var col [4][]float64
	for i, name := range []string{"x", "y", "kernel", "labels"} {
		var err error
		if col[i], err = read(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	x, y, raw, labels := col[0], col[1], col[2], col[3]
	k := mat.NewSymDense(len(labels), raw)
	class := make([]int, len(labels))
	for i, l := range labels {
		class[i] = int(l)
	}
	sweep := func(cfg gp.Config) func() (float64, error) {
		return func() (float64, error) {
			r, err := gp.Sweep(k, train, class, classes, cfg)
			if err != nil {
				return 0, err
			}
			return r.BestAccuracy, nil
		}
	}
	return map[string]func() (float64, error){
		"tau": func() (float64, error) {
			c, err := corr.Kendall(x, y)
			return c.Value, err
		},
		"auc": func() (float64, error) {
			a, err := corr.PQETP(x, y, []float64{0.5})
			if err != nil {
				return 0, err
			}
			return a[0].Value, nil
		},
		"spearman":  func() (float64, error) { return corr.SpearmanRho(x, y), nil },
		"sweep":     sweep(gp.Config{SkipWhole: true, SkipLeaveOneOut: true, SkipDensity: true}),
		"sweep-loo": sweep(gp.Config{SkipWhole: true, SkipDensity: true}),
		"sweep-all": sweep(gp.Config{}),
	}, nil
}

func read(path string) ([]float64, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	v := make([]float64, len(b)/8)
	for i := range v {
		v[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return v, nil
}

// sweepLarge sweeps a kernel of train + 500 images: of 512 random features each,
// shifted by class.
func sweepLarge(train int, out io.Writer) error {
	const val, features = 500, 512
	rng := rand.New(rand.NewPCG(1, 2))
	n := train + val
	var center [classes][features]float64
	for c := range center {
		for j := range center[c] {
			center[c][j] = 0.15 * rng.NormFloat64()
		}
	}
	class, f := make([]int, n), make([]float64, n*features)
	for i := range class {
		class[i] = rng.IntN(classes)
		for j := range features {
			f[i*features+j] = math.Abs(rng.NormFloat64() + center[class[i]][j])
		}
	}
	k := make([]float64, n*n)
	dense.Gemm(dense.Threads(0), n, n, features, 1, dense.Of(f, features), dense.Of(f, features).T(), k, n, dense.Upper)
	start := time.Now()
	r, err := gp.Sweep(mat.NewSymDense(n, k), train, class, classes, gp.Config{SkipWhole: true})
	if err != nil {
		return err
	}
	a := answer{Go: runtime.Version(), Level: dense.Level(), Seconds: time.Since(start).Seconds(), Value: r.BestAccuracy}
	if a.PeakMiB, err = peak.MiB(); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(a)
}
