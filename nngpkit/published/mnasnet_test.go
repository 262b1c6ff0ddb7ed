package published_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/internal/testdata"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
	"github.com/nngplab/nngplab/nngpkit/mnasnet"
	"github.com/nngplab/nngplab/nngpkit/published"
)

func open(t *testing.T, name string) published.Table {
	t.Helper()
	s, err := published.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	table, err := s.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// TestAccel compares the tables with their files, row by row.
func TestAccel(t *testing.T) {
	fixture.WithData(t)
	file, err := mnasnet.ReadTableFile(testdata.Path(t, "mnasnet", "accel_nasbench_imagenet.csv"))
	if err != nil {
		t.Fatal(err)
	}
	table := open(t, "accel")
	runs := map[string][]float64{}
	for _, r := range file.Rows {
		runs[r.Decisions.String()] = append(runs[r.Decisions.String()], r.Top1/100)
	}
	if table.Len() != len(runs) {
		t.Errorf("%d networks, the file has %d", table.Len(), len(runs))
	}
	for i := range table.Len() {
		want := runs[table.Key(i)]
		sum := 0.0
		for _, v := range want {
			sum += v
		}
		got, n := table.Truth(i)
		if n != len(want) || math.Abs(got-sum/float64(n)) > 1e-15 || table.Architecture(i).Key() != table.Key(i) {
			t.Fatalf("network %d: %v of %d runs, the file has %v", i, got, n, want)
		}
		if k, ok := table.Index(table.Key(i)); !ok || k != i {
			t.Fatalf("key of network %d is at %d", i, k)
		}
		if short, m := table.Training(i, 16); len(short) != n || m != got {
			t.Fatalf("16 epochs of network %d: %v", i, short)
		}
	}
	t.Logf("%d rows are %d networks", file.Len(), table.Len())
}

// TestAccelColumns: what the tables hold beside accuracies.
func TestAccelColumns(t *testing.T) {
	testdata.Path(t, "mnasnet", "multiseed_long_seed1.csv")
	fixture.WithData(t)
	for name, want := range map[string]string{
		"accel": "[hours]", "accel-short": "[hours run1 run2 run3]", "accel-long": "[hours run1 run2 run3 short_hours short1 short2 short3]",
	} {
		table := open(t, name)
		var names []string
		columns := map[string][]float64{}
		for _, c := range table.(published.Columned).Columns() {
			names, columns[c.Name] = append(names, c.Name), c.Values
		}
		if got := fmt.Sprint(names); got != want {
			t.Errorf("%s has %s, want %s", name, got, want)
		}
		for i := range table.Len() {
			mean, runs := table.Truth(i)
			if h := columns["hours"][i]; !(h > 0.1 && h < 100) {
				t.Fatalf("%s: network %d took %v hours", name, i, h)
			}
			if name == "accel" {
				continue
			}
			if sum := columns["run1"][i] + columns["run2"][i] + columns["run3"][i]; runs != 3 || math.Abs(sum/3-mean) > 1e-12 {
				t.Fatalf("%s: network %d has runs of mean %v, want %v", name, i, sum/3, mean)
			}
			if name == "accel-long" {
				short, _ := table.Training(i, 16)
				if columns["short2"][i] != short[1] || !(columns["short_hours"][i] < columns["hours"][i]) {
					t.Fatalf("network %d: short runs %v, %v hours of %v", i, short, columns["short_hours"][i], columns["hours"][i])
				}
			}
		}
	}
}

// TestAccelSeeds: of 117 networks three seeds each, the long training with the
// short one beside it; longer is better for all.
func TestAccelSeeds(t *testing.T) {
	testdata.Path(t, "mnasnet", "multiseed_long_seed1.csv")
	fixture.WithData(t)
	long, short := open(t, "accel-long"), open(t, "accel-short")
	if long.Len() != 117 || short.Len() != 117 {
		t.Fatalf("%d and %d networks", long.Len(), short.Len())
	}
	var meanLong, meanShort float64
	for i := range long.Len() {
		a, n := long.Truth(i)
		runs, b := long.Training(i, 16)
		k, ok := short.Index(long.Key(i))
		c, m := short.Truth(k)
		if n != 3 || len(runs) != 3 || !ok || m != 3 || b != c || b >= a {
			t.Fatalf("network %d: %v of %d long runs, %v of %d short ones, %v of %d", i, a, n, b, len(runs), c, m)
		}
		if runs, _ := long.Training(i, 4); runs != nil {
			t.Fatalf("4 epochs: %v", runs)
		}
		meanLong, meanShort = meanLong+a/117, meanShort+c/117
	}
	// The means that the tables' documentation gives, in percent to one digit.
	if math.Abs(meanLong-.677) > .0005 || math.Abs(meanShort-.604) > .0005 {
		t.Errorf("mean top-1 %.4f long, %.4f short", meanLong, meanShort)
	}
	if _, ok := long.Index("nothing"); ok {
		t.Error("a network that is none")
	}
}

func TestAccelNowhere(t *testing.T) {
	t.Setenv("NNGPLAB_DATA", t.TempDir())
	for _, v := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(v, t.TempDir())
	}
	for _, name := range []string{"accel", "accel-short", "accel-long"} {
		s, err := published.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Open(t.Context())
		var missing *published.NotFoundError
		if !errors.As(err, &missing) || !strings.Contains(err.Error(), "nngplab data fetch accel-nasbench") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
