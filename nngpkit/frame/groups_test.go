package frame

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
)

// TestGroups divides rows whose values look alike once they are joined, which
// gota's GroupBy puts into one group.
func TestGroups(t *testing.T) {
	df := fixture.Frame(fixture.Text("a", "x_y", "x", "x_y", ""), fixture.Text("b", "z", "y_z", "z", "1:"), fixture.Floats("v", 1, 30, 2, 4))
	groups, err := Groups(df, "a", "b")
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, g := range groups {
		got += fmt.Sprint(g.Key, g.Frame.Col("v").Sum(), g.Frame.Nrow(), " ")
	}
	if want := "[x_y z] 3 2 [x y_z] 30 1 [ 1:] 4 1 "; got != want {
		t.Errorf("groups %q, want %q", got, want)
	}
	for _, columns := range [][]string{nil, {"c"}} {
		if _, err := Groups(df, columns...); err == nil {
			t.Errorf("groups by %q", columns)
		}
	}
}

// TestDescribe compares with numpy.quantile and numpy.std(ddof=1) of the numbers.
func TestDescribe(t *testing.T) {
	df := fixture.Frame(fixture.Text("name", "a", "b", "c", "d", "e"), fixture.Floats("x", math.NaN(), 4, 1, 2, 8), fixture.Floats("none", math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN()))
	out, err := Describe(df)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"n": 4, "missing": 1, "mean": 3.75, "sd": 3.095695936834452, "min": 1, "q1": 1.75, "median": 3, "q3": 5, "max": 8} {
		if got := out.Col(name).Float()[0]; math.Abs(got-want) > 1e-14 {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if n := out.Col("n").Float()[1]; n != 0 || !math.IsNaN(out.Col("max").Float()[1]) {
		t.Errorf("a column without numbers: %v", out)
	}
	if _, err := Describe(df, "name"); err == nil {
		t.Error("text was described")
	}
}

// TestDescribeBy: each row is what Describe says of the group.
func TestDescribeBy(t *testing.T) {
	df := fixture.Frame(fixture.Text("op", "conv", "pool", "conv", "", "pool"), fixture.Floats("x", 1, 4, 3, 7, math.NaN()))
	out, err := DescribeBy(df, "op", "x")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(out.Col("op").Records(), "|"); got != "conv|pool|" {
		t.Errorf("groups %q", got)
	}
	for name, want := range map[string][]float64{"n": {2, 1, 1}, "missing": {0, 1, 0}, "mean": {2, 4, 7}, "max": {3, 4, 7}} {
		for i, v := range out.Col(name).Float() {
			if v != want[i] {
				t.Errorf("%s of group %d is %v, want %v", name, i, v, want[i])
			}
		}
	}
	for _, names := range [][2]string{{"nope", "x"}, {"op", "nope"}, {"x", "op"}} {
		if _, err := DescribeBy(df, names[0], names[1]); err == nil {
			t.Errorf("%v is no error", names)
		}
	}
}

func ExampleGroups() {
	df := dataframe.New(
		series.New([]string{"conv", "pool", "conv"}, series.String, "op"), series.New([]float64{1, 2, 5}, series.Float, "tau"))
	groups, err := Groups(df, "op")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range groups {
		fmt.Println(g.Key[0], g.Frame.Col("tau").Mean())
	}
	// Output:
	// conv 3
	// pool 2
}
