"""How the stop button ends the cells of an installed kernel.

    python interrupts.py NAME
"""

import time

from checks import after, check, contains, equal, interrupted, kernel, main, text

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
def one_press_ends_each_kind_of_wait(k):
    k.run("""kept := 7
var never chan int
var held sync.Mutex
held.Lock()
func stubborn() { defer func() { recover() }(); for { } }""")
    for code in [
        "for {\n\tdefer func() {}()\n}",
        "for {\n\tstubborn()\n}",
        "func() {\n\tdefer func() { recover(); for { } }()\n\tfor { }\n}()",
        "select {}",
        "<-never",
        "<-make(chan int)",
        "make(chan int) <- 1",
        "never <- 1",
        "for range never {\n}",
        "select {\ncase <-never:\ncase v := <-make(chan int):\n\tfmt.Println(v)\n}",
        "held.Lock()",
        "var rw sync.RWMutex\nrw.Lock()\nrw.RLock()",
        "var wg sync.WaitGroup\nwg.Add(1)\nwg.Wait()",
        "var mu sync.Mutex\nmu.Lock()\nsync.NewCond(&mu).Wait()",
        "time.Sleep(time.Hour)",
        "done := make(chan bool)\ngo func() { select {} }()\n<-done",
        "func() { for x := range time.Tick(time.Hour) { fmt.Println(x) } }()",
        "for i := 0; ; i++ { fmt.Print() }",
        "for { if m, err := map[int]int{}, error(nil); err != nil { fmt.Println(m) } }",
    ]:
        for press in [k.signal, k.interrupt_message]:
            after(k, 0.3, press)
            r = k.run(code + '\nfmt.Println("not reached")')
            interrupted(r)
            contains(r.error["evalue"], "the cell was interrupted")
            assert "not reached" not in r.stdout and "Interrupt again" not in r.stderr, (code, r.stdout, r.stderr)
    equal(text(k.run("kept")), "7")


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


if __name__ == "__main__":
    main()
