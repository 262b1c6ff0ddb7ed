"""Measure nngplab beside others in one run: python bench/peers.py

    --write        put the sections into docs/PERFORMANCE.md
    --quick        a minute, on small work: shows that everything runs; its
                   figures mean nothing and are never written
    --experiment   also the public notebook's 250 cells and the memory of wide
                   networks, whole: half an hour more
    --cells N      of whole networks beside peers, 6 if not given; 23 at most
    --only A,B     of: networks, mobile, cells, kernels, statistics, space, experiment,
                   memory
    --machine M    write sections of their own, headed by M, beside those of
                   the usual machine: --machine AVX-512

JAX, onnxruntime, OpenVINO, SciPy and scikit-learn are installed, as bench/requirements.txt
pins them, into build/peers at the first run. Needs Go and Python 3.11.
"""
import argparse
import os
import statistics
import sys
import tempfile
import time

import page

PUBLIC = 1367  # seconds that the public notebook took for its 250 cells on one GPU


def networks_part(args, tmp):
    import networks
    return networks.section(networks.measure(args.quick, args.cells, tmp))


def mobile_part(args, tmp):
    import mobile
    return mobile.section(mobile.measure(args.quick, tmp))


def cells_part(args, tmp):
    import cells
    return cells.section(cells.measure(args.quick))


def kernels_part(args, tmp):
    import kernels
    return kernels.section(kernels.measure(args.quick))


def statistics_part(args, tmp):
    """SciPy's part runs in a process of its own: its BLAS reads the environment
    when it is loaded."""
    small = ["--rounds", "2", "--pairs", "20000", "--train", "200", "--val", "50"] if args.quick else []
    r = page.run(sys.executable, os.path.join(page.HERE, "stats.py"), "--json", *small)
    large = page.run(page.build("./bench/stats", tmp), "-large", "500" if args.quick else "8000")
    rows = []
    for q in r["rows"]:
        of = f"{r['pairs']:,} pairs" if not q["operation"].startswith("sweep") else f"{r['train']:,} + {r['val']:,} images, 10 classes"
        rows.append([f"{q['what']}; {of}", f"{1e3 * q['ours_s']:,.1f}", q["peer"], f"{1e3 * q['peer_s']:,.1f}",
                     f"{q['ours_s'] / q['peer_s']:.2f}"])
    return "\n".join([
        "## Rank statistics and the epsilon sweep, beside SciPy and scikit-learn", "", "    make peers        # or: python bench/stats.py", "",
        f"Medians of alternating rounds ({min(q['rounds'] for q in r['rows'])} or more), {r['threads']} threads; {page.processor()}. "
        f"Ours: {r['go']}, {r['level']} inner loops. Theirs: {r['versions']}; {'; '.join(r['blas'])}. Results must agree to 1e-9.", ""]
        + page.table(["what", "ours, ms", "peer", "peer, ms", "ours / peer"], rows)
        + ["", f"The sweep of {500 if args.quick else 8000:,} training and 500 validation images, with the scores of validation and training images "
           f"(leave-one-out and predictive density among them), takes {large['seconds']:,.1f} s and {large['peak_mib']:,.0f} MiB at its peak, "
           "the kernel included."])


def space_part(args, tmp):
    exe = page.build("./bench/space", tmp)
    got = [page.run(exe) for _ in range(1 if args.quick else 5)]
    if {g["cells"] for g in got} | {g["hashes"] for g in got} != {423624}:
        raise SystemExit(f"{got[0]['cells']} cells, {got[0]['hashes']} hashes")
    m = lambda k: f"{statistics.median(g[k] for g in got):.2f}"
    return "\n".join([
        "## The whole space of NAS-Bench-101", "", "    make peers", "",
        f"Medians of {len(got)} processes; {page.processor()}; {got[0]['go']}.", ""]
        + page.table(["what", "seconds"], [
            [f"enumerate the {got[0]['cells']:,} cells, exactly, from nothing", m("enumerate_s")],
            ["the hashes of all of them", m("hash_s")]]))


def experiment_part(args, tmp):
    """The public notebook's experiment: whole, or estimated from some cells."""
    exe = page.build("./bench/experiment", tmp)
    small = ["-stem", "16"] if args.quick else []
    cells = 2 if args.quick else 250 if args.experiment else 12
    r = page.run(exe, "-cells", str(cells), *small)
    scale = r["all_flops"] / r["flops"]
    how = ("all 250 cells" if cells == 250 else
           f"estimated from the first {cells} of them, which took {r['seconds']:,.1f} s, in proportion to operations; `--experiment` runs all")
    lines = ["## The public notebook's experiment", "", "    make peers" + ("" if cells < 250 else " PEERS=--experiment"), "",
             "250 cells, here drawn uniformly from the space, scored at stem 128 by 2 members on 100 training and 200 validation images "
             f"({r['images']}), normalization batches of 100. {page.processor()}; {r['go']}.", ""]
    lines += page.table(["what", "seconds", "seconds per network"], [
        [f"ours: {how}", f"{r['seconds'] * scale:,.0f}", f"{r['seconds'] * scale / 250:.2f}"],
        ["the public notebook, as it states: one GPU, other random cells", f"{PUBLIC:,}", f"{PUBLIC / 250:.2f}"]])
    return "\n".join(lines)


def memory_part(args, tmp):
    import memory
    return memory.section(args.quick, args.experiment)


PARTS = {"networks": networks_part, "mobile": mobile_part, "cells": cells_part, "kernels": kernels_part, "statistics": statistics_part,
         "space": space_part, "experiment": experiment_part, "memory": memory_part}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--write", action="store_true")
    p.add_argument("--quick", action="store_true")
    p.add_argument("--experiment", action="store_true")
    p.add_argument("--cells", type=int, default=6, choices=range(1, 24), metavar="N")
    p.add_argument("--machine", default="", metavar="M")
    p.add_argument("--only", default=",".join(PARTS))
    args = p.parse_args()
    only = args.only.split(",")
    if set(only) - set(PARTS):
        p.error(f"--only: {', '.join(sorted(set(only) - set(PARTS)))}: the parts are {', '.join(PARTS)}")
    page.enter_environment()
    for name in only:
        start = time.monotonic()
        print(f"{name} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as tmp:
            text = PARTS[name](args, tmp)
        name, text = page.of_machine(name, text, args.machine)
        print(text + "\n", flush=True)
        if args.write and not args.quick:
            page.write(name, text)
        print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
