package frame

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-gota/gota/series"
)

// mine is a table as people have them: gaps in four spellings, two forms of dates, a day
// that is none, percents with and without a space, thousands with commas, names that
// look like numbers.
const mine = `name,op,measured,parameters,accuracy,seconds
007,conv3x3,2024-03-05,"2,694,282",93.4 %,1.5
008,conv1x1,06.03.2024,"694,282",91.25%,NA
009,,2024-02-30,"1,200,000",-,2
010,conv3x3,,NA,90 %,
011,pool,2024-03-08,"12,345,678",n/a,3.25
`

func parse(t *testing.T, text string, cfg CSVConfig) (*Reading, map[string]series.Series) {
	t.Helper()
	df, read, err := ParseCSV(strings.NewReader(text), "dir/mine.csv", cfg)
	if err != nil {
		t.Fatal(err)
	}
	cols := map[string]series.Series{}
	for _, n := range df.Names() {
		cols[n] = df.Col(n)
	}
	return read, cols
}

func TestReadCSV(t *testing.T) {
	read, cols := parse(t, mine, CSVConfig{BadAsMissing: true})
	if got := cols["name"].Records(); !slices.Equal(got, []string{"007", "008", "009", "010", "011"}) {
		t.Errorf("names %v", got)
	}
	if got := cols["op"].Records(); !slices.Equal(got, []string{"conv3x3", "conv1x1", "", "conv3x3", "pool"}) {
		t.Errorf("text %q", got)
	}
	if got := cols["measured"].Records(); !slices.Equal(got, []string{"2024-03-05", "2024-03-06", "", "", "2024-03-08"}) {
		t.Errorf("dates %q", got)
	}
	nan := math.NaN()
	for name, want := range map[string][]float64{
		"parameters": {2694282, 694282, 1200000, nan, 12345678},
		"accuracy":   {.934, .9125, nan, .9, nan},
		"seconds":    {1.5, nan, 2, nan, 3.25},
	} {
		for i, v := range cols[name].Float() {
			if v != want[i] && !(math.IsNaN(v) && math.IsNaN(want[i])) {
				t.Errorf("%s, row %d: %v, want %v", name, i, v, want[i])
			}
		}
	}
	if cols["parameters"].Type() != series.Int || cols["seconds"].Type() != series.Float {
		t.Errorf("types %v, %v", cols["parameters"].Type(), cols["seconds"].Type())
	}
	if read.File != "mine.csv" || read.Rows != 5 || len(read.Bad) != 1 || read.Bad[0] != (BadValue{4, "measured", "2024-02-30", "is no day of the calendar"}) {
		t.Errorf("reading %+v", read)
	}
	for i, want := range []ColumnReading{
		{"name", TextColumn, 5, 0, 0, 5, nil, "007"},
		{"op", TextColumn, 4, 1, 0, 3, []string{""}, "conv3x3"},
		{"measured", DateColumn, 3, 1, 1, 3, []string{""}, "2024-03-05"},
		{"parameters", NumberColumn, 4, 1, 0, 4, []string{"NA"}, "2,694,282"},
		{"accuracy", PercentColumn, 3, 2, 0, 3, []string{"-", "n/a"}, "93.4 %"},
		{"seconds", NumberColumn, 3, 2, 0, 3, []string{"NA", ""}, "1.5"},
	} {
		got := read.Columns[i]
		if !slices.Equal(got.Spellings, want.Spellings) {
			t.Errorf("%s: spellings %q, want %q", want.Name, got.Spellings, want.Spellings)
		}
		got.Spellings, want.Spellings = nil, nil
		if got.Name != want.Name || got.Kind != want.Kind || got.Values != want.Values || got.Missing != want.Missing ||
			got.Bad != want.Bad || got.Different != want.Different || got.First != want.First {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	for _, text := range []string{read.String(), read.Markdown(), read.HTML()} {
		for _, want := range []string{"mine.csv: 5 rows", "percent", "NA, nothing", "2024-02-30", "it is no day of the calendar"} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in\n%s", want, text)
			}
		}
	}
}

// TestReadCSVFile: ReadCSV reads what WriteCSV wrote, and its errors name the file.
func TestReadCSVFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "mine.csv")
	df, _, err := ParseCSV(strings.NewReader(mine), "mine.csv", CSVConfig{BadAsMissing: true})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := WriteCSV(&b, df); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	again, _, err := ReadCSV(path, CSVConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range df.Names() {
		if g, w := again.Col(name).Records(), df.Col(name).Records(); !slices.Equal(g, w) {
			t.Errorf("%s: %v, want %v", name, g, w)
		}
	}
	if err := os.WriteFile(path, []byte(mine), 0o600); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{path: path + `: line 4, column "measured": "2024-02-30" is no day`, dir: "folder", path + "x": "no such file"} {
		if _, _, err := ReadCSV(at, CSVConfig{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestReadCSVForms(t *testing.T) {
	// German: semicolons, decimal commas, points between thousands.
	_, cols := parse(t, "a;b;c\n0,5;1.234,5;93,4 %\n1,25;7;5 %\n", CSVConfig{Decimal: ','})
	if a, b, c := cols["a"].Float(), cols["b"].Float(), cols["c"].Float(); a[1] != 1.25 || b[0] != 1234.5 || b[1] != 7 || c[0] != .934 {
		t.Errorf("%v %v %v", a, b, c)
	}
	// Layouts of one's own, and a time.
	_, cols = parse(t, "a,b\n03/05/2024,2024-03-05 18:30\n12/31/2024,2024-03-06\n", CSVConfig{Layouts: []string{"01/02/2006", "2006-01-02 15:04", "2006-01-02"}})
	if a, b := cols["a"].Records(), cols["b"].Records(); a[0] != "2024-03-05" || b[0] != "2024-03-05T18:30:00" {
		t.Errorf("%v %v", a, b)
	}
	// Spellings of one's own, and kinds.
	read, cols := parse(t, "a,b,c\nTBD,1,1\n2,-,0.5\n", CSVConfig{Missing: []string{"TBD"}, Kinds: map[string]string{"b": TextColumn}})
	if !math.IsNaN(cols["a"].Float()[0]) || cols["b"].Records()[1] != "-" || read.Columns[1].Missing != 0 {
		t.Errorf("%v %v %+v", cols["a"], cols["b"], read)
	}
	// A column without a value; one without a name; a point in every number.
	read, cols = parse(t, ",x\n1.0,\n2.0,NA\n", CSVConfig{})
	if cols["column_1"].Type() != series.Int || read.Columns[1].Missing != 2 || !math.IsNaN(cols["x"].Float()[0]) {
		t.Errorf("%+v", read)
	}
	// More bad values than are shown.
	var b strings.Builder
	b.WriteString("x\n" + strings.Repeat("1\n", 40) + strings.Repeat("soon\n", 30))
	read, _ = parse(t, b.String(), CSVConfig{BadAsMissing: true})
	if len(read.Bad) != 30 || !strings.Contains(read.String(), "10 more are in Reading.Bad.") {
		t.Error(read)
	}
}

func TestReadCSVErrors(t *testing.T) {
	for _, c := range []struct {
		text string
		cfg  CSVConfig
		want string
	}{
		{"", CSVConfig{}, "mine.csv: no header line"},
		{"a,b\n", CSVConfig{}, "no row below"},
		{"a,b,a\n1,2,3\n", CSVConfig{}, `columns 1 and 3 are both named "a"`},
		{"a,b\n1\n", CSVConfig{}, "line 2: wrong number of fields"},
		{"a\n1\n2\nsoon\n", CSVConfig{}, `line 4, column "a": "soon" is no number (`},
		{"a\n1\n2\n3\nsoon\nlater\n", CSVConfig{}, `line 5, column "a": "soon" is no number, and so is 1 more of the column`},
		{"a\n1%\n2%\n.03\n", CSVConfig{}, `line 4, column "a": ".03" has no percent sign`},
		{"a\n2024-01-02\n2024-01-03\n5\n", CSVConfig{}, `line 4, column "a": "5" is no date`},
		{"a\n2024-01-02\n2024-01-03\n03/05/2024\n", CSVConfig{}, "its layout has to be named (CSVConfig: Layouts"},
		{"a\n\"1,234\"\n5\n", CSVConfig{}, `line 2, column "a": "1,234" is 1234 or 1.234: say CSVConfig.Decimal`},
		{"a\n\"1,234\"\n5\n", CSVConfig{BadAsMissing: true}, "say CSVConfig.Decimal"},
		{"a;b\n0,5;1\n0,25;2\n", CSVConfig{}, `line 2, column "a": "0,5" has a decimal comma, and so is 1 more of the column (CSVConfig: Decimal`},
		{"a\n1\n2\n007\n", CSVConfig{}, `"007" loses zeros or digits`},
		{"a\nx\n", CSVConfig{Kinds: map[string]string{"a": NumberColumn}}, `"x" is no number`},
		{"a\nx\n", CSVConfig{Kinds: map[string]string{"b": NumberColumn}}, `no column "b"`},
		{"a\nx\n", CSVConfig{Kinds: map[string]string{"a": "float"}}, `of the kind "float"`},
		{"a\nx\n", CSVConfig{Comma: '"'}, "separated"},
		{"a\nx\n", CSVConfig{Decimal: ';'}, "decimal mark"},
	} {
		_, _, err := ParseCSV(strings.NewReader(c.text), "mine.csv", c.cfg)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "mine.csv") {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
}

// FuzzParseCSV: whatever the text, there is an error or a frame with a row a record.
func FuzzParseCSV(f *testing.F) {
	f.Add(mine, true)
	f.Add("a;b\n0,5;1.234\n", false)
	f.Fuzz(func(t *testing.T, text string, bad bool) {
		df, read, err := ParseCSV(strings.NewReader(text), "x", CSVConfig{BadAsMissing: bad})
		if err != nil {
			return
		}
		if df.Nrow() != read.Rows || df.Ncol() != len(read.Columns) {
			t.Fatalf("%d x %d, read %+v", df.Nrow(), df.Ncol(), read)
		}
		for i, c := range read.Columns {
			if c.Values+c.Missing+c.Bad != read.Rows {
				t.Fatalf("%+v of %d rows", c, read.Rows)
			}
			gone := 0
			for _, g := range gaps(df.Col(df.Names()[i])) {
				if g {
					gone++
				}
			}
			if c.Kind != TextColumn && gone != c.Missing+c.Bad {
				t.Fatalf("%+v, and %d gaps", c, gone)
			}
		}
	})
}
