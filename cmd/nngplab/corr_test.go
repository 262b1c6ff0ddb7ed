package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/internal/csvfile"
	"github.com/nngplab/nngplab/internal/testdata"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/frame"
)

// corrRun runs the command and returns its exit code and output.
func corrRun(args ...string) (code int, stdout, stderr string) {
	var o, e bytes.Buffer
	code = run(append([]string{"corr"}, args...), &o, &e)
	return code, o.String(), e.String()
}

func writeCSV(t *testing.T, text string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), "cells.csv")
	if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

const smallCSV = "\ufeffname,acc,nngp,err,flat\n" +
	"a,0.91,0.31,0.2,1\nb,0.93,0.35,0.1,1\nc,0.88,0.31,0.4,1\nd,0.94,0.36,0.3,1\ne,0.90,0.29,0.5,1\n"

func TestCorr(t *testing.T) {
	p := writeCSV(t, smallCSV)
	code, out, stderr := corrRun("--csv", p, "--truth", "acc", "--signal", "nngp,-err", "--top", "2", "--thresholds", "0.9,0.99")
	if code != 0 || stderr != "" {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	for _, want := range []string{"Signals against acc, n = 5", "0.7379", "-err", "best of top 2", "No row has acc > 0.99"} {
		if !strings.Contains(out, want) {
			t.Errorf("output lacks %q:\n%s", want, out)
		}
	}
}

func TestCorrJSON(t *testing.T) {
	p := writeCSV(t, smallCSV)
	args := []string{"--csv", p, "--truth", "acc", "--signal", "nngp", "--signal", "flat", "--top", "2", "--bootstrap", "40", "--seed", "3", "--json"}
	code, out, stderr := corrRun(args...)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	var v struct {
		Report struct {
			N       int
			Signals []struct {
				Signal   string
				Constant bool
				Kendall  struct{ Value, P *float64 }
				Interval struct{ Lower *float64 } `json:"kendall_interval"`
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	s := v.Report.Signals
	// tau-b of the small table: 10 pairs, 8 concordant, 1 discordant, one tied in
	// the signal: 7 / sqrt(10*9).
	if v.Report.N != 5 || len(s) != 2 || math.Abs(*s[0].Kendall.Value-7/math.Sqrt(90)) > 1e-12 || s[0].Interval.Lower == nil {
		t.Errorf("report %s", out)
	}
	if !s[1].Constant || s[1].Kendall.Value != nil || s[1].Kendall.P != nil {
		t.Errorf("a constant column must give null: %s", out)
	}
	if _, again, _ := corrRun(append(args, "--threads", "1")...); again != out {
		t.Error("one thread gives another result")
	}
}

func TestCorrBadInput(t *testing.T) {
	small := writeCSV(t, smallCSV)
	for _, c := range []struct {
		name, csv string
		args      []string
		want      string
	}{
		{"no file", "", []string{"--csv", "nowhere.csv", "--truth", "a", "--signal", "b"}, "nowhere.csv"},
		{"no csv", "", []string{"--truth", "a", "--signal", "b"}, "--csv is missing"},
		{"no truth", small, []string{"--signal", "b"}, "--truth is missing"},
		{"no signal", small, []string{"--truth", "acc"}, "--signal is missing"},
		{"no column", small, []string{"--truth", "acc", "--signal", "speed"}, `no column "speed"; there are name, acc`},
		{"text", small, []string{"--truth", "acc", "--signal", "name"}, `line 2, column "name": "a" is not a finite number`},
		{"top", small, []string{"--truth", "acc", "--signal", "nngp", "--top", "10"}, "5 rows with numbers, want at least 10"},
		{"separator", small, []string{"--truth", "acc", "--signal", "nngp", "--separator", "::"}, "--separator"},
		{"other separator", small, []string{"--truth", "acc", "--signal", "nngp", "--separator", ";"}, "no column \"acc\""},
		{"top 0", small, []string{"--truth", "acc", "--signal", "nngp", "--top", "0"}, "--top is 0"},
		{"bootstrap", small, []string{"--truth", "acc", "--signal", "nngp", "--bootstrap", "1"}, "--bootstrap is 1"},
		{"level", small, []string{"--truth", "acc", "--signal", "nngp", "--level", "95"}, "--level is 95"},
		{"threshold", small, []string{"--truth", "acc", "--signal", "nngp", "--thresholds", "x"}, "invalid argument"},
		{"NaN threshold", small, []string{"--truth", "acc", "--signal", "nngp", "--thresholds", "NaN"}, "NaN"},
		{"flag", small, []string{"--frobnicate"}, "unknown flag"},
		{"argument", small, []string{"extra"}, "extra"},
		{"empty", writeCSV(t, ""), []string{"--truth", "a", "--signal", "b"}, "the file is empty"},
		{"header only", writeCSV(t, "a,b\n"), []string{"--truth", "a", "--signal", "b", "--top", "1"}, "0 rows with numbers, want at least 2"},
		{"missing", writeCSV(t, "a,b\n1,2\n3,\n"), []string{"--truth", "a", "--signal", "b", "--top", "1"}, `line 3, column "b": the value is missing`},
		{"NaN", writeCSV(t, "a,b\n1,2\n3,NaN\n"), []string{"--truth", "a", "--signal", "b", "--top", "1"}, `line 3, column "b": the value is missing: "NaN"`},
		{"huge", writeCSV(t, "a,b\n1,2\n3,1e999\n"), []string{"--truth", "a", "--signal", "b", "--top", "1"}, `line 3, column "b"`},
		{"short row", writeCSV(t, "a,b\n1,2\n3\n"), []string{"--truth", "a", "--signal", "b", "--top", "1"}, "wrong number of fields"},
		{"twice", writeCSV(t, "a,b,a\n1,2,3\n"), []string{"--truth", "a", "--signal", "b", "--top", "1"}, `columns 1 and 3 are both named "a"`},
	} {
		args := c.args
		if c.csv != "" {
			args = append([]string{"--csv", c.csv}, args...)
		}
		code, out, stderr := corrRun(args...)
		if code != exitUsage || out != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit code %d, output %q, want %q in %q", c.name, code, out, c.want, stderr)
		}
	}
}

func TestCorrSkipMissing(t *testing.T) {
	p := writeCSV(t, "a,b\n1,2\n3,\n4,5\nx,6\n7,7\n")
	code, out, stderr := corrRun("--csv", p, "--truth", "a", "--signal", "b", "--top", "1", "--skip-missing")
	if code != 0 || !strings.Contains(out, "n = 3") || !strings.Contains(out, "2 of 5 rows were left out: a is no number in 1 (line 5: \"x\"); b is missing in 1 (line 3)") {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
	code, out, _ = corrRun("--csv", p, "--truth", "a", "--signal", "b", "--top", "1", "--skip-missing", "--json")
	if code != 0 || !strings.Contains(out, `"rows_skipped": 2`) {
		t.Errorf("JSON: %s", out)
	}
	code, _, stderr = corrRun("--csv", p, "--truth", "a", "--signal", "b", "--top", "4", "--skip-missing")
	if code != exitUsage || !strings.Contains(stderr, "3 rows with numbers (2 left out), want at least 4") {
		t.Errorf("too few rows left: %s", stderr)
	}
}

// TestCorrSeparators reads what others separate fields by, and names the column that
// leaves no row.
// TestCorrNewcomer: the file without its flag, blanks around the names of signals, and
// UTF-16, as spreadsheets export "Unicode text".
func TestCorrNewcomer(t *testing.T) {
	path := placed(t, "t.csv", "name,acc,x\na,.5,1\nb,.6,2\nc,.7,4\n")
	want := must(t, "corr", "--csv", path, "--truth", "acc", "--signal", "x")
	if got := must(t, "corr", path, "--truth", "acc", "--signal", " x"); got != want {
		t.Errorf("%s\nand with --csv\n%s", got, want)
	}
	if code, _, errs := call("corr", path, "--csv", path, "--truth", "acc", "--signal", "x"); code != exitUsage || !strings.Contains(errs, "give one file") {
		t.Errorf("exit %d, %s", code, errs)
	}
	text := "\xff\xfen\x00,\x00a\x00\n\x00"
	if code, _, errs := call("corr", placed(t, "t.csv", text), "--truth", "acc", "--signal", "x"); code != exitUsage || !strings.Contains(errs, "UTF-16") {
		t.Errorf("exit %d, %s", code, errs)
	}
}

func TestCorrSeparators(t *testing.T) {
	_, want, _ := corrRun("--csv", writeCSV(t, smallCSV), "--truth", "acc", "--signal", "nngp", "--top", "2")
	for _, sep := range []string{";", "\t", "|"} {
		p := writeCSV(t, strings.ReplaceAll(smallCSV, ",", sep))
		if code, out, errs := corrRun("--csv", p, "--truth", "acc", "--signal", "nngp", "--top", "2"); code != 0 || out != want {
			t.Errorf("%q: exit code %d: %s%s", sep, code, out, errs)
		}
	}
	p := writeCSV(t, strings.ReplaceAll(smallCSV, ",", ":"))
	if code, out, errs := corrRun("--csv", p, "--truth", "acc", "--signal", "nngp", "--separator", ":"); code != 0 || !strings.Contains(out, "best of top 2") {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
	p = writeCSV(t, "acc,name\n1,a\n2,b\n")
	code, _, errs := corrRun("--csv", p, "--truth", "acc", "--signal", "name", "--skip-missing")
	if code != exitUsage || !strings.Contains(errs, `0 rows with numbers (2 left out), want at least 2: name is no number in 2 (lines 2, 3: "a")`) {
		t.Errorf("exit code %d: %s", code, errs)
	}
}

// mineCSV is a table as people have them: gaps in several spellings, dates in two forms and
// one that is none, percents with and without a space, thousands with commas.
const mineCSV = `name,measured,parameters,accuracy,seconds
a,2024-03-05,"2,694,282",93.4 %,1.5
b,06.03.2024,"694,282",91.25%,NA
c,2024-02-30,"1,200,000",92 %,2
d,,NA,90 %,2.5
e,2024-03-08,"12,345,678",-,3.25
f,2024-03-09,"3,345,678",95%,3
g,2024-03-10,"4,345,678",94%,2.75
`

// TestCorrAsPeopleHaveThem reads percents, thousands and dates, says which column lost
// which rows, and finds what frame.ReadCSV and corr.Compare find.
func TestCorrAsPeopleHaveThem(t *testing.T) {
	p := writeCSV(t, mineCSV)
	code, out, errs := corrRun("--csv", p, "--truth", "accuracy", "--signal", "parameters,seconds,measured", "--skip-missing")
	for _, want := range []string{
		"n = 3", "4 of 7 rows were left out: accuracy is missing in 1 (line 6); parameters is missing in 1 (line 5); seconds is missing in 1 (line 3); measured is no number in 1",
		"accuracy holds percentages, which are read as shares: 93.4 % is 0.934.", "measured holds dates, which are read as days since 1970-01-01.",
	} {
		want = strings.Replace(want, "measured is no number in 1", `measured is no date in 1 (line 4: "2024-02-30")`, 1)
		if !strings.Contains(out, want) {
			t.Errorf("exit code %d, no %q in\n%s%s", code, want, out, errs)
		}
	}
	code, out, errs = corrRun("--csv", p, "--truth", "accuracy", "--signal", "parameters,measured", "--skip-missing", "--json")
	var v struct {
		Kinds map[string]string
		Gaps  []corrGap `json:"skipped_by_column"`
	}
	if err := json.Unmarshal([]byte(out), &v); err != nil || code != 0 {
		t.Fatalf("%v: %s%s", err, out, errs)
	}
	if v.Kinds["accuracy"] != "percent" || v.Kinds["measured"] != "date" || v.Kinds["parameters"] != "number" || len(v.Gaps) != 3 || v.Gaps[2].FirstLine != 4 || len(v.Gaps[2].Lines) != 1 {
		t.Errorf("%s", out)
	}

	df, _, err := frame.ParseCSV(strings.NewReader(mineCSV), "mine.csv", frame.CSVConfig{BadAsMissing: true})
	if err != nil {
		t.Fatal(err)
	}
	if df, err = frame.Known(df, "accuracy", "parameters", "measured"); err != nil {
		t.Fatal(err)
	}
	days, err := frame.Days(df, "measured")
	if err != nil {
		t.Fatal(err)
	}
	want, err := corr.Compare(t.Context(), df.Col("accuracy").Float(), []corr.Signal{{Name: "parameters", Values: df.Col("parameters").Float()}, {Name: "measured", Values: days}},
		corr.ReportConfig{TruthName: "accuracy", Top: df.Nrow() / 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, out, _ = corrRun("--csv", p, "--truth", "accuracy", "--signal", "parameters,measured", "--skip-missing"); !strings.HasPrefix(out, want.String()) {
		t.Errorf("the command says\n%s\nthe library\n%s", out, want)
	}
}

// TestCorrKinds: values of two kinds in a column, and what a comma may be.
func TestCorrKinds(t *testing.T) {
	for _, c := range []struct {
		csv  string
		args []string
		code int
		want string
	}{
		{"a,b\n1,90%\n2,.91\n3,92%\n", nil, exitUsage, `line 3, column "b": ".91" is a number, and "90%" on line 2 a percent`},
		{"a,b\n1,90%\n2,.91\n3,92%\n", []string{"--skip-missing"}, 0, `1 of 3 rows were left out: b is no percentage in 1 (line 3: ".91")`},
		// The first value is the odd one.
		{"a,b\n1,2024-01-02\n2,5\n3,7\n", []string{"--skip-missing"}, 0, `b is no number in 1 (line 2: "2024-01-02")`},
		{"a,b\n1,\"1,234\"\n2,5\n", []string{"--skip-missing"}, exitUsage, `line 2, column "b": "1,234" is 1234 or 1.234: say --decimal`},
		{"a,b\n1,\"1,234\"\n2,5\n", []string{"--decimal", "."}, 0, "best of top 1"},
		{"a,b\n1,\"1,234\"\n2,5\n3,\"2,000,000\"\n", nil, 0, "best of top 1"},
		{"a;b\n1;0,5\n2;0,25\n", nil, exitUsage, `"0,5" has a decimal comma: say --decimal ,`},
		{"a;b\n1;0,5\n2;0,25\n3;7\n", []string{"--skip-missing"}, exitUsage, `line 2, column "b": "0,5" has a decimal comma, as most of the column have: say --decimal ,`},
		{"a;b\n1;0,5\n2;1.000,25\n", []string{"--decimal", ","}, 0, "best of top 1"},
		{"a,b\n1,03/05/2024\n2,5\n", nil, exitUsage, "layout"},
		{"a,b\n1,-\n2,5\n", nil, exitUsage, `the value is missing: "-" (--skip-missing`},
		{"a,b\n1,2\n", []string{"--decimal", ";"}, exitUsage, "--decimal"},
	} {
		code, out, errs := corrRun(append([]string{"--csv", writeCSV(t, c.csv), "--truth", "a", "--signal", "b"}, c.args...)...)
		if code != c.code || !strings.Contains(out+errs, c.want) {
			t.Errorf("%q %v: exit code %d, no %q in %s%s", c.csv, c.args, code, c.want, out, errs)
		}
	}
	var b strings.Builder
	b.WriteString("a,b\n")
	for i := range 20 {
		fmt.Fprintf(&b, "%d,%s\n", i, []string{"", "3"}[i%2])
	}
	_, out, errs := corrRun("--csv", writeCSV(t, b.String()), "--truth", "a", "--signal", "b", "--skip-missing")
	if !strings.Contains(out, "b is missing in 10 (lines 2, 4, 6, 8, 10 and 5 more)") {
		t.Errorf("%s%s", out, errs)
	}
}

// TestCorrPercent: a truth in percent has thresholds of its own.
func TestCorrPercent(t *testing.T) {
	var b strings.Builder
	b.WriteString("top1,signal\n")
	for i := range 40 {
		fmt.Fprintf(&b, "%d.5,%d\n", 50+i, (i*7)%40)
	}
	code, out, errs := corrRun("--csv", writeCSV(t, b.String()), "--truth", "top1", "--signal", "signal")
	if code != 0 || !strings.Contains(out, "quantiles of top1") || strings.Contains(out, "Every row") || !strings.Contains(out, "weighted tau") {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
}

// TestCorrRealData reproduces known figures of published tables: parameters
// against top-1 accuracy of 4,110 MnasNet networks (SciPy: 0.620) and against
// the mean test accuracy of 772 retrained NAS-Bench-101 cells (SciPy: 0.541).
func TestCorrRealData(t *testing.T) {
	p := testdata.Path(t, "mnasnet", "accel_nasbench_imagenet.csv")
	checkTau(t, p, "val_top1", "params_M", 4110, 0.620)

	f, err := os.Open(testdata.Path(t, "nasbench101", "retrained.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	recs, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, h := range recs[0] {
		at[h] = i
	}
	type cell struct{ params, sum, n float64 }
	cells := map[string]*cell{}
	var order []string
	for _, r := range recs[1:] {
		if r[at["epochs"]] != "108" {
			continue
		}
		h := r[at["module_hash"]]
		if cells[h] == nil {
			cells[h] = &cell{}
			order = append(order, h)
		}
		acc, err := strconv.ParseFloat(r[at["test_accuracy"]], 64)
		if err != nil {
			t.Fatal(err)
		}
		cells[h].params, err = strconv.ParseFloat(r[at["trainable_parameters"]], 64)
		if err != nil {
			t.Fatal(err)
		}
		cells[h].sum += acc
		cells[h].n++
	}
	var b strings.Builder
	b.WriteString("test,parameters\n")
	for _, h := range order {
		fmt.Fprintf(&b, "%.17g,%g\n", cells[h].sum/cells[h].n, cells[h].params)
	}
	checkTau(t, writeCSV(t, b.String()), "test", "parameters", 772, 0.541)
}

func checkTau(t *testing.T, file, truth, signal string, n int, tau float64) {
	t.Helper()
	code, out, stderr := corrRun("--csv", file, "--truth", truth, "--signal", signal, "--json")
	if code != 0 {
		t.Fatal(stderr)
	}
	var v struct {
		Report struct {
			N       int
			Signals []struct{ Kendall struct{ Value float64 } }
		}
	}
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatal(err)
	}
	if got := v.Report.Signals[0].Kendall.Value; v.Report.N != n || math.Abs(got-tau) > 0.0005 {
		t.Errorf("%s: n = %d, tau %.4f, want %d and %.3f", file, v.Report.N, got, n, tau)
	}
}

// FuzzCorrTable feeds arbitrary text to the reader: it returns whole finite
// columns or an error.
func FuzzCorrTable(f *testing.F) {
	f.Add(smallCSV, false)
	f.Add("acc,nngp\n1,\"2\n", true)
	f.Add("acc,nngp\n1,2,3\n,\n", true)
	f.Fuzz(func(t *testing.T, text string, skip bool) {
		tb, err := parseCorrTable(strings.NewReader(text), []string{"acc", "-nngp"}, 0, csvfile.Format{}, skip)
		if err != nil {
			return
		}
		if len(tb.columns[0]) != len(tb.columns[1]) {
			t.Fatal("columns of different lengths")
		}
		for _, c := range tb.columns {
			for _, v := range c {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Fatalf("value %v", v)
				}
			}
		}
	})
}
