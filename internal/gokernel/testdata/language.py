"""Output, completion, documentation and the language in an installed kernel.

    python language.py NAME
"""

import sys
import time

from checks import IMPORTS, check, contains, equal, main, text
from driver import Kernel

# What the checks complete, document and use.
SETUP = """p := plot.New()
pts := plotter.XYs{{1, 2}, {2, 3}, {3, 5}}
s, err := plotter.NewScatter(pts)
df := dataframe.ReadCSV(strings.NewReader("name,v\\na,1.5\\n"))
m := mat.NewDense(2, 2, nil)
type H struct{ V int }
func (h H) HTML() string { return "" }
func readKept() int { return 7 }
counter := 1
"""

@check
def imports_everything(k):
    r = k.run(IMPORTS)
    assert r.ok, r.error
    assert r.value is None


# -- output ------------------------------------------------------------------


@check
def output_streams_while_the_cell_runs(k):
    seen = []
    r = k.run(
        'for i := range 4 {\n\tfmt.Printf("\\rstep %d", i)\n\ttime.Sleep(300 * time.Millisecond)\n}',
        during=lambda kind, content, s: kind == "stream" and seen.append((s, content["text"])),
    )
    equal(r.stdout, "\rstep 0\rstep 1\rstep 2\rstep 3")
    # The first piece comes long before the cell ends, however busy the machine.
    assert len(seen) > 1 and r.seconds - seen[0][0] > 0.6, (seen, r.seconds)


@check
def output_is_complete_and_whole(k):
    r = k.run('for i := 0; i < 20000; i++ { fmt.Println("zeile äöü €", i) }')
    equal(r.stdout, "".join(f"zeile äöü € {i}\n" for i in range(20000)))
    assert "\ufffd" not in r.stdout
    r = k.run('fmt.Print("no newline")\nfmt.Fprint(os.Stderr, "err")\nprintln("builtin")')
    equal(r.stdout.replace("builtin\n", ""), "no newline")
    equal(r.stderr.replace("builtin\n", ""), "err")


@check
def log_goes_to_the_cell(k):
    contains(k.run('import "log"\nlog.Println("logged")').stderr, "logged")


@check
def shell_commands(k):
    r = k.run("$echo a$((1+1))")
    equal(r.stdout, "a2\n") if r.ok else contains(str(r.error), "executable file not found")
    contains(k.run("%packages moreland").stdout, "gonum.org/v1/plot/palette/moreland")
    contains(k.run("%nope").error["evalue"], "unknown command")


# -- completion and documentation -------------------------------------------


@check
def completion(k):
    for code, want in [
        ("stat.Corr", ["Correlation", "CorrelationMatrix"]),
        ("p.Ti", ["Title"]),
        ("p.Title.Te", ["Text", "TextStyle"]),
        ('df.Select("name").Nr', ["Nrow"]),
        ("m.RawM", ["RawMatrix"]),
        ("s.Rad", ["Radius"]),
        ("arch.NewB", ["NewBuilder"]),
        ("x := 1\nqq := plot.New()\nqq.X.Label.Te", ["Text", "TextStyle"]),
        ("sc, err := plotter.NewScatter(nil)\nsc.GlyphSt", ["GlyphStyle", "GlyphStyleFunc"]),
        ("var ch mat.Cholesky\nch.Fac", ["Factorize"]),
        ("H{}.", ["HTML", "V"]),
        ('"é"; df.Fi', ["Filter", "FilterAggregation"]),
        ("floats.Su", ["Sub", "SubTo", "Sum", "SumCompensated"]),
        ('import "gonum.org/v1/plot/pal', ["gonum.org/v1/plot/palette", "gonum.org/v1/plot/palette/brewer", "gonum.org/v1/plot/palette/moreland"]),
        ("readK", ["readKept"]),
        ("retu", ["return"]),
        ("combin.Binom", ["Binomial"]),  # linked, not imported
        ("nothing_like_this.", []),
        ("stat.Mean(", []),
    ]:
        c = k.complete(code)
        equal((code, c["matches"]), (code, want))
        chars = len(code)
        equal(c["cursor_end"], chars)
    k.run("type point struct{ East, North int; name string }")
    equal(k.complete("point{")["matches"], ["East", "North", "name"])
    equal(k.complete("[]any{point{East: 1, No")["matches"], ["North"])
    c = k.complete("stat.Corr")
    equal(c["cursor_start"], 5)
    types = c["metadata"]["_jupyter_types_experimental"]
    equal(types[0]["type"], "function")
    c = k.complete("stat.Corr + 1", 9)
    equal(c["matches"], ["Correlation", "CorrelationMatrix"])


@check
def documentation(k):
    for code, sig, doc in [
        ("stat.Correlation", "func Correlation(x, y, weights []float64) float64", "weighted correlation"),
        ("stat.Mean(x, ", "func Mean(x, weights []float64) float64", "weighted mean of the data set"),
        ("p.Add", "func (p *Plot) Add(ps ...Plotter)", "adds a Plotters to the plot"),
        ("p.Title.Text", "Text", ""),
        ("s.Radius", "field Radius vg.Length", ""),
        ("df.Filter", "func (df DataFrame) Filter(filters ...F) DataFrame", "filter the rows"),
        ("df", "var df ", "data structure"),
        ("mat", 'package mat // import "gonum.org/v1/gonum/mat"', "linear algebra"),
        ("mat.Dense", "type Dense struct", "dense matrix representation"),
        ("fmt.Println(", "func Println(a ...any) (n int, err error)", "Println formats"),
        ("append", "func append(slice []Type, elems ...Type) []Type", "appends elements"),
        ("arch.NewBuilder", "func NewBuilder(", "Builder"),
        ("ctx", "var ctx context.Context", "stop button"),
        ("nb.Show", "func Show(values ...any) error", "Show shows values"),
    ]:
        d = k.inspect(code)
        assert d["found"], code
        contains(d["data"]["text/plain"], sig, doc)
        contains(d["data"]["text/html"], "<pre>")
    k.run("// Twice doubles x.\nfunc Twice(x int) int { return 2 * x }")
    contains(k.inspect("Twice(")["data"]["text/plain"], "func Twice(x int) int", "Twice doubles x.")
    contains(k.inspect("stat.Mean(x, nil)", 6)["data"]["text/plain"], "func Mean")
    assert not k.inspect("no_such_thing")["found"]


# -- language and libraries ----------------------------------------------------


@check
def newer_go(k):
    r = k.run("for i := range 3 { fmt.Print(i) }")
    equal(r.stdout, "012")
    equal(text(k.run("min(3, 1, 2) + max(4, 7)")), "8")
    equal(text(k.run("max(2.5, float64(counter)*0)")), "2.5")
    equal(text(k.run("mm := map[string]int{`a`: 1}\nclear(mm)\nlen(mm)")), "0")
    assert k.run("rand.New(rand.NewPCG(1, 2)).Float64()").ok


@check
def interpreted_types_implement_compiled_interfaces(k):
    r = k.run(
        "type xy struct{ n int }\nfunc (m xy) Len() int { return m.n }\n"
        "func (m xy) XY(i int) (float64, float64) { return float64(i), float64(i * i) }\n"
        "sp, err := plotter.NewScatter(xy{5})\nsp.XYs[3].Y"
    )
    equal(text(r), "9")
    r = k.run(
        "type by [][2]int\nfunc (b by) Len() int { return len(b) }\nfunc (b by) Less(i, j int) bool { return b[i][1] < b[j][1] }\n"
        "func (b by) Swap(i, j int) { b[i], b[j] = b[j], b[i] }\nbb := by{{1, 9}, {2, 3}}\nsort.Sort(bb)\nbb"
    )
    equal(text(r), "[[2 3] [1 9]]")


@check
def closures_in_libraries(k):
    equal(text(k.run("quad.Fixed(func(x float64) float64 { return x * x }, 0, 3, 20, nil, 0) - 9 < 1e-12")), "true")
    r = k.run(
        "res, err := optimize.Minimize(optimize.Problem{Func: func(x []float64) float64 { return (x[0]-1)*(x[0]-1) + x[1]*x[1] }}, "
        "[]float64{5, 5}, nil, &optimize.NelderMead{})\nmath.Abs(res.X[0]-1) < 1e-3"
    )
    equal(text(r), "true")


@check
def goroutines(k):
    r = k.run(
        "var wg sync.WaitGroup\nvar mu sync.Mutex\ntot := 0\n"
        "for i := 0; i < 10; i++ { wg.Add(1); go func(k int) { defer wg.Done(); mu.Lock(); tot += k; mu.Unlock() }(i) }\nwg.Wait()\ntot"
    )
    equal(text(r), "45")


@check
def every_part_is_linked(k):
    paths = k.run("%packages").stdout.split()
    for p in ["context", "errors", "math/rand/v2", "iter", "gonum.org/v1/gonum/mat", "gonum.org/v1/gonum/stat/combin", "gonum.org/v1/plot/vg/vgimg", "gonum.org/v1/plot/palette/brewer", "github.com/go-gota/gota/series", "github.com/nngplab/nngplab/nngpkit/arch"]:
        if p == "iter":  # exports only generic names
            continue
        assert p in paths, p


@check
def godebug_settings_do_not_matter(k):
    with Kernel(sys.argv[1], {"PATH": "", "GODEBUG": "gotypesalias=0,no_such_setting=1"}) as other:
        r = other.run(IMPORTS + "stat.Mean([]float64{1, 3}, nil)")
        equal(text(r), "2")


@check
def is_complete(k):
    for code, want in [("x := 1", "complete"), ("for {", "incomplete")]:
        equal(k.reply(k.kc.is_complete(code))["status"], want)


@check
def silent_and_history(k):
    n = k.run("1").reply["execution_count"]
    r = k.run("2", silent=True)
    assert r.value is None
    equal(k.run("3").reply["execution_count"], n + 1)


@check
def shutdown_ends_the_process(k):
    p = k.km.provisioner.process
    k.kc.shutdown()
    for _ in range(50):
        if p.poll() is not None:
            return
        time.sleep(0.1)
    raise AssertionError("still running")


if __name__ == "__main__":
    main(SETUP)
