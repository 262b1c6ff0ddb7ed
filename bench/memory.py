"""Measure peak memory: python bench/memory.py

Each setting runs in a process of its own, which reports the most resident
memory it held. The networks are the largest of NAS-Bench-101 at the given stem;
the images, the kernel and the sweep over epsilons with all scores but the
predictive density are included.

    --write    put the section into docs/PERFORMANCE.md
    --quick    small settings, a minute: shows that everything runs
    --wide     also the largest setting, minutes of two cores
"""
import argparse
import sys
import tempfile

import page

# The largest network of the space.
LARGEST = "0111100/0010000/0001000/0000100/0000010/0000001/0000000 c3,c3,c3,c3,c3"
# Stem, training images, validation images, members.
SETTINGS = [(16, 500, 250, 8), (128, 500, 200, 2)]
WIDE = (128, 1000, 1000, 2)
QUICK = [(16, 40, 20, 2)]
# What WIDE may take at most, in MiB.
LIMIT = 2048
# Training images of the sweeps on a kernel of their own.
SWEEPS = [2000, 8000]


def networks(quick, wide, tmp):
    exe = page.build("./bench/experiment", tmp)
    rows = []
    for setting in QUICK if quick else SETTINGS + [WIDE] * wide:
        stem, train, val, members = setting
        r = page.run(exe, "-cell", LARGEST, "-stem", str(stem), "-train", str(train), "-val", str(val), "-members", str(members))
        if setting == WIDE and r["peak_mib"] > LIMIT:
            sys.exit(f"stem {stem}, {train} + {val} images: {r['peak_mib']:,.0f} MiB, more than {LIMIT:,}")
        rows.append([f"stem {stem}, {train:,} + {val:,} images, {members} members", f"{r['peak_mib']:,.0f}", f"{r['seconds']:,.1f}"])
    return rows


def sweeps(quick, tmp):
    exe = page.build("./bench/stats", tmp)
    rows = []
    for n in [200, 500] if quick else SWEEPS:
        r = page.run(exe, "-large", str(n))
        rows.append([f"sweep alone, {n:,} training and 500 validation images, 10 classes, predictive density included",
                     f"{r['peak_mib']:,.0f}", f"{r['seconds']:,.1f}"])
    return rows


def section(quick, wide):
    with tempfile.TemporaryDirectory() as tmp:
        rows = networks(quick, wide, tmp) + sweeps(quick, tmp)
    command = "make peers PEERS=--experiment" if wide else "make peers"
    return "\n".join([
        "## Memory", "", f"    {command}        # or: python bench/memory.py{' --wide' if wide else ''} --write", "",
        "Peak resident memory of a process for each setting. The networks are the largest of NAS-Bench-101; images, kernel "
        f"and sweep included. {page.processor()}.", ""]
        + page.table(["setting", "peak MiB", "seconds"], rows))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--write", action="store_true")
    p.add_argument("--quick", action="store_true")
    p.add_argument("--wide", action="store_true")
    args = p.parse_args()
    text = section(args.quick, args.wide)
    print(text)
    if args.write and not args.quick:
        page.write("memory", text)


if __name__ == "__main__":
    main()
