package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/go-gota/gota/series"
	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/wholefile"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/study"
)

// How the files of rank begin: a file that does not is somebody else's.
const (
	rankCSVMark     = study.PlaceColumn + "," + study.MixtureColumn + ","
	rankJSONMark    = "{\n  \"written_by\": \"nngplab rank\""
	rankParquetMark = "nngplab.ranking"
)

// maxRanking bounds a file that is looked at before it is replaced.
const maxRanking = 2 << 30

// rankFiles are the flags that say where a ranking goes.
type rankFiles struct {
	csv          bool
	out, parquet string

	format string // of out: csv, json or parquet
}

func (f *rankFiles) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.BoolVar(&f.csv, "csv", false, "print CSV with a header line, every row")
	fl.StringVar(&f.out, "out", "", "write every row to this file: CSV or JSON as --csv and --json say, else what the name ends in (.csv, .json, .parquet)")
	fl.StringVar(&f.parquet, "parquet", "", "write every row to this Parquet file, too")
}

// check refuses what cannot be written, before anything is computed.
func (f *rankFiles) check(cmd *cobra.Command, args []string) error {
	if f.csv && wantsJSON(cmd) {
		return badInput(errors.New("give either --csv or --json"))
	}
	if f.out != "" {
		switch ending := strings.ToLower(filepath.Ext(f.out)); {
		case f.csv:
			f.format = "csv"
		case wantsJSON(cmd):
			f.format = "json"
		case slices.Contains([]string{".csv", ".json", ".parquet"}, ending):
			f.format = ending[1:]
		default:
			return badInput(fmt.Errorf("--out %s: say what it shall be by --csv, by --json or by its ending: .csv, .json or .parquet", f.out))
		}
		if f.parquet != "" && samePath(f.out, f.parquet) {
			return badInput(fmt.Errorf("--out and --parquet are one file, %s", f.out))
		}
	}
	for _, file := range []struct{ flag, path, format string }{{"out", f.out, f.format}, {"parquet", f.parquet, "parquet"}} {
		if file.path == "" {
			continue
		}
		for _, arg := range args {
			if isInput(cmd, arg, file.path) {
				return badInput(fmt.Errorf("--%s %s is the list itself", file.flag, file.path))
			}
		}
		if err := checkOwn(file.path, file.format); err != nil {
			return badFile(fmt.Errorf("--%s: %w", file.flag, err))
		}
		if err := wholefile.Check(file.path); err != nil {
			return badFile(fmt.Errorf("--%s: %w", file.flag, err))
		}
	}
	return nil
}

// isInput reports whether path is the file that a command reads, which may be
// standard input.
func isInput(cmd *cobra.Command, input, path string) bool {
	if input != "-" {
		return samePath(input, path)
	}
	in, ok := cmd.InOrStdin().(*os.File)
	if !ok {
		return false
	}
	x, err := in.Stat()
	if err != nil {
		return false
	}
	y, err := os.Stat(path)
	return err == nil && os.SameFile(x, y)
}

// samePath reports whether two paths are one file, or would be.
func samePath(a, b string) bool {
	same := func(a, b string) bool {
		x, err := os.Stat(a)
		if err != nil {
			return false
		}
		y, err := os.Stat(b)
		return err == nil && os.SameFile(x, y)
	}
	if same(a, b) {
		return true
	}
	if filepath.Base(a) == filepath.Base(b) && same(filepath.Dir(a), filepath.Dir(b)) {
		return true
	}
	x, errx := filepath.Abs(a)
	y, erry := filepath.Abs(b)
	return errx == nil && erry == nil && x == y
}

// checkOwn returns an error if a file is there that rank did not write.
func checkOwn(path, format string) error {
	switch format {
	case "csv":
		return plainfile.BeginsWith(path, rankCSVMark)
	case "json":
		return plainfile.BeginsWith(path, rankJSONMark)
	}
	b, err := plainfile.Read(path, maxRanking)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && !(bytes.HasPrefix(b, []byte("PAR1")) && bytes.Contains(b, []byte(rankParquetMark))) {
		return fmt.Errorf("%s was not written by this command, and is not overwritten: choose another place, or move it away", path)
	}
	return err
}

// write writes the files.
func (f *rankFiles) write(r *ranking) error {
	for _, file := range []struct{ path, format string }{{f.out, f.format}, {f.parquet, "parquet"}} {
		if file.path == "" {
			continue
		}
		write := map[string]func(io.Writer) error{"csv": r.csv, "json": r.json, "parquet": r.writeParquet}[file.format]
		if err := wholefile.Place(file.path, write); err != nil {
			return err
		}
	}
	return nil
}

func (r *ranking) csv(w io.Writer) error { return frame.WriteCSV(w, r.frame) }

func (r *ranking) writeParquet(w io.Writer) error {
	head, err := json.Marshal(r.head())
	if err != nil {
		return err
	}
	return frame.WriteParquet(w, r.frame, [2]string{rankParquetMark, string(head)})
}

// head says what was ranked and how.
func (r *ranking) head() jsonObject {
	if r.own != nil {
		return r.own.head(r)
	}
	if r.swept != nil {
		return r.swept.head(r)
	}
	s := r.flags.setting.Resolved()
	bad := []jsonObject{}
	for _, b := range r.list.bad {
		bad = append(bad, jsonObject{{"line", b.line}, {"reason", b.reason.Error()}})
	}
	if r.flags.noise {
		return jsonObject{
			{"written_by", "nngplab rank"}, {"space", r.list.space.Name()}, {"list", r.list.source},
			{"rows", r.frame.Nrow()}, {"different", r.different()}, {"without_place", r.unplaced()}, {"bad", bad},
			{"images", r.set.Name}, {"images_source", r.set.Source}, {"labeled", false},
			{"width", s.Width}, {"seed", s.Seed}, {"mix", r.flags.mix},
		}
	}
	return jsonObject{
		{"written_by", "nngplab rank"}, {"space", r.list.space.Name()}, {"list", r.list.source},
		{"rows", r.frame.Nrow()}, {"different", r.different()}, {"without_place", r.unplaced()}, {"bad", bad},
		{"images", r.set.Name}, {"images_source", r.set.Source}, {"labeled", r.set.Labeled()},
		{"width", s.Width}, {"train", s.Train}, {"val", s.Val}, {"members", s.Members}, {"norm", s.Norm.String()}, {"norm_batch", s.NormBatch},
		{"view", r.flags.view}, {"draw", s.Draw.String()}, {"seed", s.Seed}, {"split_seed", s.SplitSeed}, {"mix", r.flags.mix},
	}
}

// json writes one object: the head, and the rows in their order.
func (r *ranking) json(w io.Writer) error {
	head, err := json.MarshalIndent(r.head(), "", "  ")
	if err != nil {
		return err
	}
	out := bytes.NewBuffer(bytes.TrimSuffix(head, []byte("\n}")))
	out.WriteString(",\n  \"ranking\": [")
	names := r.frame.Names()
	cols := make([]series.Series, len(names))
	for k, name := range names {
		cols[k] = r.frame.Col(name)
	}
	for i := range r.frame.Nrow() {
		row := make(jsonObject, len(names))
		for k, c := range cols {
			row[k] = jsonField{names[k], jsonValue(c, i)}
		}
		text, err := json.Marshal(row)
		if err != nil {
			return err
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString("\n    ")
		out.Write(text)
	}
	out.WriteString("\n  ]\n}\n")
	_, err = w.Write(out.Bytes())
	return err
}

// jsonValue returns a value of a column: text, or a number as CSV has it, null where
// there is none.
func jsonValue(c series.Series, row int) any {
	text := frame.Text(c, row)
	switch {
	case c.Type() == series.String:
		return text
	case text == "":
		return nil
	}
	return json.Number(text)
}

// different counts the different networks.
func (r *ranking) different() int {
	seen := map[string]bool{}
	for _, key := range r.frame.Col(frame.KeyColumn).Records() {
		seen[key] = true
	}
	return len(seen)
}

// rankText prints the best rows, and what there is to know about them.
func rankText(w io.Writer, r *ranking) error {
	rows := r.frame.Nrow()
	if r.flags.top > 0 {
		rows = min(rows, r.flags.top)
	}
	columns := []string{study.PlaceColumn, study.MixtureColumn}
	switch {
	case r.own != nil:
		columns = append(columns, study.NetworkColumn)
	case r.list != nil && r.list.lined:
		columns = append(columns, lineColumn, frame.KeyColumn)
	default:
		columns = append(columns, frame.KeyColumn)
	}
	for _, name := range append(r.signals(), "parameters") {
		if !slices.Contains(columns, name) {
			columns = append(columns, name)
		}
	}
	cols := make([]series.Series, len(columns))
	for k, name := range columns {
		cols[k] = r.frame.Col(name)
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, strings.Join(columns, "\t"))
	for i := range rows {
		for k, c := range cols {
			if k > 0 {
				fmt.Fprint(tw, "\t")
			}
			fmt.Fprint(tw, r.cell(c, i))
		}
		fmt.Fprintln(tw)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, r.notes(rows))
	return err
}

// cell returns a value of the table. The entropies of networks differ in their fifth
// digit.
func (r *ranking) cell(c series.Series, row int) string {
	if r.own != nil && c.Name == study.EntropyColumn {
		return fmt.Sprintf("%.6g", c.Elem(row).Float())
	}
	return cellText(c, row)
}

// cellText returns a value for people.
func cellText(c series.Series, row int) string {
	text := frame.Text(c, row)
	switch {
	case text == "":
		return "-"
	case c.Type() == series.Float:
		return fmt.Sprintf("%.4g", c.Elem(row).Float())
	}
	return text
}

// notes says what the table shows and what it does not.
func (r *ranking) notes(rows int) string {
	if r.own != nil {
		return r.own.notes(r, rows)
	}
	if r.swept != nil {
		return r.swept.notes(r, rows)
	}
	var b strings.Builder
	all, different := r.frame.Nrow(), r.different()
	noun := r.list.space.Info().Noun
	fmt.Fprintf(&b, "\n%s of %d, %s, of %s.\n", plural(rows, "row"), all, plural(different, "different "+noun), r.list.source)
	fmt.Fprintf(&b, "The mixture is the mean of the ranks of %s.\n", r.mixed())
	if r.flags.noise {
		fmt.Fprintf(&b, "Signals of noise, without images and labels: width %d, seed %d.\n", r.flags.setting.Width, r.flags.setting.Seed)
	} else {
		fmt.Fprintf(&b, "Scores: %v; view %s; images %s.\n", r.flags.setting, r.flags.view, r.set.Name)
	}
	if all > different {
		fmt.Fprintf(&b, "%s the same %s as another: scored once, they share a place.\n", be(all-different, "row"), noun)
	}
	if n := r.unplaced(); n > 0 {
		fmt.Fprintf(&b, "%s without a place: a signal has no number there, as where all images look alike to the network.\n", be(n, "row"))
	}
	if n := len(r.list.bad); n > 0 {
		fmt.Fprintf(&b, "%s bad and left out.\n", be(n, "row"))
	}
	return b.String()
}

// be counts things and says that they are something.
func be(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " is"
	}
	return plural(n, noun) + " are"
}
