"""Whole networks, ours beside JAX, onnxruntime and OpenVINO: for bench/peers.py.

All run the same networks of NAS-Bench-101 with the same weights on the same
images, take turns, and must find the same features.
"""
import os
import statistics
import sys
import tempfile

import page

CELLS = os.path.join(page.ROOT, "nngpkit", "forward", "testdata", "cells24.txt")
PEERS = {"jax": "JAX", "onnxruntime": "onnxruntime", "openvino-f32": "OpenVINO f32", "openvino-bf16": "OpenVINO bf16"}
# Those that compute in single precision, as ours does.
EQUALS = [p for p in PEERS if p != "openvino-bf16"]
# Largest relative rms difference of features that Winograd convolutions and
# another order of sums explain: they add 2e-5 to 3e-4.
TOLERANCE = 1e-3
BF16_TOLERANCE = 0.1  # 8 bits of mantissa


class Setting:
    def __init__(self, stem, images, members, threads, cells, rounds, norm=100, first=0):
        self.stem, self.images, self.members, self.threads = stem, images, members, threads
        self.cells, self.rounds, self.norm, self.first = cells, rounds, norm, first

    def __str__(self):
        return (f"stem {self.stem}, {self.members} member{'s' * (self.members != 1)}, {self.images} images, "
                f"{self.threads} thread{'s' * (self.threads != 1)}")


def settings(quick, cells):
    if quick:
        return [Setting(16, 100, 2, t, 1, 1, norm=20) for t in [2, 1]]
    return [Setting(128, 300, 2, 2, cells, 3, first=1), Setting(16, 750, 8, 2, cells, 3, first=1),
            Setting(128, 300, 2, 1, 1, 3, first=1), Setting(16, 750, 8, 1, 1, 3, first=1)]


def say(text):
    print(text, file=sys.stderr, flush=True)


def cells(first, count):
    with open(CELLS) as f:
        return f.read().splitlines()[first:first + count]


class Race:
    """One setting: the helpers, and what they took."""

    def __init__(self, exe, setting, folder):
        self.s, self.folder = setting, folder
        python = os.path.join(page.HERE, "network_peers.py")
        self.side = {"ours": page.Helper([exe], setting.threads)}
        for p in PEERS:
            self.side[p] = page.Helper([sys.executable, python, p], setting.threads)
        self.about = {k: h.ask("about") for k, h in self.side.items()}

    def open(self, cell, members):
        """Opens a cell's network on all sides; returns its operations."""
        work = dict(images=self.s.images, norm=self.s.norm, members=members)
        flops = self.side["ours"].ask("open", cell=cell, stem=self.s.stem, dir=self.folder, **work)["flops"]
        self.side["ours"].ask("run")  # writes the features
        for p in PEERS:
            self.side[p].ask("open", dir=self.folder, **work)
        return flops

    def choose(self, cell, chosen):
        """Times every way that a peer offers, with two members of one cell, and
        returns the fastest of each. Where a way was chosen at more threads, it
        stays, if the peer offers it."""
        self.open(cell, min(2, self.s.members))
        tried, best = {}, {}
        for p in PEERS:
            ways = self.side[p].ask("variants")["variants"]
            if chosen and chosen[p] in ways:
                best[p] = chosen[p]
                continue
            tried[p] = {}
            for w in ways if self.s.rounds > 1 else ways[:2]:
                self.side[p].ask("set-up", variant=w)
                tried[p][w] = self.side[p].ask("run")["seconds"]
            best[p] = min(tried[p], key=tried[p].get)
            say(f"  {p}: " + "; ".join(f"{w} {t:.2f} s" for w, t in tried[p].items()))
        return best, tried

    def run(self, cell, best):
        """Times one cell in turns, and compares the features."""
        row = dict(cell=cell, flops=self.open(cell, self.s.members), seconds={k: [] for k in self.side}, set_up={}, error={})
        for p in PEERS:
            row["set_up"][p] = self.side[p].ask("set-up", variant=best[p])["seconds"]
        for _ in range(self.s.rounds):
            for k, h in self.side.items():
                row["seconds"][k].append(h.ask("run")["seconds"])
        for p in PEERS:
            row["error"][p] = self.side[p].ask("error")["error"]
            if not row["error"][p] < (TOLERANCE if p in EQUALS else BF16_TOLERANCE):
                raise SystemExit(f"{cell}: the features of {p} differ from ours by {row['error'][p]:.2g} (rms, relative)")
        say(f"  {cell}: " + ", ".join(f"{k} {statistics.median(v):.2f} s" for k, v in row["seconds"].items()))
        return row

    def close(self):
        for h in self.side.values():
            h.__exit__()


def measure(quick, count, tmp):
    exe = page.build("./bench/networks", tmp)
    results, chosen = [], {}
    for s in settings(quick, count):
        say(str(s))
        with tempfile.TemporaryDirectory(dir=tmp) as folder:
            race = Race(exe, s, folder)
            # The second cell is a light one of the usual mixture.
            best, tried = race.choose(cells(1, 1)[0], chosen.get(s.stem))
            chosen[s.stem] = best
            rows = [race.run(c, best) for c in cells(s.first, s.cells)]
            race.close()
        results.append(dict(setting=s, best=best, tried=tried, rows=rows, about=race.about))
    return results


def mean(result, side):
    """Mean over cells of the median seconds."""
    return statistics.mean(statistics.median(r["seconds"][side]) for r in result["rows"])


def section(results):
    about = results[0]["about"]
    lines = [
        "## Whole networks, beside JAX, onnxruntime and OpenVINO", "",
        "    make peers        # PEERS=\"--cells N\": the number of cells below", "",
        f"Cells of `{os.path.relpath(CELLS, page.ROOT)}` from the second on, which were drawn uniformly from NAS-Bench-101, "
        f"with the same weights on the same images ({about['ours']['images']}): for every member, "
        f"{results[0]['setting'].norm} images set the batch normalization (\"ema\"), then the images run. "
        "Seconds a network, means over cells of medians of alternating rounds. Each side is held to so many processors.", "",
    ]
    rows = []
    for r in results:
        s, ours = r["setting"], mean(r, "ours")
        cost = [mean(r, p) for p in PEERS]
        rate = statistics.mean(q["flops"] for q in r["rows"]) / ours * 1e-9
        rows.append([str(s), f"{s.cells} x {s.rounds}", f"{ours:.3f}", f"{rate:,.0f}"]
                    + [f"{t:.3f}" for t in cost] + [f"**{min(mean(r, p) for p in EQUALS) / ours:.2f}**"])
    lines += page.table(["setting", "cells x rounds", "ours, s", "nominal GFLOP/s"]
                        + [f"{name}, s" for name in PEERS.values()] + ["the best f32 peer / ours"], rows)
    lines += ["", f"{page.processor()}; ours: {about['ours']['go']}, level {about['ours']['level']}; "
              + "; ".join(about[p]["version"] for p in PEERS) + ".", ""]
    lines += chances(results)
    errors = {p: max(q["error"][p] for r in results for q in r["rows"]) for p in PEERS}
    lines += ["", "That all do the same work is checked: features differ from ours by at most "
              + " and ".join(f"{e:.1e} ({PEERS[p]})" for p, e in errors.items())
              + f" of their root mean square; more than {TOLERANCE:g} ends the run, of bf16, which is no peer of the others, more than {BF16_TOLERANCE:g}."]
    return "\n".join(lines + per_cell(results))


def chances(results):
    """Says what each peer was given."""
    lines = ["What the peers are given: every way below was tried on one cell with two members, and the fastest taken. "
             "Their set-up is not timed; it comes again with every network, for onnxruntime with every member: "
             "JAX traces and compiles, onnxruntime and OpenVINO load a graph for the training-mode pass, and one in which the "
             "statistics that this pass will find are folded into the weights already. Ours compiles, draws and packs the weights "
             "within its time.", ""]
    rows = []
    for r in results:
        for p, ways in r["tried"].items():
            for w, t in sorted(ways.items(), key=lambda x: x[1]):
                mark = "**" if w == r["best"][p] else ""
                rows.append([f"stem {r['setting'].stem}, {r['setting'].threads} threads: {PEERS[p]}, {mark}{w}{mark}", f"{t:.2f}",
                             f"{statistics.mean(q['set_up'][p] for q in r['rows']):.2f}" if mark else ""])
    return lines + page.table(["way", "seconds, 2 members of one cell", "set-up a network, s, not timed"], rows)


def per_cell(results):
    rows = []
    for r in results:
        for q in r["rows"]:
            m = {k: statistics.median(v) for k, v in q["seconds"].items()}
            spread = max(q["seconds"]["ours"]) / min(q["seconds"]["ours"]) - 1
            rows.append([f"{r['setting']}: `{q['cell']}`", f"{q['flops'] * 1e-9:,.0f}", f"{m['ours']:.3f}", f"{100 * spread:.0f} %"]
                        + [f"{m[p]:.3f}" for p in PEERS])
    head = ["setting and cell", "nominal GFLOP", "ours, s", "spread of our rounds"] + [f"{n}, s" for n in PEERS.values()]
    return ["", "<details><summary>Cell by cell</summary>", ""] + page.table(head, rows) + ["", "</details>"]
