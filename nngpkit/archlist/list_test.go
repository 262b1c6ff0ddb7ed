package archlist

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/space"
	_ "github.com/nngplab/nngplab/nngpkit/spaces"
)

// cellSpace is NAS-Bench-101.
func cellSpace() space.Space {
	s, err := space.Find("nasbench101")
	if err != nil {
		panic(err)
	}
	return s
}

// words is another space: texts that begin with word.
type words struct{ space.Space }

func (words) Name() string                                     { return "words" }
func (words) Size() *big.Int                                   { return big.NewInt(1) }
func (words) Info() space.Info                                 { return space.Info{KeyColumn: "word"} }
func (words) ByKey() error                                     { return nil }
func (words) Sample(int, uint64) ([]space.Architecture, error) { return nil, nil }
func (words) Parse(text string) (space.Architecture, error) {
	if strings.HasPrefix(text, "word") {
		return cellSpace().Parse("01/00 input,output") // any architecture
	}
	return nil, errors.New("no word")
}

func init() { space.Register(words{}) }

// Two writings of one cell, and another, with hashes of google-research/nasbench
// (the table of check values in nasbench's tests has the second).
const (
	skip      = "043721b9c7fe8c5fad811d47d83132ec" // input -> output
	resnet    = "b5fb4f6193360330b6ff6a52cbf0cad7"
	resnetRow = "0101/0010/0001/0000"
	resnetOps = "input,conv3x3-bn-relu,conv3x3-bn-relu,output"
	branches  = "01100/00010/00001/00001/00000 input,conv3x3-bn-relu,maxpool3x3,conv1x1-bn-relu,output"
	reordered = "01100/00001/00010/00001/00000 input,maxpool3x3,conv3x3-bn-relu,conv1x1-bn-relu,output"
)

func read(t *testing.T, text string, o Options) (*List, error) {
	t.Helper()
	return Read(context.Background(), strings.NewReader(text), "list", cellSpace(), o)
}

// entries shows a list as "line key" or "line !", for comparison.
func entries(l *List) string {
	var out []string
	for _, e := range l.Entries {
		switch {
		case e.Err != nil && (e.Architecture != nil || e.Key != ""):
			out = append(out, fmt.Sprintf("%d broken", e.Line))
		case e.Err != nil:
			out = append(out, fmt.Sprintf("%d !", e.Line))
		case e.Architecture.Key() != e.Key:
			out = append(out, fmt.Sprintf("%d wrong key", e.Line))
		default:
			out = append(out, fmt.Sprintf("%d %.4s", e.Line, e.Key))
		}
	}
	return strings.Join(out, ", ")
}

// Every layout that names the same two cells.
func TestLayouts(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"hashes":           {skip + "\n" + resnet + "\n", "1 0437, 2 b5fb"},
		"comments, blanks": {"# cells\n\n" + skip + "\r\n\n  " + resnet, "3 0437, 5 b5fb"},
		"text forms":       {"01/00 input,output\n" + resnetRow + " " + resnetOps, "1 0437, 2 b5fb"},
		"mixed":            {skip + "\n" + resnetRow + " " + resnetOps, "1 0437, 2 b5fb"},
		"Python":           {"[[0,1],[0,0]] ['input','output']\n[[0,1,0,1],[0,0,1,0],[0,0,0,1],[0,0,0,0]] ['input','c3','c3','output']", "1 0437, 2 b5fb"},
		"CSV of hashes":    {"hash\n" + skip + "\n" + resnet, "2 0437, 3 b5fb"},
		"CSV, more":        {"id,Module_Hash,acc\n1," + skip + ",.9\n2," + resnet + ",.8\n", "2 0437, 3 b5fb"},
		"CSV, matrix":      {"matrix,ops,x\n01/00,\"input,output\",1\n" + resnetRow + ",\"" + resnetOps + "\",2", "2 0437, 3 b5fb"},
		"CSV, published":   {"module_hash,n_vertices,adjacency_rowmajor,ops\n" + skip + ",2,0100,input;output\n" + resnet + ",4,0101001000010000,input;c3;c3;output", "2 0437, 3 b5fb"},
		"CSV, hash alone":  {"hash,matrix,ops\n" + skip + ",,\n" + resnet + ",,", "2 0437, 3 b5fb"},
		"CSV, text":        {"architecture,accuracy\n\"01/00 input,output\",1\n" + resnet + ",2", "2 0437, 3 b5fb"},
		"CSV, BOM":         {"\xef\xbb\xbfhash;acc\r\n" + skip + ";0,9\r\n" + resnet + ";0,8\r\n", "2 0437, 3 b5fb"},
		"tabs":             {"acc\thash\n1\t" + skip + "\n2\t" + resnet, "2 0437, 3 b5fb"},
		"CSV, long row":    {"note,hash\n\"two\nlines\"," + skip + "\nx," + resnet, "2 0437, 4 b5fb"},
		"JSON array":       {"[\"" + skip + "\",\n \"" + resnet + "\"]", "1 0437, 2 b5fb"},
		"JSON objects":     {"[\n {\"hash\": \"" + skip + "\"},\n {\"matrix\": [\"0101\",\"0010\",\"0001\",\"0000\"], \"ops\": [\"input\",\"c3\",\"c3\",\"output\"]}\n]", "2 0437, 3 b5fb"},
		"JSON numbers":     {"[{\"matrix\": [[0,1],[0,0]], \"ops\": [\"input\",\"output\"]},\n{\"matrix\": \"" + resnetRow + "\", \"ops\": \"" + resnetOps + "\", \"hash\": null}]", "1 0437, 2 b5fb"},
		"JSON object":      {"{\"seed\": 1,\n \"architectures\": [\n{\"hash\": \"" + skip + "\"},\n\n{\"hash\": \"" + resnet + "\"}]}", "3 0437, 5 b5fb"},
		"JSON pairs":       {"[[[[[0,1],[0,0]],[\"input\",\"output\"]],0.9],\n [[[[0,1,0,1],[0,0,1,0],[0,0,0,1],[0,0,0,0]],[\"input\",\"c3\",\"c3\",\"output\"]],0.8]]", "1 0437, 2 b5fb"},
		"JSON lines":       {"{\"hash\":\"" + skip + "\"}\n\n{\"hash\":\"" + resnet + "\"}\n", "1 0437, 3 b5fb"},
		"JSON strings":     {"\"" + skip + "\"\n\"" + resnet + "\"\n", "1 0437, 2 b5fb"},
		"JSON one":         {"\n{\"hash\": \"" + skip + "\"}", "2 0437"},
	} {
		l, err := read(t, c.text, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := entries(l); got != c.want || l.Err() != nil {
			t.Errorf("%s: %s, want %s (%v)", name, got, c.want, l.Err())
		}
	}
}

// A named column of any name, in CSV and JSON.
func TestColumn(t *testing.T) {
	for _, text := range []string{"a,my cell\n1," + skip, "[{\"a\":1,\"my cell\":\"" + skip + "\"}]"} {
		l, err := read(t, text, Options{Column: "my cell"})
		if err != nil || len(l.Valid()) != 1 {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := read(t, "hash,a\n"+skip+",1", Options{Column: "b"}); err == nil || !strings.Contains(err.Error(), `"b"`) {
		t.Errorf("a column that is not there: %v", err)
	}
	l, err := read(t, "[{\"hash\":\""+skip+"\"}]", Options{Column: "b"})
	if err != nil || !strings.Contains(l.Err().Error(), `no field "b"`) {
		t.Errorf("a field that is not there: %v", err)
	}
}

// What is wrong is said with its line, and the other rows stand.
func TestBadRows(t *testing.T) {
	unknown := skip[:31] + "d"
	for name, c := range map[string]struct{ text, want, reason string }{
		"unknown hash":    {skip + "\n" + unknown + "\n" + resnet, "1 0437, 2 !, 3 b5fb", "line 2: nasbench: hash " + unknown + ": no cell"},
		"half a hash":     {skip + "\n" + resnet[:12] + "\n" + resnet, "1 0437, 2 !, 3 b5fb", "line 2: "},
		"another space":   {skip + "\nword 1\n" + resnet, "1 0437, 2 !, 3 b5fb", `line 2: "word 1" is an architecture of words, not of nasbench101`},
		"half a row":      {"hash,acc\n" + skip + ",1\n" + resnet + "\n" + resnet + ",2", "2 0437, 3 !, 4 b5fb", "line 3: the row has 1 fields, the header 2"},
		"a row too long":  {"hash,acc\n" + skip + ",1,2\n" + resnet + ",2", "2 !, 3 b5fb", "line 2: the row has 3 fields, the header 2"},
		"empty":           {"hash,acc\n,1\n" + resnet + ",2", "2 !, 3 b5fb", "line 2: nothing is written"},
		"half a cell":     {"matrix,ops\n01/00,\n" + resnetRow + ",\"" + resnetOps + "\"", "2 !, 3 b5fb", "line 2: nasbench: column ops is empty"},
		"a bare quote":    {"hash,acc\n" + skip + "\",1\n" + resnet + ",2", "2 !, 3 b5fb", "line 2: bare"},
		"an open quote":   {"hash,acc\n" + skip + ",1\n\"" + resnet + ",2\n" + skip + ",3\n", "2 0437, 3 !", "line 3: a quote that is opened here"},
		"contradiction":   {"hash,matrix,ops\n" + skip + ",01/00,\"input,output\"\n" + skip + "," + resnetRow + ",\"" + resnetOps + "\"", "2 0437, 3 !", "line 3: the row states hash"},
		"unknown header":  {"id,net,acc\n" + skip + "\n", "1 !, 2 0437", "if this is a header"},
		"bad operation":   {"01/00 input,output\n010/001/000 input,conv5x5,output", "1 0437, 2 !", `line 2: nasbench: unknown operation "conv5x5"`},
		"JSON, cut":       {"[\n\"" + skip + "\",\n\"" + resnet, "2 0437, 3 !", "line 3: the JSON ends within a value"},
		"JSON, cut later": {"[\n{\"hash\": \"" + skip + "\"},\n{\"hash\": \"" + resnet + "\"}\n", "2 0437, 3 b5fb, 3 !", "line 3: the JSON ends"},
		"JSON, wrong":     {"[\n\"" + skip + "\",\n nonsense,\n\"" + resnet + "\"]", "2 0437, 3 !", "line 3: no JSON from here on"},
		"JSON, a number":  {"[\"" + skip + "\",\n 17, null,\n\"" + resnet + "\"]", "1 0437, 2 !, 2 !, 3 b5fb", "line 2: \"17\" is no architecture"},
		"JSON, fields":    {"[{\"hash\": \"" + skip + "\"},\n{\"hush\": \"" + resnet + "\"}]", "1 0437, 2 !", "line 2: no field of the object is known"},
		"JSON line, cut":  {"{\"hash\":\"" + skip + "\"}\n{\"hash\":\"" + resnet[:9] + "\n\"" + resnet + "\"", "1 0437, 2 !, 3 b5fb", "line 2: "},
		"JSON, no list":   {"{\"a\": 1,\n\"b\": {}}", "1 !", "no field is a list"},
	} {
		l, err := read(t, c.text, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := entries(l); got != c.want {
			t.Errorf("%s: %s, want %s (%v)", name, got, c.want, l.Err())
		}
		if l.Err() == nil || !strings.Contains(l.Err().Error(), c.reason) || !strings.Contains(l.Err().Error(), "list: line ") {
			t.Errorf("%s: %v; want %q", name, l.Err(), c.reason)
		}
	}
}

func TestNoList(t *testing.T) {
	for text, reason := range map[string]string{
		"": "empty", " \n\n": "empty", "# nothing\n": "empty list", "hash\n": "empty list", "[]": "empty list",
		"\x1f\x8b\x08": "gzip", "PAR1abc": "Parquet", "\xff\xfeh\x00": "UTF-16", "a\x00b": "zero bytes",
	} {
		if l, err := read(t, text, Options{}); err == nil || !strings.Contains(err.Error(), reason) || !strings.HasPrefix(err.Error(), "list: ") {
			t.Errorf("%q: %v, %v; want %q", text, l, err, reason)
		}
	}
	if _, err := ReadFile(context.Background(), filepath.Join(t.TempDir(), "none"), cellSpace(), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Read(ctx, strings.NewReader(skip), "list", cellSpace(), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled context: %v", err)
	}
}

func TestManyBadRows(t *testing.T) {
	l, err := read(t, skip+strings.Repeat("\nnonsense", 25), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if text := l.Err().Error(); strings.Count(text, "\n") != maxShown || !strings.Contains(text, "and 15 more bad rows") {
		t.Errorf("%s", text)
	}
}

func TestGroups(t *testing.T) {
	l, err := read(t, strings.Join([]string{branches, skip, reordered, "nonsense", "0100 input,output", branches}, "\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	groups := l.Groups()
	if len(groups) != 2 || len(l.Valid()) != 5 {
		t.Fatalf("%d groups of %d entries", len(groups), len(l.Valid()))
	}
	if got := fmt.Sprint(l.Lines(groups[0]), l.Lines(groups[1])); got != "[1 3 6] [2 5]" {
		t.Errorf("lines %s", got)
	}
	if groups[0].Architecture.String() != branches || groups[1].Key != skip {
		t.Errorf("%+v", groups)
	}
}

// Whatever the bytes, reading ends with entries that are sound or an error, in every
// space.
func FuzzRead(f *testing.F) {
	for _, text := range []string{skip, "hash,matrix,ops\n" + skip + ",01/00,\"input,output\"", "[{\"hash\": \"" + skip + "\"}, [[[0,1],[0,0]],[\"input\",\"output\"]]]", branches + "\n" + reordered, "{\"a\": [1, \"x\"]}", "\"a\n[[", "{\"a\":", "[[0,1],[0,0]] ['input','output']"} {
		f.Add(uint8(0), text)
	}
	all := space.All()
	for i, s := range all {
		some, err := s.Sample(2, 1)
		if err != nil {
			f.Fatal(err)
		}
		if len(some) < 2 {
			continue // a space of tests
		}
		f.Add(uint8(i), some[0].String()+"\n"+some[1].String())
		f.Add(uint8(i), s.Info().KeyColumn+","+strings.Join(space.SpellColumns(s), ",")+"\n"+some[0].Key()+",\""+strings.Join(space.Spell(some[0]), "\",\"")+"\"")
	}
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		l, err := Read(context.Background(), strings.NewReader(text), "fuzz", all[int(which)%len(all)], Options{})
		if err != nil {
			return
		}
		lines := strings.Count(text, "\n") + 1
		for _, e := range l.Entries {
			if e.Line < 1 || e.Line > lines {
				t.Fatalf("line %d of %d", e.Line, lines)
			}
			if (e.Err == nil) != (e.Architecture != nil) || (e.Err == nil) != (e.Key != "") {
				t.Fatalf("%+v", e)
			}
		}
		if len(l.Groups()) > len(l.Valid()) {
			t.Fatal("more groups than entries")
		}
	})
}

// The list that `space sample` prints is read back whole.
func TestJSONOfManyCells(t *testing.T) {
	cells, err := cellSpace().Sample(500, 1)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, a := range cells {
		texts = append(texts, a.String())
	}
	data, err := json.MarshalIndent(texts, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	l, err := read(t, string(data), Options{})
	if err != nil || l.Err() != nil {
		t.Fatal(err, l.Err())
	}
	for i, e := range l.Entries {
		if e.Architecture != cells[i] || e.Line != i+2 {
			t.Fatalf("entry %d: %+v", i, e)
		}
	}
}

// TestBounds: memory follows what a list can be of use for, not what it claims: a
// list of millions of rows that name nothing, a row without an end.
func TestBounds(t *testing.T) {
	rows, bad := maxRows, maxBad
	defer func() { maxRows, maxBad = rows, bad }()
	maxRows, maxBad = 1<<14, 1000
	for name, c := range map[string]struct{ text, reason string }{
		"rows of nothing":   {strings.Repeat("1\n", 1<<13), "more than 1000 rows are no architectures"},
		"fields of nothing": {"hash\n" + strings.Repeat(",\n", 1<<13), "more than 1000 rows are no architectures"},
		"too many rows":     {strings.Repeat("1\n", maxRows+1), "more than 16384 rows"},
		"records":           {"hash\n" + strings.Repeat("1\n", maxRows+1), "more than 16384 rows"},
		"JSON":              {"[" + strings.Repeat("1,", maxRows+1) + "1]", "more than 16384 rows"},
		"commas":            {"hash\n" + strings.Repeat(",", 17<<20), "more than 1048576 fields; what follows is not read"},
		"semicolons":        {"hash;x\n" + strings.Repeat(";", 17<<20), "more than 1048576 fields; what follows is not read"},
		"a long header":     {"hash" + strings.Repeat(",", 17<<20), "has no matrix"},
		"an open quote":     {"hash\n\"" + strings.Repeat("x", 17<<20), "more than 16777216 bytes"},
		"a long array":      {"[[" + strings.Repeat("0,", 16<<20) + "0]]", "more than 1048576 bytes"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		l, err := read(t, c.text, Options{})
		runtime.ReadMemStats(&after)
		if err == nil {
			err = l.Err()
		}
		if err == nil || !strings.Contains(err.Error(), c.reason) || len(err.Error()) > 4096 {
			t.Errorf("%s: %v; want %q", name, err, c.reason)
		}
		// What is allocated in all, copies that are dropped included.
		if n := after.TotalAlloc - before.TotalAlloc; n > uint64(16*len(c.text)+64<<20) {
			t.Errorf("%s: %d MB for a list of %d", name, n>>20, len(c.text)>>20)
		}
	}
}
