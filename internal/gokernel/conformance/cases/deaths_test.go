package cases

import "time"

// deathCases are panics that must end a cell, not the kernel.
var deathCases = []testCase{
	{name: "panic in a function that a library calls on its goroutine", cells: cells("p := optimize.Problem{Func: func(x []float64) float64 { return x[0] + x[7] }}\noptimize.Minimize(p, []float64{5, 5}, nil, nil)"), fails: `index out of range \[7\] with length 2`, line: 1},
	{name: "after a panic on a library's goroutine", cells: cells("keep := 3", "p := optimize.Problem{Func: func(x []float64) float64 { var m map[int]int; m[1] = 2; return 0 }}\noptimize.Minimize(p, []float64{5, 5}, nil, nil)", "keep"), value: "3", failing: 1},
	{name: "panic in a timer's function", cells: cells("time.AfterFunc(50*time.Millisecond, func() { var s []int; _ = s[3] })\ntime.Sleep(time.Second/2)", "1 + 1"), value: "2"},
	{name: "a map that holds itself", cells: cells("m := map[string]any{}\nm[`self`] = m", "m"), has: []string{"self", "..."}},
	{name: "a slice that holds itself", cells: cells("s := []any{1, nil}\ns[1] = s", "s"), has: []string{"[1", "..."}},
	{name: "a pointer cycle", cells: cells("type N struct{ V int; Next *N }\nn := &N{V: 1}\nn.Next = n", "*n"), has: []string{"V:1"}},
	{name: "a map of structs that hold it", cells: cells("type T struct{ Kids map[string]any }\nt := T{map[string]any{}}\nt.Kids[`t`] = t", "t"), has: []string{"Kids", "..."}},
	{name: "making a slice that is too long", cells: cells("n := 1 << 62\nmake([]byte, n)"), fails: "makeslice: len out of range", line: 2},
	{name: "endless recursion", cells: cells("func f(n int) int { return f(n+1) + 1 }\nf(0)"), fails: "stack overflow", limit: time.Minute},
	{name: "panic in a goroutine", cells: cells("go func() { var m map[int]int; m[1] = 1 }()\ntime.Sleep(time.Second/4)", "1 + 1"), value: "2"},
}

// stopCases do not end by themselves, or not soon.
var stopCases = []testCase{
	{name: "Goexit", cells: cells("fmt.Println(1)\nruntime.Goexit()"), fails: "Goexit", line: 2},
	{name: "empty select", cells: cells("select {}"), fails: "Interrupted", interrupts: "2:0.5,2:8"},
	{name: "interrupt of a loop that defers", cells: cells("func f() { for { defer func() {}() } }\nf()"), fails: "^Interrupted: the cell was interrupted", interrupts: "2:0.5"},
	{name: "interrupt of a loop that recovers", cells: cells("func f() { defer func() { recover() }(); for {} }\nfor { f() }"), fails: "^Interrupted: the cell was interrupted", interrupts: "2:0.5"},
	{name: "interrupt of a receive", cells: cells("c := make(chan int)\n<-c"), fails: "^Interrupted: the cell was interrupted", interrupts: "2:0.5"},
	{name: "interrupt of a send", cells: cells("c := make(chan int)\nc <- 1"), fails: "^Interrupted: the cell was interrupted", interrupts: "2:0.5"},
	{name: "interrupt of a range over a channel", cells: cells("c := make(chan int)\nfor range c {}"), fails: "^Interrupted: the cell was interrupted", interrupts: "2:0.5"},
	{name: "interrupt of a select", cells: cells("c, d := make(chan int), make(chan int)\nselect { case <-c: case d <- 1: }"), fails: "^Interrupted: the cell was interrupted", interrupts: "2:0.5"},
	{name: "interrupt of a lock", cells: cells("var mu sync.Mutex\nmu.Lock()\nmu.Lock()"), fails: "^Interrupted: the cell was interrupted", interrupts: "2:0.5"},
	{name: "interrupt of a wait", cells: cells("var wg sync.WaitGroup\nwg.Add(1)\nwg.Wait()"), fails: "^Interrupted: the cell was interrupted", interrupts: "2:0.5"},
	{name: "interrupt of a tight loop", cells: cells("for i := 0; ; i++ {}"), fails: "^Interrupted: the cell was interrupted", interrupts: "2:0.5"},
	{name: "variables of a loop that is stopped", cells: cells("n := 0\nfor {\n\tn++\n}", "n > 0"), value: "true", failing: 1, interrupts: "2:0.5"},
	{name: "variables before an empty loop that is stopped", cells: cells("a, b := 3, 4\nfor {}", "a + b"), value: "7", failing: 1, interrupts: "2:0.5"},
	{name: "a variable whose value was not there yet", cells: cells("f := func() int { for {} }\nz := f()", "z"), fails: "undefined: z", failing: 1, interrupts: "2:0.5"},
	{name: "line of a loop that is stopped", cells: cells("n := 0\n\nfor {\n\tn++\n}"), fails: "Interrupted", line: 4, interrupts: "2:0.5"},
	{name: "line of a condition that is stopped", cells: cells("k := 0\n\nfor k >= 0 { k ^= 1 }"), fails: "Interrupted", line: 3, interrupts: "2:0.5"},
	{name: "interrupt of a sleep", cells: cells("time.Sleep(time.Hour)"), fails: "^Interrupted: the cell was interrupted", interrupts: "2:0.5"},
	{name: "200,000 parentheses", cells: cells("x := " + nested(200_000)), fails: "CompileError", limit: 15 * time.Second},
	{name: "3,000 parentheses", cells: cells("x := " + nested(3000) + "\nx"), value: "1"},
	{name: "200,000 unary operators", cells: cells("x := 1\n" + repeat("-(", 200_000) + "x" + repeat(")", 200_000)), fails: "CompileError", limit: 15 * time.Second},
	{name: "200,000 nested blocks", cells: cells(repeat("{", 200_000) + repeat("}", 200_000)), fails: "CompileError", limit: 15 * time.Second},
	{name: "20,000 terms", cells: cells("1" + repeat("+1", 19_999)), value: "20000", limit: 15 * time.Second},
	{name: "one megabyte", cells: cells("x := 1\n" + repeat("x += 1\n", 150_000) + "x"), fails: ".", limit: 30 * time.Second},
}
