package docblocks

import "regexp"

// how says what becomes of a command.
type how int

const (
	run     how = iota // it is run, as it stands but for swap
	target             // of make: it and its variables are there; why says who runs it
	flags              // its program is built or started, and knows the flags; why says why it goes no further
	listed             // of go test: its benchmarks are there
	refused            // it is run, and has to fail with the words of prints
)

// rule says what becomes of the commands that match, in the order of the list: the first
// that matches is taken. One that matches nothing is an error.
type rule struct {
	match  string
	how    how
	swap   []string // what is replaced to make it small: old, new, old, new
	prints string   // what its output has to contain
	data   string   // below a folder of data; where it is missing the command is left out, with a word
	inTop  bool     // run in the top folder, where go finds the module
	why    string   // of how and of swap
}

func r(match string, h how, why string) rule { return rule{match: match, how: h, why: why} }

const cifar = "cifar10/data_batch_1_first4000.bin"

// rules are the commands of README.md, docs and CONTRIBUTING.md.
var rules = []rule{
	// make: what takes minutes or hours. That every target is there is looked up here.
	r(`^make (reproduce|test|lint|compare)\b`, target, ".ci/run runs it; reproduce as a newcomer would, by tools/newcomer.py; RECOMPUTE=1 takes hours"),
	r(`^make lab$`, target, "it serves until it is stopped; tools/test_notebooks.py opens what it opens"),
	r(`^make notebooks$`, target, "it writes into the notebooks; the same program as reproduce"),
	r(`^make (peers|bench)\b`, target, "minutes to hours, and wants a quiet machine; bench/test_page.py tests what writes the page"),
	r(`^make (fuzz|soak)\b`, target, "as long as it is told to; make test runs every fuzz target on its corpus, and tools/test_soak.py the cells"),
	r(`^make (conformance|differential)\b`, target, "minutes; make test runs a fixed part of both"),
	r(`^\.ci/run$`, target, "it runs this test"),

	{match: `^go build -o bin/nngplab `, how: run, inTop: true, swap: []string{"-o bin/", "-o $SCRATCH/bin/"}, why: "beside the other files of the test"},
	r(`^go run \./bench/signals `, flags, "half a minute to an hour; -attempts measures anew"),
	r(`^go test .*\./nngpkit/`, listed, "benchmarks want a quiet machine"),
	r(`^python3? bench/`, flags, "minutes, and the peers' packages"),

	// The command line.
	{match: `^nngplab kernel (install|uninstall|doctor)`, how: flags, why: "minutes; internal/gokernel tests them on folders of their own, and tools/newcomer.py installs"},
	{match: `nngplab doctor$`, how: run, swap: []string{"doctor", "doctor --skip-kernel"}, prints: "engine", why: "the kernel may not be built; tools/newcomer.py runs it as it stands"},
	{match: `nngplab space sample -n 20 --csv > cells.csv$`, how: run},
	{match: `nngplab space sample -n 20 --csv \| nngplab rank - --json$`, how: run, prints: `"place"`},
	{match: `nngplab space same cells.csv$`, how: run, prints: "20 different"},
	{match: `nngplab eval --hash \w+ --images drawn --width 8$`, how: run, prints: "score"},
	{match: `nngplab eval --hash \w+ --images noise$`, how: run, prints: "noise_score"},
	{match: `nngplab eval --network net.onnx$`, how: run, prints: "noise_entropy"},
	{match: `nngplab eval --network net.onnx --images photos/ --train 60 --val 30$`, how: run, swap: []string{"--val 30", "--val 30 --members 1"}, prints: "score", why: "one member in place of four"},
	{match: `nngplab rank cells.csv( --out ranked.csv)?$`, how: run, prints: "noise_entropy"},
	{match: `nngplab rank --networks exported/\*.onnx$`, how: run, prints: "noise_entropy"},
	{match: `nngplab rank --space mnasnet --sample 20$`, how: run, prints: "mixture"},
	{match: `nngplab rank --sample 1000 `, how: run, swap: []string{"1000", "20"}, why: "20 cells in place of 1,000"},
	{match: `nngplab corr --csv table.csv --truth accuracy --signal nngp,parameters( --bootstrap 2000)?$`, how: run, prints: "parameters"},
	{match: `nngplab plan --budget (8h --cells 423624|1h --cells 1000)$`, how: run, prints: "tau"},
	{match: `nngplab sweep plan --all --budget 1h --out plan.json`, how: run, swap: []string{"--all", "--sample 20"}, why: "20 cells in place of 423,624"},
	{match: `nngplab sweep run plan.json --shard 1/8$`, how: run, swap: []string{" --shard 1/8", ""}, prints: "20 of 20", why: "all shards, so that they can be merged"},
	{match: `nngplab sweep merge plan.json$`, how: run, prints: "20 done"},
	{match: `nngplab sweep rank plan.json( --out ranked.csv)?$`, how: run, prints: "noise_entropy"},
	{match: `nngplab sweep (run|status) plan.json$`, how: run, prints: "20 of 20"},
	{match: `nngplab sweep export plan.json --out scores.parquet$`, how: run, prints: "scores.parquet"},
	{match: `nngplab sweep verify scores.parquet --rows 500$`, how: run, prints: "noise_entropy"},
	{match: `nngplab sweep slurm `, how: run, swap: []string{" --submit", ""}, prints: "array.sh", why: "there is no cluster; TestSweepSlurm starts one and submits"},
	{match: `nngplab sweep kubernetes .* \| kubectl apply -f -$`, how: run, swap: []string{"| kubectl apply -f -", ""}, prints: "completionMode: Indexed", why: "there is no cluster; TestSweepKubernetes reads the job"},
	{match: `nngplab scores list$`, how: run, prints: "members8"},
	{match: `nngplab scores compute (members8|all)$`, how: flags, why: "processor hours; TestScores of cmd/nngplab computes a few cells"},
	{match: `nngplab scores evidence$`, how: run, swap: []string{"evidence", "evidence --out evidence --resamples 2"}, data: "nasbench101/official_subset.csv", prints: "evidence.json", why: "2 resamples in place of 1,000, and not over the committed ones"},
	{match: `nngplab data list$`, how: run, prints: "cifar10"},
	{match: `nngplab data fetch cifar10$`, how: refused, prints: "cifar-10-binary.tar.gz", why: "no network in tests: NNGPLAB_OFFLINE=1; package datasets fetches from a server of its own"},
	{match: `nngplab data fetch --small$`, how: run, swap: []string{"--small", "--small --try"}, why: "no network in tests: NNGPLAB_OFFLINE=1"},
	{match: `nngplab data import nasbench101$`, how: run, prints: "records"},
}

// codeRule says what becomes of a block that is no commands.
type codeRule struct {
	file, first string // page, and what the first line begins with
	how         func(*scratch, block)
}

var codeRules = []codeRule{
	{"docs/KERNEL.md", "import (", func(s *scratch, b block) { s.cells("", b.text()) }},
	{"docs/KERNEL.md", "fig := must(figure.KernelMap", func(s *scratch, b block) { s.cells(mustCell, b.text()) }},
	{"docs/KERNEL.md", "res, err := nngpkit.Evaluate(", func(s *scratch, b block) { s.cells(evaluateCell, b.text()) }},
	{"docs/REPRODUCE.md", "fig := must(figure.Scatter(", func(s *scratch, b block) { s.cells(scatterCell, b.text()) }},
	{"docs/SWEEPS.md", "how, err := campaign.StatusFrame(", func(s *scratch, b block) { s.cells(sweepCell, b.text()) }},
	{"docs/RANKING.md", `s, err := space.Find("nasbench101")`, func(s *scratch, b block) {
		if s.has(cifar) {
			s.cells(rankCell, s.swapped(b.text(), "Sample(100, 1)", "Sample(2, 1)")) // 2 cells in place of 100
		}
	}},
	{"README.md", `set, err := imageset.Load("drawn")`, func(s *scratch, b block) { s.cells(libraryCell, b.text()) }},
	{"README.md", `import "github.com/nngplab/nngplab/nngpkit/study"`, func(s *scratch, b block) { s.cells("", b.text()) }},
	{"docs/PROTOCOL.md", `set := must(imageset.Load("drawn"))`, func(s *scratch, b block) { s.cells(protocolCell, b.text()) }},
	{"docs/STATISTICS.md", "truth := []float64{", func(s *scratch, b block) { s.cells(statisticsCell, b.text()) }},
	{"docs/FIGURES.md", "fig := must(figure.Scatter(", func(s *scratch, b block) { s.cells(figureCell, b.text()) }},
	// A list of measurements: a plan of it is made.
	{"docs/SWEEPS.md", `[{"name": "noise"`, func(s *scratch, b block) {
		s.write("measurements.json", []byte(b.text()))
		if s.has(cifar) {
			s.shell(b.place(), "nngplab sweep plan --sample 2 --measurements measurements.json --out measured.json")
		}
	}},
	// PyTorch is not among what tests have: it is parsed.
	{"docs/NETWORKS.md", "torch.onnx.export(", func(s *scratch, b block) {
		s.write("export.py", []byte(b.text()))
		s.shell(b.place(), `python3 -c 'import ast; ast.parse(open("export.py").read())'`)
	}},
}

// What the cells of a page take as given.
const (
	mustCell = `
import (
	"os"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit/figure"
)
k, labels := mat.NewSymDense(2, []float64{1, .5, .5, 1}), []int{0, 1}
cfg := figure.KernelMapConfig{}
interval := func(x []float64) (lo, hi float64, err error) { return x[0], x[1], nil }
x, data, path := []float64{1, 2}, []byte("text"), "x.txt"
`
	evaluateCell = `
import (
	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
)
cell := must(must(space.Find("nasbench101")).Parse("011/001/000 input,conv3x3-bn-relu,output"))
net := must(cell.Network(8, arch.Shape{H: 32, W: 32, C: 3}))
set := imageset.Drawn(60, 1)
cfg := nngpkit.Config{Train: 40, Val: 20, Members: 1, NormBatch: 20}
`
	libraryCell = `
import (
	"fmt"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)
func check(err error) {
	if err != nil {
		panic(err)
	}
}
`
	protocolCell = `
import (
	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)
`
	statisticsCell = `
import (
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/corr"
)
`
	figureCell = `
import "github.com/nngplab/nngplab/nngpkit/figure"
`
	scatterCell = `
import (
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/truth"
)
signal, accuracy := []float64{1, 2, 3, 4}, []float64{2, 1, 4, 3}
tau, lo, hi, n := 0.3, -0.1, 0.7, 4
`
	sweepCell = `
import (
	"github.com/nngplab/nngplab/nngpkit/campaign"
	"github.com/nngplab/nngplab/nngpkit/report"
)
`
	rankCell = `
import (
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/study"
)
`
)

// fixtures are the files that the commands of a page take as given.
var fixtures = map[string][]func(*scratch){
	"README.md":          {(*scratch).networks, (*scratch).photos, (*scratch).table, (*scratch).published},
	"docs/NETWORKS.md":   {(*scratch).networks, (*scratch).photos},
	"docs/RANKING.md":    {(*scratch).cellList},
	"docs/STATISTICS.md": {(*scratch).table},
}

// patterns are the compiled patterns of the rules.
var patterns = func() (out []*regexp.Regexp) {
	for _, r := range rules {
		out = append(out, regexp.MustCompile(r.match))
	}
	return out
}()
