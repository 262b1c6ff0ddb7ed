"""Checks the behaviour of an installed kernel over ZeroMQ, as a front end sees it.

    python e2e.py NAME

Prints one JSON object a line, {"name", "ok", "detail"}, for each check. The
kernel runs with an empty PATH, hence without a Go toolchain.
"""

import base64
import json
import re
import sys
import time
import traceback

from driver import Kernel

CHECKS = []


def check(f):
    CHECKS.append(f)
    return f


IMPORTS = """import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/palette/moreland"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/arch"
)
"""


def text(r):
    assert r.ok, r.error
    assert r.value is not None, f"no value; stdout {r.stdout!r}"
    return r.value["text/plain"]


def equal(a, b):
    assert a == b, f"{a!r} is not {b!r}"


def contains(s, *parts):
    for p in parts:
        assert p in s, f"{p!r} not in {s!r}"


def after(k, seconds, f):
    """Calls f that long after the next cell has begun."""
    k.once_running.append((seconds, f))


@check
def imports_everything(k):
    r = k.run(IMPORTS)
    assert r.ok, r.error
    assert r.value is None


# -- values ------------------------------------------------------------------


@check
def plain_values(k):
    for code, want in [
        ("3", "3"),
        ('"é"', "é"),
        ("1 << 40", "1099511627776"),
        ("math.Pi", "3.141592653589793"),
        ("time.Second * 3", "3s"),
        ("[]string{`a`, `b`}", "[a b]"),
        ("struct{ A int; B string }{1, `x`}", "{A:1 B:x}"),
        ("distuv.Normal{Mu: 0, Sigma: 1}.Quantile(0.975)", "1.9599639845400536"),
        ("strings.Repeat", "func(string, int) string"),
    ]:
        equal(text(k.run(code)), want)


@check
def statements_have_no_value(k):
    for code in ["x := 3", "func f1() int { return 3 }", "type T1 struct{}", "var e1 error", "_ = 3", "", "// comment", "nilcall := func() error { return nil }\nnilcall()"]:
        r = k.run(code)
        assert r.ok and r.value is None and not r.displays, (code, r.value)


@check
def nil_is_shown_when_asked_for(k):
    equal(text(k.run("var e2 error\ne2")), "<nil>")


@check
def println_shows_no_value(k):
    for code, want in [('fmt.Println("hello")', "hello\n"), ('fmt.Printf("%d", 3)', "3"), ('fmt.Fprintln(os.Stdout, "x")', "x\n"), ('fmt.Print("a")', "a"), ('import f "fmt"\nf.Println("y")', "y\n")]:
        r = k.run(code)
        assert r.ok and r.value is None, r.value
        equal(r.stdout, want)


@check
def several_values_are_each_shown(k):
    r = k.run("stat.MeanStdDev([]float64{1, 2, 3}, nil)")
    equal(r.displays[0]["text/plain"], "2")
    equal(text(r), "1")
    r = k.run("two := func() (*plot.Plot, int, error) { return plot.New(), 4, nil }\ntwo()")
    contains(r.displays[0]["image/svg+xml"], "<svg")
    equal(text(r), "4")


@check
def plot_is_svg(k):
    r = k.run(
        """p := plot.New()
p.Title.Text = "A title"
pts := plotter.XYs{{1, 2}, {2, 3}, {3, 5}}
s, err := plotter.NewScatter(pts)
if err != nil { panic(err) }
s.Radius = vg.Points(3)
s.Shape = draw.CircleGlyph{}
l, _ := plotter.NewLine(pts)
p.Add(s, l, plotter.NewGrid())
p.Legend.Add("points", s, l)
err = plotutil.AddLinePoints(p, "more", pts)
p"""
    )
    contains(r.value["image/svg+xml"], "<svg", 'width="432pt" height="288pt"', "A title")
    equal(base64.b64decode(r.value["image/png"])[:8], b"\x89PNG\r\n\x1a\n")
    equal(text(r), 'plot "A title"')
    r = k.run("nb.Sized(p, 3, 2)")
    contains(r.value["image/svg+xml"], 'width="216pt" height="144pt"')


@check
def data_frame_is_a_table(k):
    r = k.run('df := dataframe.ReadCSV(strings.NewReader("name,v\\na<b,1.5\\nc,2\\n"))\ndf')
    html = r.value["text/html"]
    contains(html, "<table", "a&lt;b", "<td style=\"text-align:right\">1.5</td>", "2 rows × 2 columns")
    assert "not all" not in html
    contains(text(r), "name string", "2 rows × 2 columns")
    r = k.run("&df")
    contains(r.value["text/html"], "<table")
    r = k.run('df.Col("v")')
    contains(r.value["text/html"], "<table", "2 values")


@check
def long_data_frame_is_cut(k):
    r = k.run("long := dataframe.New(series.New(make([]int, 12345), series.Int, `n`))\nlong")
    html = r.value["text/html"]
    contains(html, "12,345 rows × 1 column (not all shown)", "⋯", "<th>12344</th>")
    assert html.count("<tr>") < 30, html.count("<tr>")


@check
def broken_data_frame_says_so(k):
    contains(text(k.run('df.Select("nothing")')), "error")


@check
def matrix_is_a_table(k):
    r = k.run("m := mat.NewDense(2, 3, []float64{1, 2.5, 3, 1e-7, math.NaN(), 6})\nm")
    contains(r.value["text/html"], "<table", "2.5", "1e-07", "NaN", "mat.Dense 2 × 3")
    r = k.run("mat.NewSymDense(1000, nil)")
    contains(r.value["text/html"], "mat.SymDense 1000 × 1000 (not all shown)", "⋯")
    assert len(r.value["text/html"]) < 20000
    contains(text(k.run("m.T()")), "3 × 2")
    contains(text(k.run("mat.NewVecDense(3, nil)")), "3 × 1")


@check
def slice_of_structs_is_a_table(k):
    r = k.run("type row struct { Name string; Tau float64 }\n[]row{{`a`, 0.5}, {`b`, 0.25}}")
    contains(r.value["text/html"], "<table", ">Tau</th>", ">0.25</td>", "2 rows × 2 columns")


@check
def long_values_are_cut(k):
    contains(text(k.run("make([]float64, 100000)")), "(100000 elements)")
    assert len(text(k.run('strings.Repeat("x", 1000000)'))) < 30000


@check
def own_types_render_themselves(k):
    r = k.run("type H struct{ V int }\nfunc (h H) HTML() string { return fmt.Sprintf(`<b>%d</b>`, h.V) }\nH{4}")
    equal(r.value["text/html"], "<b>4</b>")
    equal(k.run("&H{5}").value["text/html"], "<b>5</b>")
    r = k.run("type M struct{}\nfunc (m M) Markdown() string { return `# x` }\nM{}")
    equal(r.value["text/markdown"], "# x")
    r = k.run("type S struct{}\nfunc (s S) SVG() string { return `<svg/>` }\nS{}")
    equal(r.value["image/svg+xml"], "<svg/>")
    after(k, 0.7, k.signal)
    r = k.run("type L struct{}\nfunc (l L) HTML() string { for { }; return `` }\nL{}")
    assert r.seconds < 30, "rendering cannot be interrupted"
    r = k.run("type B struct{}\nfunc (b B) HTML() string { panic(`no`) }\nB{}")
    assert r.ok and "no" in r.stderr, r.stderr


@check
def show_and_display_before_the_end(k):
    r = k.run('fmt.Println("before")\nnb.Show(p, df)\ndisplay.HTML("<i>x</i>")')
    equal(len(r.displays), 2)
    contains(r.displays[0]["image/svg+xml"], "<svg")
    contains(r.displays[1]["text/html"], "<table")
    equal(r.value["text/html"], "<i>x</i>")
    r = k.run('Display(display.Markdown("# y"))')
    equal(r.displays[0]["text/markdown"], "# y")


# -- errors ------------------------------------------------------------------


@check
def error_value_fails_the_cell_with_its_line(k):
    r = k.run('fmt.Println("x")\n\nos.Open("/no/such")')
    equal(r.reply["status"], "error")
    equal(r.error["ename"], "fs.PathError")
    assert re.fullmatch(r"In\[\d+\] line 3: open /no/such: no such file or directory", r.error["evalue"]), r.error["evalue"]
    assert r.value is None and not r.displays, "the nil file is shown"
    contains("\n".join(r.error["traceback"]), 'os.Open("/no/such")')


@check
def values_beside_an_error_are_shown(k):
    r = k.run('pair := func() (int, error) { return 4, errors.New("boom") }\npair()')
    equal(r.reply["status"], "error")
    equal(r.displays[0]["text/plain"], "4")
    contains(r.error["evalue"], "line 2: boom")


@check
def interpreted_error(k):
    r = k.run("type E struct{}\nfunc (E) Error() string { return `my error` }\nfe := func() error { return E{} }\nfe()")
    equal(r.reply["status"], "error")
    contains(r.error["evalue"], "line 4: my error")


@check
def panic_names_the_line_and_the_callers(k):
    r = k.run("inner := func(i int) int {\n\tvar z []int\n\treturn z[i]\n}\nfunc outer() int {\n\treturn inner(7)\n}\nfmt.Println(1)\nouter()")
    equal(r.reply["status"], "error")
    contains(r.error["evalue"], "line 3:", "out of range")
    tb = "\n".join(r.error["traceback"])
    contains(tb, "return z[i]", "return inner(7)", "line 6")
    equal(r.stdout, "1\n")
    r = k.run("q := 0\n1 / q")
    contains(r.error["evalue"], "integer divide by zero")


@check
def panic_in_earlier_cell_names_that_cell(k):
    r = k.run("func divide(a, b int) int {\n\treturn a / b\n}")
    assert r.ok
    n = r.reply["execution_count"]
    r = k.run("divide(1, 0)")
    contains(r.error["evalue"], f"In[{n}] line 2:")
    contains("\n".join(r.error["traceback"]), f"In[{n + 1}] line 1", "return a / b")


@check
def compile_errors_name_the_line(k):
    r = k.run("a := 1\nb := undefined_thing\nc := 2")
    contains(r.error["evalue"], "line 2: undefined: undefined_thing")
    r = k.run('x := 1\nfmt.Println("a"')
    contains(r.error["evalue"], "line 2:")
    r = k.run('var s1 int = "x"')
    contains(r.error["evalue"], "line 1:")


@check
def a_failed_cell_leaves_nothing_behind(k):
    k.run("fmt.Println(1)\nfmt.Println(undefined_thing)")
    r = k.run('fmt.Println("clean")')
    equal(r.stdout, "clean\n")


@check
def missing_package_says_how_to_add_it(k):
    r = k.run('import "github.com/no/such"')
    contains(r.error["evalue"], "nngplab kernel install --with github.com/no/such@VERSION")
    contains(k.run('import "distuv"').error["evalue"], '"gonum.org/v1/gonum/stat/distuv"')


@check
def panic_in_a_goroutine_does_not_end_the_kernel(k):
    r = k.run('go func() { panic("boo") }()\ntime.Sleep(100 * time.Millisecond)')
    assert r.ok
    contains(r.stderr, "panic in a goroutine", "boo")


@check
def endless_recursion_does_not_end_the_kernel(k):
    r = k.run("func rec(n int) int { return rec(n+1) + 1 }\nrec(0)")
    contains(r.error["evalue"], "stack overflow")
    equal(text(k.run("1 + 1")), "2")


@check
def cells_behind_a_failed_one_are_declined(k):
    first = k.kc.execute("time.Sleep(300 * time.Millisecond)\npanic(`first`)")
    second = k.kc.execute('fmt.Println("must not run")')
    equal(k.reply(first)["status"], "error")
    equal(k.reply(second)["status"], "aborted")
    assert k.run("1").ok


# -- interrupts --------------------------------------------------------------


def interrupted(r, within=30):
    equal(r.reply["status"], "error")
    equal(r.error["ename"], "Interrupted")
    assert r.seconds < within, f"took {r.seconds:.1f} s"


@check
def sigint_ends_a_loop_and_keeps_variables(k):
    k.run("counter := 0")
    after(k, 0.7, k.signal)
    r = k.run("for {\n\tcounter++\n}")
    interrupted(r)
    equal(text(k.run("counter > 1000")), "true")


@check
def interrupt_request_ends_a_loop(k):
    after(k, 0.7, k.interrupt_message)
    interrupted(k.run("func spin() { for { counter++ } }\nspin()"))
    assert k.run("counter").ok


@check
def interrupt_ends_a_loop_inside_compiled_code(k):
    after(k, 0.7, k.signal)
    interrupted(k.run("sort.Slice(make([]int, 100), func(i, j int) bool { for { }; return false })"))


@check
def interrupt_ends_sleep(k):
    after(k, 0.7, k.signal)
    interrupted(k.run("time.Sleep(time.Hour)"))


@check
def interrupt_cancels_the_context(k):
    code = """func compute(c context.Context) error {
	<-c.Done()
	return c.Err()
}
err3 := compute(%s)
fmt.Println("not reached")"""
    for c in ["ctx", "nb.Context()"]:
        after(k, 0.7, k.signal)
        r = k.run(code % c)
        interrupted(r)
    assert k.run("ctx.Err() == nil && nb.Context().Err() == nil").value["text/plain"] == "true"


@check
def interrupt_without_a_cell_does_nothing(k):
    k.signal()
    k.interrupt_message()
    time.sleep(0.3)
    equal(text(k.run("2 + 2")), "4")
    r = k.run("for i := 0; i < 300000; i++ { counter = i }\ncounter")
    equal(text(r), "299999")


@check
def second_interrupt_abandons_a_blocked_cell(k):
    k.run('import "io"\npr, pw := io.Pipe()\nkept := 7\nfunc readKept() int { return kept }')
    after(k, 0.5, k.signal)
    after(k, 3.5, k.signal)
    r = k.run("got, _ := io.ReadAll(pr)\nkept = 100 + len(got)")
    interrupted(r)
    contains(r.stderr, "Interrupt again")
    equal(text(k.run("kept")), "7")
    equal(text(k.run("kept = 9\nreadKept()")), "9")
    # The abandoned cell gets its value, and must not go on in the midst of this one.
    r = k.run("go func() { pw.Write([]byte{1}); pw.Close() }()\nsum := 0\nfor i := 0; i < 2000000; i++ { sum += 1 }\nsum")
    equal(text(r), "2000000")
    assert k.run("new1 := 3\nkept = new1\nreadKept()").value["text/plain"] == "3"
    after(k, 0.7, k.signal)
    interrupted(k.run("for { kept++ }"))


@check
def busy_kernel_answers_on_control(k):
    msg_id = k.kc.execute("time.Sleep(time.Hour)")
    time.sleep(0.3)
    k.kc.control_channel.send(k.kc.session.msg("kernel_info_request", {}))
    reply = k.kc.control_channel.get_msg(timeout=30)
    equal(reply["content"]["status"], "ok")
    k.interrupt_message()
    equal(k.reply(msg_id)["status"], "error")


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


def main():
    failed = 0
    with Kernel(sys.argv[1], {"PATH": ""}) as k:
        for f in CHECKS:
            if len(sys.argv) > 2 and f.__name__ not in sys.argv[2:] + ["imports_everything"]:
                continue
            out = {"name": f.__name__, "ok": True, "detail": ""}
            try:
                f(k)
            except Exception:
                out.update(ok=False, detail=traceback.format_exc(limit=-2))
                failed += 1
            print(json.dumps(out, ensure_ascii=False), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
