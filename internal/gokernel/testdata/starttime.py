"""Measures the time from starting a kernel's process to the end of a cell that
imports every package of nngpkit, gonum, gonum/plot and gota that is linked.

    python starttime.py [--name nngplab-go] [--runs 5] [--limit 1.0]

The kernel runs with an empty PATH, hence without a Go toolchain. The exit code
is 1 where the fastest run takes longer than the limit.
"""

import argparse
import os
import queue
import statistics
import sys
import time

from jupyter_client.manager import KernelManager


def linked(name):
    """Import paths of the linked packages that the cell is to import."""
    from driver import Kernel

    with Kernel(name) as k:
        paths = k.run("%packages").stdout.split()
    wanted = ("github.com/nngplab/", "gonum.org/v1/", "github.com/go-gota/")
    return [p for p in paths if p.startswith(wanted)]


def once(name, code):
    km = KernelManager(kernel_name=name)
    env = dict(os.environ, PATH="")
    start = time.monotonic()
    km.start_kernel(env=env)
    kc = km.client()
    try:
        kc.start_channels()
        msg_id = kc.execute(code)
        while True:
            try:
                reply = kc.get_shell_msg(timeout=30)
            except queue.Empty:
                raise SystemExit("no reply within 30 s")
            if reply["parent_header"].get("msg_id") == msg_id:
                break
        seconds = time.monotonic() - start
        if reply["content"]["status"] != "ok":
            raise SystemExit(reply["content"])
        return seconds
    finally:
        kc.stop_channels()
        km.shutdown_kernel(now=True)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--name", default="nngplab-go")
    ap.add_argument("--runs", type=int, default=5)
    ap.add_argument("--limit", type=float, default=1.0)
    args = ap.parse_args()
    paths = linked(args.name)
    code = "import (\n" + "\n".join(f'\tp{i} "{p}"' for i, p in enumerate(paths)) + "\n)"
    times = [once(args.name, code) for _ in range(args.runs)]
    print(
        f"{len(paths)} packages imported; process start to end of the cell, {args.runs} runs: "
        f"fastest {min(times):.2f} s, median {statistics.median(times):.2f} s, slowest {max(times):.2f} s"
    )
    return 0 if min(times) < args.limit else 1


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    sys.exit(main())
