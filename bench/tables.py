"""Time the reading of NAS-Bench-101's table: python bench/tables.py [FILE]

Reads the same file with `nngplab data import` and in the original reader's way
(bench/nasbench_reader.py: Python's json and base64, and protobuf), in turns, and
loads the table that the import kept. Without FILE, a file of the official
layout and size is generated first: real cells, made-up results. All three must
find the same cells, records and sum of accuracies. The peers' environment
(bench/requirements.txt) is made where it is missing.

    --write    put the result into docs/PERFORMANCE.md
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile

import page


def measure(file, rounds, tmp):
    exe, table = page.build("./bench/tables", tmp), os.path.join(tmp, "table.parquet")
    if file is None:
        file = os.path.join(tmp, "only108.tfrecord")
        subprocess.run(["go", "run", "./nngpkit/nasbench/gen", "-o", file], cwd=page.ROOT, check=True)
    got = {"read": [], "load": [], "python": []}
    for _ in range(rounds):
        if os.path.exists(table):
            os.remove(table)
        got["read"].append(page.run(exe, "read", file, table))
        got["load"].append(page.run(exe, "load", table))
        got["python"].append(page.run(sys.executable, os.path.join(page.HERE, "nasbench_reader.py"), file, "--json"))
        a, b, c = (got[k][-1] for k in got)
        for key in ["cells", "records"]:
            if not a[key] == b[key] == c[key]:
                sys.exit(f"{key}: {a[key]}, {b[key]} and {c[key]}")
        if max(abs(a["final_test_sum"] - x["final_test_sum"]) for x in [b, c]) > 1e-6:
            sys.exit("the readers found different accuracies")
    return got, os.path.getsize(file), os.path.getsize(table)


def section(got, size, kept, rounds):
    median = lambda k, key: statistics.median(r[key] for r in got[k])
    peer = median("python", "seconds")
    label = {
        "read": f"`nngplab data import`: every checksum and hash verified, table kept ({kept / 1e6:.0f} MB)",
        "load": "loading the kept table, its checksum verified",
        "python": "the original reader's way; no checksum, no hash verified",
    }
    p, r = got["python"][0], got["read"][0]
    lines = [
        "## Reading NAS-Bench-101's table",
        "",
        "    python bench/tables.py --write",
        "",
        f"A file of the official layout: {r['cells']:,} cells, {r['records']:,} records, {size / 1e6:.0f} MB. "
        f"Medians of {rounds} alternating rounds in one run; {page.processor()}; {r['go']}; "
        f"Python {p['python']}, protobuf {p['protobuf']} ({p['protobuf_implementation']}).",
        "",
    ]
    rows = [[label[k], f"{median(k, 'seconds'):.2f}", f"{median(k, 'cpu_seconds'):.2f}", f"{median(k, 'peak_mib'):,.0f}",
             f"{median(k, 'seconds') / peer:.3f}"] for k in ["python", "read", "load"]]
    return "\n".join(lines + page.table(["what", "seconds", "CPU seconds", "peak MiB", "of the original's time"], rows))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("file", nargs="?")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--write", action="store_true")
    args = p.parse_args()
    page.enter_environment()
    with tempfile.TemporaryDirectory() as tmp:
        text = section(*measure(args.file, args.rounds, tmp), args.rounds)
    print(text)
    if args.write:
        page.write("tables", text)


if __name__ == "__main__":
    main()
