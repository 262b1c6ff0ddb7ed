"""Runs cells in one kernel for long, and looks at its memory and open files.

    .venv/bin/python tools/soak_cells.py --seconds 3600 --cells 10000

A kernel is started once. Cells compute, print, plot, fail to compile, panic, call
goroutines, and make and drop memory; every answer is checked. A line a minute says
how much memory the kernel holds. It fails if a cell answers wrongly, or if memory or
open files rise from the end of the first quarter to the end by more than a leak-free
kernel's garbage does. At least so many cells run, however long they take.
"""

import argparse
import os
import queue
import sys
import time

from jupyter_client.manager import KernelManager

# What the kernel may hold more at the end than after the first quarter: three of the
# blocks of 8 MB that a cell makes may wait to be collected, and of each cell there is
# a pointer to its source, with the collector's reserve thirty bytes. A kernel that
# keeps anything else of a cell keeps a kilobyte and more of it.
MEMORY_SLACK = 24 << 20
MEMORY_A_CELL = 30
FILES_SLACK = 20

CELLS = [
    # source, and what its output must contain; None for an error that must contain the rest
    ("x := 0\nfor i := 0; i < 1000; i++ { x += i }\nx", "499500"),
    ('import "fmt"\nfmt.Println("hello", 1+1)', "hello 2"),
    ("undeclared + 1", None, "undeclared"),
    ('panic("on purpose")', None, "on purpose"),
    ("b := make([]byte, 8<<20)\nlen(b)", "8388608"),
    ("c := make(chan int)\ngo func() { c <- 7 }()\n<-c", "7"),
    ('import "strings"\nlen(strings.Repeat("ab", 1000))', "2000"),
    ("const k = 3\nfunc f(n int) int { return n * k }\nf(2)", "6"),
    ("func sum[T int | float64](xs []T) (s T) { for _, x := range xs { s += x }; return s }\nsum([]int{1, 2, 3})", "6"),
    ("type P struct{ X int }\nfunc (p P) Twice() int { return 2 * p.X }\nP{4}.Twice()", "8"),
    ('import "gonum.org/v1/gonum/mat"\nm := mat.NewDense(2, 2, []float64{1, 2, 3, 4})\nmat.Det(m)', "-2"),
    ('import "gonum.org/v1/plot"\np := plot.New()\np.Title.Text = "a plot"\np', "a plot"),
]


def held(pid):
    """Returns the resident bytes and the open files of a process."""
    with open(f"/proc/{pid}/statm") as f:
        memory = int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return memory, len(os.listdir(f"/proc/{pid}/fd"))


def run(client, source, timeout=120):
    """Executes a cell; returns the reply's status and all that it put out."""
    msg = client.execute(source)
    out = []
    while True:
        m = client.get_iopub_msg(timeout=timeout)
        if m["parent_header"].get("msg_id") != msg:
            continue
        kind, content = m["msg_type"], m["content"]
        if kind == "status" and content["execution_state"] == "idle":
            break
        if kind == "stream":
            out.append(content["text"])
        elif kind in ("execute_result", "display_data"):
            out.append(str(content["data"].get("text/plain", "")))
        elif kind == "error":
            out.append(content["evalue"] + "\n".join(content["traceback"]))
    while True:
        reply = client.get_shell_msg(timeout=timeout)
        if reply["parent_header"].get("msg_id") == msg:
            return reply["content"]["status"], "".join(out)


def soak(kernel, seconds, cells):
    manager = KernelManager(kernel_name=kernel)
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        pid = manager.provisioner.pid
        start = last = time.monotonic()
        base, n, first = None, 0, 0
        while n < cells or time.monotonic() - start < seconds:
            source, want, *wrong = CELLS[n % len(CELLS)]
            status, out = run(client, source)
            if (status == "ok") == (want is None) or (want or wrong[0]) not in out:
                raise SystemExit(f"cell {n}: {status}: {out!r} for {source!r}")
            n += 1
            passed = time.monotonic() - start
            if base is None and (n > cells / 4 and passed > seconds / 4):
                base, first = held(pid), n
            if time.monotonic() - last > 60:
                last = time.monotonic()
                memory, files = held(pid)
                print(f"{passed:6.0f} s  cells: {n}; memory {memory / 1e6:.0f} MB, {files} files", flush=True)
        memory, files = held(pid)
        print(f"{time.monotonic() - start:6.0f} s  cells: {n}; memory {memory / 1e6:.0f} MB, {files} files")
        if base and (memory > base[0] + MEMORY_SLACK + MEMORY_A_CELL * (n - first) or files > base[1] + FILES_SLACK):
            raise SystemExit(f"something grows: {base} after a quarter, {(memory, files)} at the end")
        return n
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def main(argv=None):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seconds", type=float, default=3600)
    p.add_argument("--cells", type=int, default=10_000)
    p.add_argument("--kernel", default="nngplab-go")
    args = p.parse_args(argv)
    try:
        soak(args.kernel, args.seconds, args.cells)
    except queue.Empty:
        sys.exit("the kernel does not answer")


if __name__ == "__main__":
    main()
