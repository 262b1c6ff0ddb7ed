package gp_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/internal/testdata"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/kernel"
)

// TestCIFAR10 scores the analytic kernel of one infinitely wide hidden layer on
// real images and compares with NumPy and SciPy (testdata/cifar.py). The kernel
// is well conditioned, so even the smallest epsilon agrees to 1e-10.
func TestCIFAR10(t *testing.T) {
	raw, err := os.ReadFile(testdata.Path(t, "cifar10", "data_batch_1_first4000.bin"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile("testdata/cifar.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Train, Images int
		Epsilons      []float64
		Accuracy      []float64
		SquaredError  []float64 `json:"squared_error"`
		LOO           []float64 `json:"loo_squared_error"`
	}
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	const record = 3073 // a label and 3 x 32 x 32 values
	x := mat.NewDense(want.Images, record-1, nil)
	labels := make([]int, want.Images)
	for i := range labels {
		r := raw[i*record : (i+1)*record]
		labels[i] = int(r[0])
		mean := 0.0
		for _, v := range r[1:] {
			mean += float64(v) / 255 / (record - 1)
		}
		for j, v := range r[1:] {
			x.Set(i, j, float64(v)/255-mean)
		}
	}
	k, err := kernel.FullyConnected{}.Kernel(x)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gp.Sweep(k, want.Train, labels, 10, gp.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range want.Epsilons {
		for name, v := range map[string][2]float64{
			"accuracy":                    {r.Accuracy[i], want.Accuracy[i]},
			"squared error":               {r.SquaredError[i], want.SquaredError[i]},
			"leave-one-out squared error": {r.Train.LOOSquaredError[i], want.LOO[i]},
		} {
			if math.Abs(v[0]-v[1]) > 1e-10 {
				t.Errorf("%s at epsilon %.3g: got %.12g, want %.12g", name, e, v[0], v[1])
			}
		}
	}
	t.Logf("\n%v", r)
}
