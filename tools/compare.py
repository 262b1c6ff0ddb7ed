#!/usr/bin/env python3
"""Compares the numbers of one run of the notebooks with those of another.

    compare.py [NEW [OLD]]

NEW and OLD are folders of reports, by default build/reports (the quick profile)
and reports (the committed ones). The exit status is 1 if a number that both
state differs by more than it may, or if one of them does not state it.

What may differ. Values come from committed tables and found truth, so they agree
to the six digits that results.json keeps; values computed anew from images say
in `within` how far another processor may be off. Bounds of intervals come from
fewer resamples in the quick profile. The 2.5 % quantile of B resamples has the
standard error sqrt(.025 x .975 / B) / .0584 = 2.7 / sqrt(B) in standard
deviations of the statistic, and the bias correction of BCa intervals adds twice
that of its share below the estimate, 2 x 1.25 / sqrt(B). With 200 and 1,000
resamples together that is 0.28 standard deviations, or 0.07 widths of the
interval; four of those, 0.28 widths, are allowed. The best truth of a top k takes
only a few values in resamples, and a quantile jumps from one to the next: there
a whole width is allowed.

A notebook that had other data than the one it is compared with is left out.
"""

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIGITS = 1e-5  # two roundings to six significant digits
WIDTHS = 0.28
JUMPING = ".best_of_top_"  # in names of numbers whose resamples take few values


def main(argv=None):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("new", nargs="?", type=Path, default=ROOT / "build" / "reports")
    p.add_argument("old", nargs="?", type=Path, default=ROOT / "reports")
    args = p.parse_args(argv)
    try:
        new, old = (json.loads((folder / "results.json").read_text())["notebooks"] for folder in (args.new, args.old))
    except (OSError, ValueError, KeyError) as e:
        print(f"compare: {type(e).__name__}: {e}", file=sys.stderr)
        return 2
    wrong, agreed, left_out = compare(new, old)
    for line in left_out:
        print(f"compare: {line}")
    for line in wrong:
        print(f"compare: {line}", file=sys.stderr)
    print(f"compare: {agreed} numbers agree, {len(wrong)} do not")
    return 1 if wrong else 0


def compare(new, old):
    """Returns what differs, how many numbers agree, and what was left out."""
    wrong, agreed, left_out = [], 0, []
    for name in sorted(set(new) | set(old)):
        if name not in new or name not in old:
            wrong.append(f"{name}: not in the {'first' if name in old else 'second'} report")
            continue
        if new[name]["data"] != old[name]["data"]:
            left_out.append(f"{name}: left out, its data were others")
            continue
        a, b = ({r["name"]: r for r in book["results"]} for book in (new[name], old[name]))
        for key in sorted(set(a) | set(b)):
            problem = "not stated in both" if key not in a or key not in b else differs(a[key], b[key])
            if problem:
                wrong.append(f"{key}: {problem}")
            else:
                agreed += 1
    return wrong, agreed, left_out


def differs(a, b):
    """Says how two records of one number differ, or ''."""
    for what in ("text", "n"):
        if a.get(what) != b.get(what):
            return f"{what} {a.get(what)!r} against {b.get(what)!r}"
    within = max(a.get("within") or 0, b.get("within") or 0)
    width = max(span(a), span(b)) * (1 if JUMPING in a["name"] else WIDTHS)
    for what, allowed in (("value", within), ("lo", within + width), ("hi", within + width)):
        x, y = a.get(what), b.get(what)
        if x is None and y is None:
            continue
        if x is None or y is None or abs(x - y) > allowed + DIGITS * max(abs(x), abs(y)):
            return f"{what} {x} against {y}"
    return ""


def span(r):
    lo, hi = r.get("lo"), r.get("hi")
    return hi - lo if lo is not None and hi is not None else 0


if __name__ == "__main__":
    sys.exit(main())
