// Command stats is the Go side of bench/stats.py: it reads columns and a kernel
// from files of float64, and for each line on its standard input runs what the
// line names and answers with the seconds it took and the result.
package main

import (
	"bufio"
	"encoding/binary"
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"runtime"
	"time"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/internal/dense"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/gp"
)

func main() {
	dir := flag.String("data", "", "folder with x, y, kernel and labels")
	train := flag.Int("train", 2000, "training images")
	flag.Parse()
	x, y := read(*dir, "x"), read(*dir, "y")
	raw, labels := read(*dir, "kernel"), read(*dir, "labels")
	n := len(labels)
	k := mat.NewSymDense(n, raw)
	class := make([]int, n)
	for i, l := range labels {
		class[i] = int(l)
	}
	fmt.Printf("%s, %s inner loops, %d threads\n", runtime.Version(), dense.Level(), runtime.GOMAXPROCS(0))
	sweep := func(cfg gp.Config) float64 {
		r, err := gp.Sweep(k, *train, class, 10, cfg)
		if err != nil {
			log.Fatal(err)
		}
		return r.BestAccuracy
	}
	ops := map[string]func() float64{
		"tau": func() float64 {
			c, err := corr.Kendall(x, y)
			if err != nil {
				log.Fatal(err)
			}
			return c.Value
		},
		"auc": func() float64 {
			a, err := corr.PQETP(x, y, []float64{0.5})
			if err != nil {
				log.Fatal(err)
			}
			return a[0].Value
		},
		"spearman": func() float64 { return corr.SpearmanRho(x, y) },
		"sweep": func() float64 {
			return sweep(gp.Config{SkipWhole: true, SkipLeaveOneOut: true, SkipDensity: true})
		},
		"sweep-loo": func() float64 { return sweep(gp.Config{SkipWhole: true}) },
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		op := ops[in.Text()]
		if op == nil {
			log.Fatalf("unknown operation %q", in.Text())
		}
		runtime.GC()
		start := time.Now()
		v := op()
		fmt.Printf("%.9f %.17g\n", time.Since(start).Seconds(), v)
	}
}

func read(dir, name string) []float64 {
	b, err := os.ReadFile(dir + "/" + name)
	if err != nil {
		log.Fatal(err)
	}
	v := make([]float64, len(b)/8)
	for i := range v {
		v[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return v
}
