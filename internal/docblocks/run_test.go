package docblocks

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/nngplab/nngplab/internal/gokernel/conformance/batch"
	"github.com/nngplab/nngplab/internal/publishedtest"
	"github.com/nngplab/nngplab/internal/testdata"
)

// limit is what one command may take on a busy machine.
const limit = 4 * time.Minute

// scratch is the folder in which the blocks of a page are run, one after the other.
type scratch struct {
	t      *testing.T
	dir    string
	kernel *batch.Kernel
	env    []string // beyond that of the process
}

// TestBlocks executes every block of README.md, docs and CONTRIBUTING.md, in an empty
// home, as rules_test.go says.
func TestBlocks(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes minutes")
	}
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip(err)
	}
	keepGo(t)
	home := t.TempDir()
	bin := filepath.Join(home, "bin")
	out, err := exec.Command("go", "build", "-o", filepath.Join(bin, "nngplab"), "github.com/nngplab/nngplab/cmd/nngplab").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, value := range map[string]string{
		"HOME": home, "XDG_CACHE_HOME": "", "XDG_DATA_HOME": "", "NNGPLAB_OFFLINE": "1", "NNGPLAB_SCORES": filepath.Join(home, "scores"),
		"NNGPLAB_DATA": strings.Join(testdata.Dirs(), string(filepath.ListSeparator)), "PATH": bin + string(filepath.ListSeparator) + os.Getenv("PATH"),
	} {
		t.Setenv(name, value)
	}
	k := theKernel(t)
	all := pages(t)
	for _, name := range sortedKeys(all) {
		t.Run(name, func(t *testing.T) {
			blocks, err := blocksOf(name, all[name])
			if err != nil {
				t.Fatal(err)
			}
			s := &scratch{t: t, dir: t.TempDir(), kernel: k}
			for _, make := range fixtures[name] {
				make(s)
			}
			for _, b := range blocks {
				s.block(b)
			}
			s.inText(name, all[name])
		})
	}
}

// TestEveryBlockHasARule: a block without a rule is an error, and so is a rule without
// a block. It runs nothing.
func TestEveryBlockHasARule(t *testing.T) {
	usedRules, usedCode, inTexts := map[int]bool{}, map[int]bool{}, 0
	for name, page := range pages(t) {
		inTexts += len(commandsInText(page))
		blocks, err := blocksOf(name, page)
		if err != nil {
			t.Error(err)
		}
		for _, b := range blocks {
			if i := codeRuleOf(b); i >= 0 {
				usedCode[i] = true
				continue
			}
			texts, lines := b.commands()
			for n, text := range texts {
				i := ruleOf(text)
				if i < 0 {
					t.Errorf("%s:%d: %q has no rule: say in rules_test.go how it is run", name, lines[n], text)
				}
				usedRules[i] = true
			}
		}
	}
	if inTexts < 20 {
		t.Errorf("only %d commands found within the texts", inTexts)
	}
	for i, r := range rules {
		if !usedRules[i] {
			t.Errorf("the rule %s is the first of no command", r.match)
		}
		if r.why == "" && (r.how != run || r.swap != nil) {
			t.Errorf("the rule %s has no reason", r.match)
		}
	}
	for i, r := range codeRules {
		if !usedCode[i] {
			t.Errorf("%s has no block that begins with %q", r.file, r.first)
		}
	}
}

// ruleOf returns the index of the first rule that matches a command, or -1.
func ruleOf(text string) int {
	return slices.IndexFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(text) })
}

// codeRuleOf returns the index of the rule of a block that is no commands, or -1.
func codeRuleOf(b block) int {
	return slices.IndexFunc(codeRules, func(c codeRule) bool { return c.file == b.file && strings.HasPrefix(b.lines[0], c.first) })
}

// keepGo keeps the go command's settings and caches where HOME is another.
func keepGo(t *testing.T) {
	t.Helper()
	out, err := exec.Command("go", "env", "-json", "GOENV", "GOCACHE", "GOMODCACHE", "GOPATH").Output()
	var env map[string]string
	if err == nil {
		err = json.Unmarshal(out, &env)
	}
	if err != nil {
		t.Skip("no go command: ", err)
	}
	for name, value := range env {
		t.Setenv(name, value)
	}
}

// theKernel returns the kernel of NNGPLAB_KERNEL, or the one that make has installed, or
// nil with a word. Nothing is built: that takes minutes.
func theKernel(t *testing.T) *batch.Kernel {
	path := os.Getenv("NNGPLAB_KERNEL")
	if path == "" {
		path = filepath.Join(top(), ".venv", "share", "jupyter", "kernels", "nngplab-go", "nngplab-kernel")
	}
	k, err := batch.At(path)
	if err != nil {
		t.Logf("no kernel, so that Go blocks are not run (make kernel, or NNGPLAB_KERNEL): %v", err)
		return nil
	}
	return k
}

// block executes one block.
func (s *scratch) block(b block) {
	s.t.Helper()
	if i := codeRuleOf(b); i >= 0 {
		codeRules[i].how(s, b)
		return
	}
	texts, lines := b.commands()
	for n, text := range texts {
		i := ruleOf(text)
		if i < 0 {
			s.t.Errorf("%s:%d: %q has no rule", b.file, lines[n], text)
			continue
		}
		start := time.Now()
		s.command(fmt.Sprintf("%s:%d", b.file, lines[n]), text, rules[i])
		s.t.Logf("%s:%d: %.1f s: %s", b.file, lines[n], time.Since(start).Seconds(), text)
	}
}

// command does with one command what its rule says.
func (s *scratch) command(place, text string, r rule) {
	s.t.Helper()
	switch r.how {
	case target:
		s.target(place, text)
	case flags:
		s.flags(place, text)
	case listed:
		s.listed(place, text)
	case run, refused:
		if r.data != "" && !s.has(r.data) {
			return
		}
		small := s.swapped(text, r.swap...)
		out, err := s.output(small, r.inTop)
		if (err != nil) != (r.how == refused) {
			s.t.Errorf("%s: %s: %v\n%s", place, small, err, batch.Clip(out, 2000))
		} else if !strings.Contains(out, r.prints) {
			s.t.Errorf("%s: %s prints no %q:\n%s", place, small, r.prints, batch.Clip(out, 2000))
		}
	}
}

// swapped replaces in a text; what is not there is an error.
func (s *scratch) swapped(text string, swap ...string) string {
	s.t.Helper()
	for i := 0; i+1 < len(swap); i += 2 {
		if !strings.Contains(text, swap[i]) {
			s.t.Errorf("%q has no %q to replace", text, swap[i])
		}
		text = strings.Replace(text, swap[i], swap[i+1], 1)
	}
	return text
}

// output runs a command in the folder, or in the top one, and returns all that it prints.
func (s *scratch) output(text string, inTop bool) (string, error) {
	ctx, cancel := context.WithTimeout(s.t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-o", "pipefail", "-c", text)
	cmd.Dir = s.dir
	if inTop {
		cmd.Dir = top()
	}
	cmd.Env = append(append(os.Environ(), "SCRATCH="+s.dir), s.env...)
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// shell runs a command that has to end well.
func (s *scratch) shell(place, text string) {
	s.t.Helper()
	if out, err := s.output(text, false); err != nil {
		s.t.Errorf("%s: %s: %v\n%s", place, text, err, out)
	}
}

// target looks up whether the Makefile has the targets and variables of a command, and
// whether a script is there.
func (s *scratch) target(place, text string) {
	s.t.Helper()
	for part := range strings.SplitSeq(text, " && ") {
		words := strings.Fields(part)
		if words[0] != "make" {
			if _, err := exec.LookPath(filepath.Join(top(), words[0])); err != nil {
				s.t.Errorf("%s: %v", place, err)
			}
			continue
		}
		for _, problem := range makeProblems(part) {
			s.t.Errorf("%s: %s: %s", place, part, problem)
		}
	}
}

var (
	variableWord = regexp.MustCompile(`^([A-Z]+)=`)
	quoted       = regexp.MustCompile(`"[^"]*"`)
	targetWord   = regexp.MustCompile(`^[a-z0-9]+$`)
)

// makeProblems says which targets and variables of a command of make are not there.
func makeProblems(text string) (problems []string) {
	b, err := os.ReadFile(filepath.Join(top(), "Makefile"))
	if err != nil {
		return []string{err.Error()}
	}
	for _, word := range strings.Fields(quoted.ReplaceAllString(text, "x"))[1:] {
		if m := variableWord.FindStringSubmatch(word); m != nil {
			if !bytes.Contains(b, []byte("$("+m[1]+")")) && !bytes.Contains(b, []byte(","+m[1]+")")) && !bytes.Contains(b, []byte("$("+m[1]+"),")) {
				problems = append(problems, "the Makefile uses no "+m[1])
			}
		} else if !targetWord.MatchString(word) || !regexp.MustCompile(`(?m)^`+word+`:.*## \S`).Match(b) {
			problems = append(problems, "there is no target "+word)
		}
	}
	return problems
}

// flags checks that a program can be built or started, and that it knows the flags.
func (s *scratch) flags(place, text string) {
	s.t.Helper()
	words := strings.Fields(text)
	switch words[0] {
	case "nngplab", "go": // their flags are read up to the help, and unknown ones refused
		if out, err := s.output(text+" -h", words[0] == "go"); err != nil {
			s.t.Errorf("%s: %v\n%s", place, err, out)
		}
	case "python", "python3":
		help, err := s.output("python3 "+words[1]+" -h", true)
		if err != nil {
			s.t.Errorf("%s: %v\n%s", place, err, help)
		}
		for _, word := range words {
			if strings.HasPrefix(word, "-") && !strings.Contains(help, word) {
				s.t.Errorf("%s: %s knows no %s", place, words[1], word)
			}
		}
	default:
		s.t.Errorf("%s: flags of %s are not looked at", place, words[0])
	}
}

// listed checks that the benchmarks of a command of go test are there.
func (s *scratch) listed(place, text string) {
	s.t.Helper()
	m := regexp.MustCompile(`-bench '?([^' ]+)'?`).FindStringSubmatch(text)
	folder := regexp.MustCompile(`\./nngpkit/\S+`).FindString(text)
	if m == nil || folder == "" {
		s.t.Errorf("%s: no benchmarks", place)
		return
	}
	out, err := s.output("go test -list '"+m[1]+"' "+folder, true)
	for name := range strings.SplitSeq(m[1], "|") {
		if err != nil || !regexp.MustCompile("(?m)^Benchmark.*"+name).MatchString(out) {
			s.t.Errorf("%s: no benchmark %s: %v\n%s", place, name, err, out)
		}
	}
}

// has reports whether a file is in a folder of data, and says where it is not.
func (s *scratch) has(file string) bool {
	for _, dir := range testdata.Dirs() {
		if _, err := os.Stat(filepath.Join(dir, file)); err == nil {
			return true
		}
	}
	s.t.Logf("left out: %s is in no folder of NNGPLAB_DATA", file)
	return false
}

// cells runs what comes before a block, and the block, as two cells of a kernel, in the
// folder of the page.
func (s *scratch) cells(before, code string) {
	s.t.Helper()
	if s.kernel == nil {
		return
	}
	into := fmt.Sprintf("import \"os\"\nmust(os.Chdir(%q))", s.dir)
	r, err := s.kernel.Run(s.t.Context(), limit, nil, into, before, code)
	if err != nil {
		s.t.Error(err)
		return
	}
	if len(r.Cells) != 3 {
		s.t.Errorf("%d of 3 cells ended: %s", len(r.Cells), r.Output)
	}
	for _, c := range r.Cells {
		if !c.OK {
			s.t.Errorf("%s: %s\n%s", c.Name, c.Message, code)
		}
	}
}

func (s *scratch) write(name string, b []byte) {
	s.t.Helper()
	path := filepath.Join(s.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// networks places net.onnx and a folder of exported networks.
func (s *scratch) networks() {
	for name, source := range map[string]string{"net": "squeezenet1_1", "exported/a": "squeezenet1_0", "exported/b": "squeezenet1_1"} {
		b, err := os.ReadFile(filepath.Join(top(), "nngpkit", "onnx", "testdata", source+".onnx"))
		if err != nil {
			s.t.Fatal(err)
		}
		s.write(name+".onnx", b)
	}
}

// table places table.csv, of thirty networks with a score, parameters and accuracy.
func (s *scratch) table() {
	text := "network,nngp,parameters,accuracy\n"
	for i := range 30 {
		text += fmt.Sprintf("n%d,%d,%d,%.3f\n", i, i*7%31, 1000+i*i, 0.8+float64(i*11%37)/400)
	}
	s.write("table.csv", []byte(text))
}

// published places a small file in the layout of NAS-Bench-101's, before all other data.
func (s *scratch) published() {
	b, err := publishedtest.File("nasbench101", 20)
	if err != nil {
		s.t.Fatal(err)
	}
	s.write("data/nasbench101/nasbench_only108.tfrecord", b)
	s.env = append(s.env, "NNGPLAB_DATA="+filepath.Join(s.dir, "data")+string(filepath.ListSeparator)+os.Getenv("NNGPLAB_DATA"))
}

// photos places a folder of 100 pictures in two classes.
func (s *scratch) photos() {
	for i := range 100 {
		img := image.NewRGBA(image.Rect(0, 0, 40, 36))
		for p := range 40 * 36 {
			v := uint8((p*(i+3) + i*i*29) % 251)
			img.Set(p%40, p/40, color.RGBA{v, v / 2, uint8(i * 2), 255})
		}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			s.t.Fatal(err)
		}
		s.write(fmt.Sprintf("photos/%s/%d.png", []string{"cat", "dog"}[i%2], i), b.Bytes())
	}
}

// cellList places cells.csv.
func (s *scratch) cellList() { s.shell("cells.csv", "nngplab space sample -n 20 --csv > cells.csv") }

func sortedKeys(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// commandsInText returns the commands of make and nngplab within the text of a page.
func commandsInText(page string) (out [][]string) {
	for _, m := range inline.FindAllStringSubmatch(page, -1) {
		if w := strings.Fields(m[1]); len(w) > 1 && slices.Contains([]string{"make", "nngplab", "bin/nngplab"}, w[0]) {
			out = append(out, w)
		}
	}
	return out
}

// inText checks the commands within the text of a page: that nngplab has the subcommand
// and the flags, and the Makefile the target and variables.
func (s *scratch) inText(name, page string) {
	s.t.Helper()
	for _, words := range commandsInText(page) {
		text := strings.Join(words, " ")
		if words[0] == "make" {
			for _, problem := range makeProblems(text) {
				s.t.Errorf("%s: `%s`: %s", name, text, problem)
			}
			continue
		}
		out, err := exec.Command("nngplab", append(words[1:], "-h")...).CombinedOutput()
		if err != nil {
			s.t.Errorf("%s: `%s`: %v: %s", name, text, err, batch.Clip(string(out), 500))
			continue
		}
		usage := subcommand(string(out))
		further := len(words)-1 > len(strings.Fields(usage)) && !strings.HasPrefix(words[len(words)-1], "-")
		if !strings.HasPrefix(strings.Join(words[1:], " ")+" ", usage) || further && strings.Contains(string(out), "Available Commands:") {
			s.t.Errorf("%s: `%s`: there is no such subcommand, the nearest is %q", name, text, usage)
		}
	}
}

// subcommand returns the words of a command's usage in front of its arguments, with a
// blank behind them.
func subcommand(help string) string {
	_, usage, _ := strings.Cut(help, "Usage:\n  nngplab ")
	usage, _, _ = strings.Cut(usage, "\n")
	return regexp.MustCompile(`^([a-z]+ )*`).FindString(usage + " ")
}
