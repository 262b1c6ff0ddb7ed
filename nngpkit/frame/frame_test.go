package frame

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"

	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
)

func TestJoin(t *testing.T) {
	left := fixture.Frame(fixture.Text("hash", "a", "b", "c", "d"), fixture.Floats("truth", 1, 2, 3, 4))
	right := fixture.Frame(fixture.Floats("score", 30, 10, 50), fixture.Text("hash", "c", "a", "x"))
	df, err := Join(left, right, "hash")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"hash", "truth", "score"}, {"a", "1.000000", "10.000000"}, {"c", "3.000000", "30.000000"}}
	if got := df.Records(); !reflect.DeepEqual(got, want) {
		t.Errorf("Join = %v, want %v", got, want)
	}
	// The same rows as gota's own join.
	theirs := left.InnerJoin(right, "hash").Arrange(dataframe.Sort("hash"))
	if !reflect.DeepEqual(theirs.Col("score").Float(), df.Col("score").Float()) {
		t.Errorf("gota joins %v", theirs.Records())
	}

	// A frame of keys alone picks rows.
	if df, err = Join(left, right.Select([]string{"hash"}), "hash"); err != nil || !reflect.DeepEqual(df.Records(), [][]string{{"hash", "truth"}, {"a", "1.000000"}, {"c", "3.000000"}}) {
		t.Errorf("Join with keys alone = %v, %v", df.Records(), err)
	}

	df, err = LeftJoin(left, right, "hash")
	if err != nil {
		t.Fatal(err)
	}
	got := df.Col("score").Float()
	if len(got) != 4 || got[0] != 10 || !math.IsNaN(got[1]) || got[2] != 30 || !math.IsNaN(got[3]) {
		t.Errorf("LeftJoin gives scores %v", got)
	}
	if _, err := Floats(df, "score"); err == nil || !strings.Contains(err.Error(), `"score" has no number in row 1`) {
		t.Errorf("a missing value gives the error %v", err)
	}
}

func TestJoinErrors(t *testing.T) {
	ok := fixture.Frame(fixture.Text("hash", "a", "b"), fixture.Floats("x", 1, 2))
	for want, f := range map[string]func() error{
		"rows 0 and 1 of the left frame have the same hash, \"a\"": func() error {
			_, err := Join(fixture.Frame(fixture.Text("hash", "a", "a"), fixture.Floats("y", 1, 2)), ok, "hash")
			return err
		},
		"rows 0 and 1 of the right frame": func() error {
			_, err := LeftJoin(ok, fixture.Frame(fixture.Text("hash", "a", "a"), fixture.Floats("y", 1, 2)), "hash")
			return err
		},
		"both frames have a column \"x\"":    func() error { _, err := Join(ok, ok, "hash"); return err },
		"right frame has no column \"hash\"": func() error { _, err := Join(ok, fixture.Frame(fixture.Floats("y", 1)), "hash"); return err },
		"no column \"z\"":                    func() error { _, err := Floats(ok, "z"); return err },
		"holds text":                         func() error { _, err := Floats(ok, "hash"); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want it to say %q", err, want)
		}
	}
}

// BenchmarkJoin joins as many rows as NAS-Bench-101 has cells with at most six
// vertices; gota's own join takes minutes for them.
func BenchmarkJoin(b *testing.B) {
	const n = 64542
	keys, back := make([]string, n), make([]string, n)
	v := make([]float64, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("%032x", i)
		back[n-1-i] = keys[i]
		v[i] = float64(i)
	}
	left := fixture.Frame(fixture.Text("hash", keys...), fixture.Floats("x", v...))
	right := fixture.Frame(fixture.Text("hash", back...), fixture.Floats("y", v...))
	for b.Loop() {
		if _, err := Join(left, right, "hash"); err != nil {
			b.Fatal(err)
		}
	}
}

// TestFloatsOrNaN: what is missing is NaN, which Floats refuses; no column and text
// are refused by both.
func TestFloatsOrNaN(t *testing.T) {
	df := fixture.Frame(fixture.Floats("x", 1, math.NaN()), fixture.Text("s", "a", "b"))
	x, err := FloatsOrNaN(df, "x")
	if err != nil || x[0] != 1 || !math.IsNaN(x[1]) {
		t.Errorf("%v, %v", x, err)
	}
	if _, err := Floats(df, "x"); err == nil {
		t.Error("Floats takes NaN")
	}
	for _, name := range []string{"s", "y"} {
		if _, err := FloatsOrNaN(df, name); err == nil {
			t.Errorf("column %s is taken", name)
		}
	}
}
