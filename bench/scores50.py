"""Show that the scores did not move: python bench/scores50.py

Scores 50 cells at every instruction set of this processor beside what the
engine of commit 92c1b74 gave (bench/scores50/main.go says how), and prints the
largest differences. Needs CIFAR-10 in a folder of NNGPLAB_DATA.

    --levels L,..   some of portable, avx2, avx512 (portable takes an hour)
    --write         put the table of all cells into bench/scores50/scores.md and
                    the summary into docs/PERFORMANCE.md
"""
import argparse
import os
import subprocess
import tempfile

import page

TABLE = os.path.join(page.ROOT, "bench", "scores50", "scores.md")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--levels", default="portable,avx2,avx512")
    p.add_argument("--write", action="store_true")
    args = p.parse_args()
    with tempfile.TemporaryDirectory() as tmp:
        table = os.path.join(tmp, "scores.md")
        out = subprocess.run(["go", "run", "./bench/scores50", "-levels", args.levels, "-markdown", table],
                             cwd=page.ROOT, check=True, stdout=subprocess.PIPE, text=True)
        with open(table) as f:
            cells = f.read()
    summary = "\n".join([
        "## The scores did not move",
        "",
        "    python bench/scores50.py --write",
        "",
        "50 cells of NAS-Bench-101, drawn uniformly, on CIFAR-10 (stem 16, 4 members, 500 + 250",
        "images), by the engine of commit 92c1b74 and by the present one at each instruction set",
        "named: the largest difference of each score over the cells, beside its spread (standard",
        "deviation over the cells) and beside the change that errors of 1e-5 of the features'",
        "norms can make, to which the tests hold every level (one image more for the accuracy).",
        "Cell by cell: [bench/scores50/scores.md](../bench/scores50/scores.md).",
        "",
        out.stdout.strip(),
    ])
    print(cells)
    print(summary)
    if args.write:
        page.replace(TABLE, "# Scores of 50 cells, before and after\n\nWritten by `python bench/scores50.py --write`.\n\n" + cells.strip() + "\n")
        page.write("scores50", summary)


if __name__ == "__main__":
    main()
