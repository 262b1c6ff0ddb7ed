"""What an installed kernel shows of a cell's value.

    python values.py NAME
"""

import base64

from checks import after, check, contains, equal, main, text

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
    r = k.run('df.Select("nothing")')
    assert not r.ok, "a cell that ends in a frame that holds an error succeeds"
    contains(r.error["evalue"], 'column name "nothing" not found', "line 1:")


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


if __name__ == "__main__":
    main()
