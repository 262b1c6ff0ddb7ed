"""How an installed kernel tells what is wrong with a cell.

    python errors.py NAME
"""

import re

from checks import check, contains, equal, main, text

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
def column_that_is_not_there(k):
    r = k.run('few := dataframe.ReadCSV(strings.NewReader("name,v\\na,1.5\\n"))\nfew.Col("nmae").Float()')
    equal(r.reply["status"], "error")
    contains(r.error["evalue"], "line 2:", "Col of a name that a data frame lacks")


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
def each_kind_of_failure_names_the_line_of_a_ten_line_cell(k):
    """The failing statement stands in line 6 of ten, with calls before and after."""
    k.run("""type broken struct{}
func (broken) Row(i int) (float64, error) { return 0, errors.New("no such row") }
func (broken) Part(i int) broken { return broken{} }
var none *plot.Plot""")
    for code, why in [
        ("_ = vals[n]", "index out of range [5] with length 3"),
        ("_ = 10 / (n - 5)", "integer divide by zero"),
        ("table[`k`] = n", "assignment to entry in nil map"),
        ("_ = none.Title", "nil pointer dereference"),
        ("_ = box.(int)", "interface conversion: interface {} is string, not int"),
        ("panic(`by hand`)", "by hand"),
        ("must(os.Open(`/no/such`))", "open /no/such: no such file or directory"),
        ("row := must(broken{}.Part(1).Row(2))\t// a chain", "no such row"),
        ("check(errors.New(`by check`))", "by check"),
        ("lo, hi := must2(1, 2, errors.New(`of two`))", "of two"),
        ("mat.NewDense(2, 2, []float64{1})", "mat: dimension mismatch"),
        ("floats.Add(vals, vals[:1])", "floats: destination slice length does not match input"),
    ]:
        lines = ["vals := []float64{1, 2, 3}", "n := 5", "var table map[string]int", "var box any = `s`", "fmt.Println(len(vals))", code, "fmt.Println(n, table)", "n++", "_ = box", "n"]
        r = k.run("\n".join(lines))
        equal(r.reply["status"], "error")
        assert re.match(r"In\[\d+\] line 6: ", r.error["evalue"]), (code, r.error["evalue"])
        contains(r.error["evalue"], why)
        contains("\n".join(r.error["traceback"]), code.split("\t")[0])
        equal(r.stdout, "3\n")


@check
def a_call_over_several_lines_names_its_line(k):
    r = k.run("a := 1\nb := must(\n\tos.Open(\n\t\t`/no/such`,\n\t),\n)\n_, _ = a, b")
    contains(r.error["evalue"], "line 2: open /no/such")


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
    contains(r.error["evalue"], "nngplab kernel install ", "--with github.com/no/such@VERSION")
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


if __name__ == "__main__":
    main()
