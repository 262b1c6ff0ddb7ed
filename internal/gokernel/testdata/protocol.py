"""An installed kernel's side of Jupyter's protocol, and what strangers on its
ports can do.

    python protocol.py NAME
"""

import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time

from jupyter_client.kernelspec import KernelSpecManager

from checks import check, contains, equal, kernel, main

# -- messages ----------------------------------------------------------------


@check
def one_protocol_version():
    with kernel() as k:
        k.kc.kernel_info()
        info = k.kc.get_shell_msg(timeout=20)
        equal(info["header"]["version"], info["content"]["protocol_version"])
        r = k.kc.get_shell_msg
        k.kc.execute("1")
        equal(r(timeout=20)["header"]["version"], info["content"]["protocol_version"])


@check
def error_replies():
    with kernel() as k:
        r = k.run('panic("x")')
        equal(sorted(r.reply), ["ename", "evalue", "status", "traceback"])
        equal([r.reply[x] for x in ("ename", "evalue", "traceback")], [r.error[x] for x in ("ename", "evalue", "traceback")])


@check
def cells_behind_a_failed_one_do_not_run():
    """What was sent before the failure is told that it is aborted; what a front
    end sends when it reads the failed cell's reply runs, however soon."""
    with kernel() as k:
        k.run('import "time"\nran := 0')
        for _ in range(25):
            failing = k.kc.execute("time.Sleep(20 * time.Millisecond)\npanic(`first`)")
            behind = [k.kc.execute("ran++") for _ in range(3)]
            equal(k.reply(failing)["status"], "error")
            at_once = k.kc.execute("ran += 100")
            equal([k.reply(m)["status"] for m in behind], ["aborted"] * 3)
            equal(k.reply(at_once)["status"], "ok")
        equal(k.run("ran").value["text/plain"], "2500")
        failing = k.kc.execute("panic(`first`)", stop_on_error=False)
        behind = k.kc.execute("ran++")
        equal(k.reply(failing)["status"], "error")
        equal(k.reply(behind)["status"], "ok")


@check
def cells_behind_a_stopped_one_do_not_run():
    with kernel() as k:
        k.run("ran := 0")
        failing = k.kc.execute("for {}")
        behind = k.kc.execute("ran++")
        time.sleep(0.3)
        k.signal()
        equal(k.reply(failing)["ename"], "Interrupted")
        equal(k.reply(behind)["status"], "aborted")
        equal(k.run("ran").value["text/plain"], "0")


@check
def history():
    with kernel() as k:
        codes = ["x := 1", "x + 1", "for i := 0; i < 2; i++ {\n\tx++\n}", "x + 1", "y := `a/b`"]
        for c in codes:
            k.run(c)
        k.run("hidden := 1", store_history=False)

        def ask(**kw):
            return k.reply(k.kc.history(raw=True, **kw))["history"]

        equal([h[2] for h in ask(hist_access_type="tail", n=2)], codes[-2:])
        equal([h[2] for h in ask(hist_access_type="tail", n=100)], codes)
        tail = ask(hist_access_type="tail", n=4, output=True)
        equal(tail[0][2], ["x + 1", "2"])
        equal([h[1] for h in tail], [2, 3, 4, 5])
        equal([h[2] for h in ask(hist_access_type="range", session=0, start=2, stop=4)], codes[1:3])
        equal(ask(hist_access_type="range", session=-3, start=1, stop=9), [])
        equal(len(ask(hist_access_type="search", pattern="x + *")), 2)
        equal(len(ask(hist_access_type="search", pattern="x + *", unique=True)), 1)
        equal(len(ask(hist_access_type="search", pattern="*", n=3)), 3)
        equal([h[2] for h in ask(hist_access_type="search", pattern="*a/b*")], codes[-1:])
        equal(len(ask(hist_access_type="search", pattern="for*}")), 1)


@check
def order_of_stdout_and_stderr():
    with kernel() as k:
        k.run('import (\n"fmt"\n"os"\n"io"\n"log"\n)')
        r = k.run('fmt.Println("A"); fmt.Fprintln(os.Stderr, "B"); fmt.Println("C"); fmt.Fprintln(os.Stderr, "D")')
        equal("".join(t for _, _, t in r.pieces), "A\nB\nC\nD\n")
        equal((r.stdout, r.stderr), ("A\nC\n", "B\nD\n"))
        r = k.run('log.SetFlags(0)\nfor i := 0; i < 50; i++ { fmt.Print(i); io.WriteString(os.Stderr, "e "); log.Print("l"); fmt.Fprintf(os.Stdout, "%d ", i) }')
        equal("".join(t for _, _, t in r.pieces), "".join(f"{i}e l\n{i} " for i in range(50)))
        r = k.run('for i := 0; i < 20; i++ { println("p", i); os.Stdout.WriteString("s "); os.Stderr.Write([]byte("t ")); fmt.Print("u\\n") }')
        equal("".join(t for _, _, t in r.pieces), "".join(f"p {i}\ns t u\n" for i in range(20)))
        r = k.run('for i := 0; i < 200; i++ { fmt.Println(i) }')
        equal(r.stdout, "".join(f"{i}\n" for i in range(200)))


@check
def is_complete():
    with kernel() as k:
        for status, codes in {
            "complete": ["x := 1", "for i := 0; i < 3; i++ {\n}", "func f() int { return 1 }", "%packages gonum", ""],
            "incomplete": ["for {", "x :=", "f(1,", "x := `a", "1 +", "/* a", 'fmt.Println("a', "type T struct {", "a &&"],
            "invalid": [")", "x = = 1", "if { } }", "a b c", '"a\nb := 1', "x := := 1", "f(]"],
        }.items():
            for c in codes:
                got = k.reply(k.kc.is_complete(c))["status"]
                assert got == status, (c, got, status)
        equal(k.reply(k.kc.is_complete("for {\n\tf(")), {"status": "incomplete", "indent": "\t\t"})


@check
def bad_cells_are_refused_at_once():
    with kernel() as k:
        k.run("keep := 7")
        deep = "x := " + "(" * 200_000 + "1" + ")" * 200_000
        for code in [deep, "x := " + "[]int{" * 150_000, "keep = 1 // " + "x" * 1_000_000, "keep = " + "-" * 200_000 + "1"]:
            r = k.run(code)
            assert not r.ok and r.seconds < 5, (r.reply["status"], r.seconds)
            equal(r.error["ename"], "CompileError")
            assert len(r.error["evalue"]) < 300, len(r.error["evalue"])
        msg = k.kc.session.msg("execute_request", {"code": "@", "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True})
        frames = k.kc.session.serialize(msg)
        i = frames.index(b"<IDS|MSG>")
        body = frames[i + 2 :]
        body[3] = body[3].replace(b'"@"', b'"keep = 1 // \xff\xfe"')
        frames[i + 1] = k.kc.session.sign(body)
        k.kc.shell_channel.socket.send_multipart(frames[: i + 2] + body)
        reply = k.reply(msg["header"]["msg_id"])
        equal(reply["status"], "error")
        contains(reply["evalue"], "UTF-8")
        equal(k.run("keep").value["text/plain"], "7")


@check
def jupyter_kernel_test_passes():
    suite = """
import jupyter_kernel_test, unittest
class Go(jupyter_kernel_test.KernelTests):
    kernel_name = %r
    language_name = "go"
    file_extension = ".go"
    code_hello_world = 'import "fmt"\\nfmt.Println("hello, world")'
    code_stderr = 'import ("fmt"; "os")\\nfmt.Fprintln(os.Stderr, "oops")'
    completion_samples = [
        {"text": "import \\"strings\\"\\nstrings.ToUp", "matches": ["ToUpper", "ToUpperSpecial"]},
        {"text": "fallth", "matches": ["fallthrough"]},
    ]
    complete_code_samples = ["x := 1", "for i := 0; i < 3; i++ {\\n}", "func f() {}"]
    incomplete_code_samples = ["for {", "x :=", "f(1,", "s := `a"]
    invalid_code_samples = [")", "x = = 1", "a b c"]
    code_generate_error = 'panic("no")'
    code_execute_result = [{"code": "1 + 2", "result": "3"}, {"code": "6 * 7", "result": "42"}, {"code": "6 * 7", "result": "42"}, {"code": "6 * 7", "result": "42"}, {"code": "6 * 7", "result": "42"}]
    code_display_data = [{"code": 'display.HTML("<b>x</b>")\\nnb.Show(display.HTML("<i>y</i>"))', "mime": "text/html"}, {"code": "nb.Show(3)", "mime": "text/plain"}]
    code_history_pattern = "6 *"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "nb.Show"
    code_clear_output = "nb.ClearOutput(false)"
class Welcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = %r
unittest.main(verbosity=2)
""" % (sys.argv[1], sys.argv[1])
    out = subprocess.run([sys.executable, "-c", suite], capture_output=True, text=True, timeout=200)
    assert out.returncode == 0, out.stderr[-3000:]
    skipped = [line for line in out.stderr.splitlines() if "skipped" in line]
    for line in skipped:  # what a kernel need not have: a pager, and the greeting of a newer protocol
        assert "pager" in line.lower() or "page something" in line or "welcome" in line.lower() or line.startswith("OK"), line


@check
def completion():
    with kernel() as k:
        k.run('import "strings"')
        for code, want in [
            ("// strings.T", []),
            ('"strings.T', []),
            ("`a\nstrings.T", []),
            ("x := 1 // comment\nstrings.ToUpperS", ["ToUpperSpecial"]),
            ("grö := 2\nx := gr", ["grö"]),
            ("type T struct{ Alpha int; beta string }\nfunc (t T) Gamma() {}\nt := T{}\nt.", ["Alpha", "Gamma", "beta"]),
            ("type T struct{ Alpha int }\nvar t *T\nt.A", ["Alpha"]),
            ("func f(number int) int {\n\treturn numb", ["number"]),
            ("for index := 0; index < 3; index++ {\n\tind", ["index"]),
            ('import "strin', ["strings"]),
        ]:
            equal(k.complete(code)["matches"], want)
        r = k.complete("grö := 2\nx := gr")
        equal((r["cursor_start"], r["cursor_end"]), (14, 16))


# -- connections -------------------------------------------------------------


def connect(port, *parts, host="127.0.0.1"):
    s = socket.create_connection((host, port))
    try:
        for p in parts:
            s.sendall(p)
            time.sleep(0.02)
    except ConnectionError:
        pass  # the kernel has had enough of it
    return s


GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)


def ready(kind):
    def prop(k, v):
        return bytes([len(k)]) + k + struct.pack(">I", len(v)) + v

    b = b"\x05READY" + prop(b"Socket-Type", kind) + prop(b"Identity", b"")
    return b"\x04" + bytes([len(b)]) + b


@check
def strangers_cannot_end_the_kernel():
    with kernel() as k:
        k.run("keep := 7")
        c = k.km.get_connection_info()
        kinds = {"shell_port": b"DEALER", "control_port": b"DEALER", "stdin_port": b"DEALER", "iopub_port": b"SUB", "hb_port": b"REQ"}
        held = []
        for port, kind in kinds.items():
            hello = [GREETING, ready(kind)]
            for parts in [
                hello + [b"\x02" + struct.pack(">Q", 1 << 62)],
                hello + [b"\x02" + struct.pack(">Q", 1 << 44)],
                hello + [b"\x02" + struct.pack(">Q", (1 << 64) - 1)],
                hello + [b"\x01\x00" * 100_000],
                hello + [b"\x00\x00", b"\x00\x01x", b"\x04\x01\x05", b"\x04\x00"],
                [GREETING, b"\x06" + struct.pack(">Q", 1 << 62)],
                [GREETING, b"\x04\x08\x05READY\xffa"],
                [GREETING, b"\x04\x00"],
                [GREETING, ready(b"NONSENSE")],
                [GREETING, ready(b"")],
                [GREETING, ready(b"PUB")],
                [os.urandom(200)],
                [GREETING[:20]],
                [],
            ]:
                held.append(connect(c[port], *parts))
        time.sleep(1)
        equal(k.run("keep").value["text/plain"], "7")
        k.kc.hb_channel.unpause()
        other = k.km.client()  # a new front end gets in beside all of these
        other.start_channels()
        other.wait_for_ready(timeout=20)
        other.stop_channels()
        assert resident(k.pid) < 500, resident(k.pid)
        for s in held:
            s.close()


@check
def strangers_leave_nothing_open():
    with kernel() as k:
        c = k.km.get_connection_info()
        k.run("keep := 7")
        before = len(os.listdir(f"/proc/{k.pid}/fd"))
        for _ in range(30):
            for port in ("shell_port", "iopub_port", "hb_port"):
                for parts in [ready(b"PAIR")], [ready(b"SUB"), b"\x00\x03abc"], [ready(b"DEALER"), b"\x02" + struct.pack(">Q", 1 << 62)], [b"x" * 100]:
                    s = socket.create_connection(("127.0.0.1", c[port]))
                    s.sendall(GREETING + b"".join(parts))
                    s.close()
        time.sleep(1)
        equal(k.run("keep").value["text/plain"], "7")
        after = len(os.listdir(f"/proc/{k.pid}/fd"))
        assert after <= before + 5, (before, after)


@check
def a_front_end_that_reads_nothing_keeps_no_other_waiting():
    with kernel() as k:
        s = connect(k.km.get_connection_info()["iopub_port"], GREETING, ready(b"SUB"), b"\x00\x01\x01")
        time.sleep(0.2)
        k.run('import (\n"fmt"\n"strings"\n)\nfor range 150 { fmt.Print(strings.Repeat("x", 100_000)) }', timeout=60)
        equal(k.run("1 + 1", timeout=60).value["text/plain"], "2")
        s.close()


def resident(pid):
    """Resident memory in MB."""
    with open(f"/proc/{pid}/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE") >> 20


@check
def large_cells_come_through():
    with kernel() as k:
        r = k.run("s := `" + "x" * 900_000 + "`\nlen(s)", timeout=60)
        equal(r.value["text/plain"], "900000")


@check
def ipv6():
    if not socket.has_ipv6:
        return
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return  # this machine has none
    binary = KernelSpecManager().get_kernel_spec(sys.argv[1]).argv[0]
    ports = {}
    for name in ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"]:
        s = socket.create_server(("::1", 0), family=socket.AF_INET6)
        ports[name] = s.getsockname()[1]
        s.close()
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "c.json")
        with open(path, "w") as f:
            json.dump({"transport": "tcp", "ip": "::1", "key": "k", "signature_scheme": "hmac-sha256", **ports}, f)
        p = subprocess.Popen([binary, path])
        try:
            for _ in range(100):
                try:
                    s = connect(ports["shell_port"], host="::1")
                    break
                except OSError:
                    time.sleep(0.1)
            equal(s.recv(10)[:1], b"\xff")
            s.close()
        finally:
            p.terminate()
            p.wait()


@check
def other_transports_get_one_line():
    binary = KernelSpecManager().get_kernel_spec(sys.argv[1]).argv[0]
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "c.json")
        for change, word in [({"transport": "ipc"}, "ipc"), ({"signature_scheme": "hmac-md5"}, "hmac-md5")]:
            with open(path, "w") as f:
                json.dump({"transport": "tcp", "ip": "127.0.0.1", "key": "k", "shell_port": 1, "iopub_port": 2, "stdin_port": 3, "control_port": 4, "hb_port": 5, **change}, f)
            out = subprocess.run([binary, path], capture_output=True, text=True, timeout=20)
            assert out.returncode != 0
            equal(len(out.stderr.strip().splitlines()), 1)
            contains(out.stderr, word, "not supported")


if __name__ == "__main__":
    main()
