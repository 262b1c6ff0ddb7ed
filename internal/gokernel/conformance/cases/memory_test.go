package cases

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/nngplab/nngplab/internal/gokernel/conformance/batch"
)

// levelCells are run again and again. All that they declare is declared anew.
var levelCells = []string{
	"x := 0\nfor i := 0; i < 100; i++ { x += i }\nx",
	"import \"fmt\"\nfmt.Sprint(\"hello\", 1+1)",
	"undeclared + 1",
	"panic(\"on purpose\")",
	"c := make(chan int)\ngo func() { c <- 7 }()\n<-c",
	"func f(n int) int { if n < 2 { return n }; return f(n-1) + f(n-2) }\nf(8)",
	"func sum[T int | float64](xs []T) (s T) { for _, x := range xs { s += x }; return s }\nsum([]int{1, 3, 2})",
	"import \"slices\"\nxs := []int{3, 1, 2}\nslices.Sort(xs)\nxs",
	"type P struct{ X, Y float64 }\nfunc (p P) Norm() float64 { return p.X*p.X + p.Y*p.Y }\nP{3, 4}.Norm()",
	"import \"gonum.org/v1/gonum/mat\"\nm := mat.NewDense(2, 2, []float64{1, 2, 3, 4})\nmat.Det(m)",
}

// TestMemory: a kernel's heap is level over thousands of cells. The source of each cell
// stays, for tracebacks and the history: of cells that are the same, a pointer.
func TestMemory(t *testing.T) {
	const rounds, most = 240, 60 // bytes a cell
	if testing.Short() {
		t.Skip("builds a kernel")
	}
	k, err := batch.Built(context.Background(), func(s string) { t.Log(s) })
	if err != nil {
		t.Fatal(err)
	}
	const heap = "import \"runtime\"\nvar stats runtime.MemStats\nruntime.GC()\nruntime.GC()\nruntime.ReadMemStats(&stats)\nstats.HeapAlloc"
	var list []string
	var at []int // of the cells that say how large the heap is
	for r := range rounds {
		list = append(list, levelCells...)
		if r+1 == rounds/3 || r+1 == rounds {
			list = append(list, heap)
			at = append(at, len(list)-1)
		}
	}
	run, err := k.Run(context.Background(), 5*time.Minute, nil, list...)
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Cells) != len(list) {
		t.Fatalf("%d of %d cells ran: %s", len(run.Cells), len(list), batch.Clip(run.Output, 300))
	}
	size := func(i int) int {
		n, err := strconv.Atoi(valueText(run.Cells[i]))
		if err != nil {
			t.Fatalf("cell %d: %+v", i, run.Cells[i])
		}
		return n
	}
	n := at[1] - at[0]
	grown := size(at[1]) - size(at[0])
	t.Logf("%d bytes after %d cells, %d more after %d more: %.0f a cell", size(at[0]), at[0], grown, n, float64(grown)/float64(n))
	if grown > n*most {
		t.Errorf("%d cells take %d bytes each", n, grown/n)
	}
}
