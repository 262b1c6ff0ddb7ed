"""Show that the scores did not move: python bench/scores50.py

Scores 50 cells at stem 16, and 8 of them at stem 128, at every instruction set of
this processor beside what the engine of commit 92c1b74 gave (bench/scores50/main.go
says how), and prints the largest differences. Needs CIFAR-10 in a folder of
NNGPLAB_DATA.

    --levels L,..   some of portable, avx2, avx512 (portable takes an hour)
    --only WHICH    small or wide: 50 cells at stem 16, or 8 at stem 128
    --write         put the table of all cells into bench/scores50/scores.md (or
                    scores128.md) and the summary into docs/PERFORMANCE.md
"""
import argparse
import os
import subprocess
import tempfile

import page


def compare(which, levels):
    """Returns the table of all cells, and the summary."""
    with tempfile.TemporaryDirectory() as tmp:
        table = os.path.join(tmp, "scores.md")
        out = subprocess.run(["go", "run", "./bench/scores50"] + ["-wide"] * (which == "wide") + ["-levels", levels, "-markdown", table],
                             cwd=page.ROOT, check=True, stdout=subprocess.PIPE, text=True)
        with open(table) as f:
            return f.read(), out.stdout.strip()


# Heading, command, cells, setting.
SECTIONS = {
    "small": ("## The scores did not move", "scores.md", "50 cells", "stem 16, 4 members, 500 + 250 images"),
    "wide": ("## The scores of wide networks did not move", "scores128.md", "8 cells", "stem 128, 2 members, 100 + 200 images"),
}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--levels", default="portable,avx2,avx512")
    p.add_argument("--only", default="small,wide")
    p.add_argument("--write", action="store_true")
    args = p.parse_args()
    for which in args.only.split(","):
        head, file, cells, setting = SECTIONS[which]
        table, result = compare(which, args.levels)
        summary = "\n".join([
            head,
            "",
            f"    python bench/scores50.py --levels {args.levels} --only {which} --write",
            "",
            f"{cells} of NAS-Bench-101, drawn uniformly, on CIFAR-10 ({setting}),",
            "by the engine of commit 92c1b74 and by the present one at each instruction set",
            "named: the largest difference of each score over the cells, beside its spread (standard",
            "deviation over the cells) and beside the change that errors of 1e-5 of the features'",
            "norms can make, to which the tests hold every level (one image more for the accuracy).",
            f"{page.processor()}. Cell by cell: [bench/scores50/{file}](../bench/scores50/{file}).",
            "",
            result,
        ])
        print(table)
        print(summary)
        if args.write:
            page.replace(os.path.join(page.ROOT, "bench", "scores50", file),
                         f"# Scores of {cells}, before and after\n\nWritten by `python bench/scores50.py --write`.\n\n" + table.strip() + "\n")
            page.write("scores50" + " wide" * (which == "wide"), summary)


if __name__ == "__main__":
    main()
