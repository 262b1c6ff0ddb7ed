package nasbench

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/internal/testdata"
)

// rowsOf reads a published table of ours as text, by the names of its columns, and
// those rows alone that come from a source.
func rowsOf(t *testing.T, file, source string) []map[string]string {
	t.Helper()
	data, err := os.ReadFile(testdata.Path(t, "nasbench101", file))
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, fields := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = fields[i]
		}
		if source == "" || row["source"] == source {
			out = append(out, row)
		}
	}
	return out
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	if text == "" {
		return math.NaN()
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func write(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// columnsOf says which column of our tables holds which result.
var columnsOf = map[string]map[string]Metric{
	"official_subset.csv": {"val108": FinalValidation, "test108": FinalTest, "train108": FinalTrain, "half_val108": HalfValidation, "half_test108": HalfTest, "time108_s": FinalTime},
	"uniform_subset.csv":  {"test108": FinalTest},
	"retrained.csv":       {"train_accuracy": FinalTrain, "validation_accuracy": FinalValidation, "test_accuracy": FinalTest, "training_time_s": FinalTime},
}

// compareRows checks that the runs of a table are the rows, each once, to the last bit.
func compareRows(t *testing.T, file string, tab *Table, rows []map[string]string) {
	t.Helper()
	if tab.Records() != len(rows) {
		t.Fatalf("%d runs of %d rows", tab.Records(), len(rows))
	}
	used := map[string]int{}
	for _, row := range rows {
		i, err := tab.IndexByHash(row["module_hash"])
		if err != nil {
			t.Fatal(err)
		}
		epochs := 108
		if row["epochs"] != "" {
			epochs = int(number(t, row["epochs"]))
		}
		key := fmt.Sprint(row["module_hash"], epochs)
		run := tab.Runs(i, epochs)[used[key]]
		used[key]++
		got := map[Metric]float64{
			FinalTrain: run.End.Train, FinalValidation: run.End.Validation, FinalTest: run.End.Test, FinalTime: run.End.TrainingTime,
			HalfValidation: run.Half.Validation, HalfTest: run.Half.Test,
		}
		for column, m := range columnsOf[file] {
			want := number(t, row[column])
			if math.Float64bits(got[m]) != math.Float64bits(want) && !(math.IsNaN(want) && math.IsNaN(got[m])) {
				t.Fatalf("cell %s, %d epochs: %s is %v, want %v", row["module_hash"], epochs, column, got[m], want)
			}
		}
		// A cell is as its first row writes it.
		if used[key] == 1 && fmt.Sprint(tab.Parameters(i)) != row["trainable_parameters"] && tab.Spec(i).Digits() == row["adjacency_rowmajor"] {
			t.Errorf("cell %s: %d parameters, want %s", row["module_hash"], tab.Parameters(i), row["trainable_parameters"])
		}
	}
	first := map[string]bool{}
	for _, row := range rows {
		if i, err := tab.IndexByHash(row["module_hash"]); err == nil && !first[row["module_hash"]] {
			first[row["module_hash"]] = true
			if s := tab.Spec(i); s.Digits() != row["adjacency_rowmajor"] || strings.ReplaceAll(s.OpsString(), ",", ";") != row["ops"] {
				t.Errorf("cell %s is %v, want %s %s", row["module_hash"], s, row["adjacency_rowmajor"], row["ops"])
			}
		}
	}
}

// naslibNumbers are NASLib's numbers of operations, as its conversions.py has them.
var naslibNumbers = map[string]string{"input": "0", "output": "1", "maxpool3x3": "2", "conv1x1-bn-relu": "3", "conv3x3-bn-relu": "4"}

// naslibKey writes a cell as NASLib does, with an unused vertex where there is room:
// cells are stored unpruned.
func naslibKey(s Spec) string {
	m, ops := s.Matrix(), s.Ops()
	if n := len(m); n < MaxVertices {
		for i := range m {
			m[i] = slices.Insert(m[i], n-1, 0)
		}
		m = slices.Insert(m, n-1, make([]int, n+1))
		ops = slices.Insert(ops, n-1, Conv1x1.String())
	}
	var numbers []string
	for _, row := range m {
		for _, v := range row {
			numbers = append(numbers, strconv.Itoa(v))
		}
	}
	for _, op := range ops {
		numbers = append(numbers, naslibNumbers[op])
	}
	return "(" + strings.Join(numbers, ", ") + ")"
}

func specOf(t *testing.T, row map[string]string) Spec {
	t.Helper()
	s, err := Parse(row["adjacency_rowmajor"], row["ops"])
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// naslibFile writes rows as NASLib's JSON.
func naslibFile(t *testing.T, dir string, rows []map[string]string, more func(row map[string]string) string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`{"nasbench101": {"cifar10": {`)
	for i, row := range rows {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q: {%s \"val_accuracy\": %v}", naslibKey(specOf(t, row)), more(row), strconv.FormatFloat(100*number(t, row["val108"]), 'g', -1, 64))
	}
	b.WriteString("}}}")
	return write(t, dir, "zc_nasbench101.json", []byte(b.String()))
}

// TestNASLibJSON reads a copy of the original's form, made of our rows.
func TestNASLibJSON(t *testing.T) {
	rows := rowsOf(t, "official_subset.csv", "NASLib-zc500")
	path := naslibFile(t, t.TempDir(), rows, func(row map[string]string) string {
		return fmt.Sprintf(`"params": %v,`, number(t, row["trainable_parameters"])/1e6)
	})
	tab, err := ReadOriginals(t.Context(), Original{path, NASLibJSON, "NASLib-zc500"})
	if err != nil {
		t.Fatal(err)
	}
	// Times 100 and back costs the last bit of some; the original's own numbers do not.
	for _, row := range rows {
		row["val108"] = strconv.FormatFloat(100*number(t, row["val108"])/100, 'g', -1, 64)
	}
	compareRows(t, "official_subset.csv", tab, rows)
}

// TestNASLibProxies reads proxies, which are means over isomorphic rows.
func TestNASLibProxies(t *testing.T) {
	cells := map[string]map[string]string{}
	for _, row := range rowsOf(t, "official_subset.csv", "NASLib-zc500") {
		cells[row["module_hash"]] = row
	}
	names := []string{"flops", "params", "snip", "jacov", "grad_norm", "plain", "epe_nas", "fisher", "grasp", "l2_norm", "synflow"}
	want := rowsOf(t, "proxies_official.csv", "")
	var rows []map[string]string
	off := 0.0
	for _, p := range want {
		for k := 0; k < int(number(t, p["rows"])); k++ { // rows that differ about their mean
			row := map[string]string{"adjacency_rowmajor": cells[p["module_hash"]]["adjacency_rowmajor"], "ops": cells[p["module_hash"]]["ops"], "val108": "0.5"}
			if s := specOf(t, row); k > 0 {
				// JSON has no key twice: another order of vertices, or of what pruning removes.
				other, ok := reordered(s, k)
				if !ok {
					continue
				}
				row["adjacency_rowmajor"], row["ops"] = other.Digits(), other.OpsString()
			}
			for _, n := range names {
				row[n] = p[n]
			}
			rows = append(rows, row)
		}
	}
	path := naslibFile(t, t.TempDir(), rows, func(row map[string]string) string {
		var b strings.Builder
		for _, n := range names {
			fmt.Fprintf(&b, "%q: %s, ", n, row[n])
		}
		return b.String()
	})
	got, err := ReadNASLibProxies(path)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Names, names) || len(got.Values) != len(want) {
		t.Fatalf("%q of %d cells, want %d", got.Names, len(got.Values), len(want))
	}
	for _, p := range want {
		for i, n := range names {
			v, w := got.Values[p["module_hash"]][i], number(t, p[n])
			off = max(off, math.Abs(v-w)/max(1, math.Abs(w)))
		}
	}
	if off > 1e-12 {
		t.Errorf("off by %g", off)
	}
}

// reordered returns the cell with inner vertices k and k+1 exchanged, where the order
// allows it.
func reordered(s Spec, k int) (Spec, bool) {
	g := s.Graph()
	n := len(g.Matrix)
	for i := 1 + (k-1)%max(1, n-2); i+1 < n-1; i++ {
		if g.Matrix[i][i+1] != 0 {
			continue
		}
		m, ops := s.Matrix(), s.Ops()
		ops[i], ops[i+1] = ops[i+1], ops[i]
		m[i], m[i+1] = m[i+1], m[i]
		for r := range m {
			m[r][i], m[r][i+1] = m[r][i+1], m[r][i]
		}
		o, err := New(m, ops)
		return o, err == nil && o != s
	}
	return s, false
}

// TestGenNAS reads a copy of GenNAS-Zero's form.
func TestGenNAS(t *testing.T) {
	rows := rowsOf(t, "uniform_subset.csv", "GenNAS-Zero-2500")
	var all []any
	for _, row := range rows {
		s := specOf(t, row)
		all = append(all, []any{[]any{s.Matrix(), s.Ops()}, number(t, row["test108"])})
	}
	data, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	tab, err := ReadOriginals(t.Context(), Original{write(t, t.TempDir(), "nasbench1_2500.json", data), GenNASJSON, "GenNAS-Zero-2500"})
	if err != nil {
		t.Fatal(err)
	}
	compareRows(t, "uniform_subset.csv", tab, rows)
}

// trainingFiles writes rows as the folder of nc_nasbench.
func trainingFiles(t *testing.T, dir string, rows []map[string]string) {
	t.Helper()
	graphs := map[string]any{}
	labels := map[string]int{"input": -1, "output": -2, "conv3x3-bn-relu": 0, "conv1x1-bn-relu": 1, "maxpool3x3": 2}
	for _, row := range rows {
		s := specOf(t, row)
		var l []int
		for _, op := range s.Ops() {
			l = append(l, labels[op])
		}
		graphs[row["module_hash"]] = []any{s.Matrix(), l}
		name := fmt.Sprintf("nasbench/data/train_model_results/carbon/%s/%s_epochs/%s/%s/repeat_%s/results.json",
			row["space"], row["epochs"], row["module_hash"][:2], row["module_hash"], row["repeat"])
		text := fmt.Sprintf(`{"trainable_params": %s, "total_time": 1.5, "total_energy (kWh)": 0.1, "start_emission": "%s-10:00", "evaluation_results": [{"epochs": 0},
			{"epochs": %s, "training_time": %s, "training_steps": 5, "train_accuracy": %s, "validation_accuracy": %s, "test_accuracy": %s}]}`, row["trainable_parameters"],
			row["start_date"], row["epochs"], row["training_time_s"], row["train_accuracy"], row["validation_accuracy"], row["test_accuracy"])
		write(t, dir, name, []byte(text))
	}
	data, err := json.Marshal(graphs)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "nasbench/data/graphs/generated_graphs_5V9E.json", data)
}

// TestTrainingFolder reads a copy of nc_nasbench's folder, and beside it the official
// layout of the same cells, whose trainings are some of them.
func TestTrainingFolder(t *testing.T) {
	rows := rowsOf(t, "retrained.csv", "nc_nasbench")
	dir := t.TempDir()
	trainingFiles(t, dir, rows)
	folder := Original{dir, TrainingFolder, "nc_nasbench"}
	tab, err := ReadOriginals(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	compareRows(t, "retrained.csv", tab, rows)
	file := Original{testdata.Path(t, "nasbench101", "retrained_4v9e.tfrecord"), TFRecord, "EC-NAS-Bench"}
	both, err := ReadOriginals(t.Context(), folder, file)
	if err != nil {
		t.Fatal(err)
	}
	if both.Records() != tab.Records() || both.Info().Duplicates != 1092 {
		t.Errorf("%d runs and %d duplicates, want %d and 1092", both.Records(), both.Info().Duplicates, tab.Records())
	}
	for i := 0; i < tab.Len(); i++ {
		for _, epochs := range []int{4, 12, 36, 108} {
			if a, b := tab.Mean(i, epochs, FinalTest), both.Mean(i, epochs, FinalTest); math.Abs(a-b) > 1e-12 {
				t.Errorf("cell %s: mean %v, want %v", tab.Hash(i), b, a)
			}
		}
	}
}

// TestECNAS compares the official layout of the cells with our rows of it: the
// trainings of 4 epochs of the cells of four vertices.
func TestECNAS(t *testing.T) {
	path := testdata.Path(t, "nasbench101", "retrained_4v9e.tfrecord")
	tab, err := ReadOriginals(t.Context(), Original{path, TFRecord, "EC-NAS-Bench"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{}
	for _, row := range rowsOf(t, "retrained.csv", "EC-NAS-Bench") {
		if row["space"] == "4V9E" {
			want[row["module_hash"]] += number(t, row["validation_accuracy"]) / 3
		}
	}
	if len(want) != tab.Len() || tab.Records() != 1092 {
		t.Fatalf("%d cells, want %d; %d runs", tab.Len(), len(want), tab.Records())
	}
	for i := 0; i < tab.Len(); i++ {
		if got := tab.Mean(i, 4, FinalValidation); math.Abs(got-want[tab.Hash(i)]) > 1e-12 {
			t.Errorf("cell %s: %v, want %v", tab.Hash(i), got, want[tab.Hash(i)])
		}
	}
}

// pickler writes the operations that Python's pickle writes for such data.
type pickler struct{ b []byte }

func (p *pickler) text(s string) {
	p.b = append(p.b, 0x8c, byte(len(s)))
	p.b = append(append(p.b, s...), 0x94)
}

func (p *pickler) number(v float64) {
	p.b = binary.BigEndian.AppendUint64(append(p.b, 'G'), math.Float64bits(v))
}

func (p *pickler) int(v int) { p.b = binary.LittleEndian.AppendUint32(append(p.b, 'J'), uint32(v)) }

// array writes a NumPy array of int64, with the opcodes of numpy 1.23 at protocol 4.
func (p *pickler) array(m [][]int) {
	p.text("numpy.core.multiarray")
	p.text("_reconstruct")
	p.b = append(p.b, 0x93, 0x94)
	p.text("numpy")
	p.text("ndarray")
	p.b = append(p.b, 0x93, 0x94, 'K', 0, 0x85, 0x94, 'C', 1, 'b', 0x94, 0x87, 0x94, 'R', 0x94, '(', 'K', 1)
	p.int(len(m))
	p.int(len(m))
	p.b = append(p.b, 0x86, 0x94)
	p.text("numpy")
	p.text("dtype")
	p.b = append(p.b, 0x93, 0x94)
	p.text("i8")
	p.b = append(p.b, 0x89, 0x88, 0x87, 0x94, 'R', 0x94, '(', 'K', 3)
	p.text("<")
	p.b = append(p.b, 'N', 'N', 'N', 'J', 0xff, 0xff, 0xff, 0xff, 'J', 0xff, 0xff, 0xff, 0xff, 'K', 0, 't', 0x94, 'b', 0x89)
	var raw []byte
	for _, row := range m {
		for _, v := range row {
			raw = binary.LittleEndian.AppendUint64(raw, uint64(v))
		}
	}
	p.b = binary.LittleEndian.AppendUint32(append(p.b, 'B'), uint32(len(raw)))
	p.b = append(append(p.b, raw...), 0x94, 't', 0x94, 'b')
}

func (p *pickler) list(m [][]int) {
	p.b = append(p.b, ']', 0x94, '(')
	for _, row := range m {
		p.b = append(p.b, ']', 0x94, '(')
		for _, v := range row {
			p.b = append(p.b, 'K', byte(v))
		}
		p.b = append(p.b, 'e')
	}
	p.b = append(p.b, 'e')
}

// pickled writes rows, three a cell, as NASLib's pickle.
func pickled(t *testing.T, rows []map[string]string, arrays bool) []byte {
	t.Helper()
	p := &pickler{b: []byte{0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, '}', 0x94, '('}}
	for i := 0; i < len(rows); i += 3 {
		s := specOf(t, rows[i])
		p.text(rows[i]["module_hash"])
		p.b = append(p.b, '}', 0x94, '(')
		p.text("module_adjacency")
		if arrays {
			p.array(s.Matrix())
		} else {
			p.list(s.Matrix())
		}
		p.text("module_operations")
		p.b = append(p.b, ']', 0x94, '(')
		for _, op := range s.Ops() {
			p.text(op)
		}
		p.b = append(p.b, 'e')
		p.text("trainable_parameters")
		p.int(int(number(t, rows[i]["trainable_parameters"])))
		p.b = append(p.b, 'u', '}', 0x94, 'K', 108, ']', 0x94, '(')
		for _, row := range rows[i : i+3] {
			p.b = append(p.b, '}', 0x94, '(')
			for name, column := range map[string]string{
				"halfway_training_time": "", "halfway_train_accuracy": "", "halfway_validation_accuracy": "half_val108", "halfway_test_accuracy": "half_test108",
				"final_training_time": "time108_s", "final_train_accuracy": "train108", "final_validation_accuracy": "val108", "final_test_accuracy": "test108",
			} {
				p.text(name)
				v := 0.25
				if column != "" {
					v = number(t, row[column])
				}
				p.number(v)
			}
			p.b = append(p.b, 'u')
		}
		p.b = append(p.b, 'e', 's', 0x86, 0x94)
	}
	return append(p.b, 'u', '.')
}

// TestNASLibPickle reads copies of both of NASLib's pickles, of lists and of arrays.
func TestNASLibPickle(t *testing.T) {
	rows := rowsOf(t, "official_subset.csv", "NASLib-dummy")
	slices.SortStableFunc(rows, func(a, b map[string]string) int { return strings.Compare(a["module_hash"], b["module_hash"]) })
	dir, half := t.TempDir(), len(rows)/6*3
	a := Original{write(t, dir, "a.pkl", pickled(t, rows[:half], true)), NASLibPickle, "NASLib-dummy"}
	b := Original{write(t, dir, "b.pkl", pickled(t, rows[half:], false)), NASLibPickle, "NASLib-dummy"}
	tab, err := ReadOriginals(t.Context(), a, b)
	if err != nil {
		t.Fatal(err)
	}
	compareRows(t, "official_subset.csv", tab, rows)
}

// TestZen reads a copy of NASLib's archive of Zen-scores.
func TestZen(t *testing.T) {
	want := rowsOf(t, "zen_naslib.csv", "")
	cells := rowsOf(t, "official_subset.csv", "NASLib-zc500")
	cells = append(cells, rowsOf(t, "uniform_subset.csv", "")...)
	specs := map[string]Spec{}
	for _, row := range cells {
		specs[row["module_hash"]] = specOf(t, row)
	}
	type score struct {
		Score float64 `json:"score"`
		Time  float64 `json:"time"`
	}
	type row struct {
		Index int    `json:"idx"`
		Arch  string `json:"arch"`
		Zen   score  `json:"zen"`
	}
	var files [2][]row
	scores := map[string]float64{}
	for i, w := range want {
		if s, ok := specs[w["module_hash"]]; ok {
			scores[w["module_hash"]] = number(t, w["zen"])
			files[i%2] = append(files[i%2], row{i, naslibKey(s), score{scores[w["module_hash"]], 1}})
		}
	}
	if len(scores) == 0 {
		t.Fatal("no cell of the tables has a Zen-score")
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, f := range files {
		w, err := z.Create(fmt.Sprintf("zen/benchmark--nasbench101--cifar10--%d.json", 250*i))
		if err == nil {
			err = json.NewEncoder(w).Encode(f)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	z.Close()
	got, err := ReadZen(write(t, t.TempDir(), "nb101_zen.zip", b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Values) != len(scores) {
		t.Fatalf("%d cells, want %d", len(got.Values), len(scores))
	}
	for h, v := range scores {
		if got.Values[h][0] != v {
			t.Errorf("cell %s: %v, want %v", h, got.Values[h][0], v)
		}
	}
}

// TestBadOriginals: an error names the file, the record and the reason.
func TestBadOriginals(t *testing.T) {
	const cell = `[[[0,1],[0,0]],["input","output"]]`
	for _, c := range []struct {
		format     Format
		text, want string
	}{
		{GenNASJSON, `[[` + cell + `,0.5],[` + cell + `,1.5]]`, "cell 2"},
		{GenNASJSON, `[[` + cell + `,"x"]]`, "cell 1"},
		{GenNASJSON, `[[[[[0,1],[0,0]],["input","conv9x9"]],0.5]]`, "conv9x9"},
		{GenNASJSON, `[]`, "holds no results"},
		{GenNASJSON, `<html>`, "invalid character"},
		{NASLibJSON, `{"nasbench101": {}}`, `no "cifar10"`},
		{NASLibJSON, `{"nasbench101": {"cifar10": {"(0, 1, 0, 0, 0, 1)": {"params": 0.88257}}}}`, "cell 1: there is no val_accuracy"},
		{NASLibJSON, `{"nasbench101": {"cifar10": {"(0, 1, 0, 0, 0, 9)": {}}}}`, `number 6 is " 9"`},
		{NASLibJSON, `{"nasbench101": {"cifar10": {"(0, 1, 0)": {}}}}`, "3 numbers"},
		{NASLibJSON, `{"nasbench101": {"cifar10": {"(0, 1, 0, 0, 0, 1)": {"params": 0.9, "val_accuracy": 90}}}}`, "the cell has 882570 parameters"},
		{NASLibJSON, `{"nasbench101": {"cifar10": {"(0, 1, 0, 0, 0, 1)": {"params": -1, "val_accuracy": 90}}}}`, "trainable parameters"},
		{NASLibPickle, "\x80\x04cos\nsystem\n.", "os.system"},
		{NASLibPickle, "\x80\x04}\x8c", "byte 3"},
		{NASLibPickle, "\x80\x04K\x01.", "no dictionary"},
		{NASLibPickle, "\x80\x04}\x8c\x02ab\x29s.", `hash "ab"`},
		{TFRecord, "version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "record 0"},
		{"x", "", "no format"},
	} {
		path := write(t, t.TempDir(), "original", []byte(c.text))
		_, err := ReadOriginals(t.Context(), Original{path, c.format, "x"})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s %q: error %v, want %q", c.format, c.text, err, c.want)
		}
	}
}

// TestBadTrainings: so does one of a folder.
func TestBadTrainings(t *testing.T) {
	const hash = "043721b9c7fe8c5fad811d47d83132ec"
	const good = `{"trainable_params": 882570, "evaluation_results": [{"epochs": 4, "training_time": 1, "train_accuracy": 0.5, "validation_accuracy": 0.5, "test_accuracy": 0.5}]}`
	const place = "4V9E/4_epochs/04/" + hash + "/repeat_1"
	for _, c := range []struct{ place, text, want string }{
		{place, good, ""},
		{place, `{}`, "trainable parameters"},
		{place, strings.Replace(good, `"epochs": 4`, `"epochs": 2`, 1), "not after the 4 epochs"},
		{place, strings.Replace(good, `"test_accuracy": 0.5`, `"x": 0.5`, 1), "no final_test_accuracy"},
		{"4V9E/4/04/" + hash + "/repeat_1", good, "the path must be"},
		{"4V9E/4_epochs/00/" + "00" + hash[2:] + "/repeat_1", good, "is not in"},
	} {
		dir := t.TempDir()
		write(t, dir, "nasbench/data/graphs/generated_graphs_5V9E.json", []byte(`{"`+hash+`": [[[0,1],[0,0]],[-1,-2]]}`))
		write(t, dir, "nasbench/data/train_model_results/carbon/"+c.place+"/results.json", []byte(c.text))
		tab, err := ReadOriginals(t.Context(), Original{dir, TrainingFolder, "x"})
		if c.want == "" && (err != nil || tab.Records() != 1) {
			t.Errorf("%v", err)
		} else if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error %v, want %q", c.text, err, c.want)
		}
	}
}
