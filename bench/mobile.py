"""Networks of the MnasNet space, ours beside onnxruntime and OpenVINO: for
bench/peers.py, and by itself:

    python bench/mobile.py [--networks N] [--rounds N] [--threads N] [--settings 64x8,96x32]

All run the same networks with the same weights on the same images, take turns, and
must find the same features.
"""
import argparse
import os
import statistics
import sys
import tempfile

import page

NETWORKS = os.path.join(page.ROOT, "nngpkit", "mnasnet", "testdata", "networks12.txt")
PEERS = {"onnxruntime": "onnxruntime", "openvino-f32": "OpenVINO f32", "openvino-bf16": "OpenVINO bf16"}
# Largest relative rms difference of features: another order of sums; for bf16, 8 bits.
TOLERANCE = {"onnxruntime": 1e-4, "openvino-f32": 1e-4, "openvino-bf16": 0.1}
# Pixels, width, images.
SETTINGS = [(224, 32, 64), (224, 8, 96), (96, 32, 96), (96, 8, 192), (64, 32, 192), (64, 8, 384)]


def say(text):
    print(text, file=sys.stderr, flush=True)


def networks(count):
    with open(NETWORKS) as f:
        return f.read().splitlines()[:count]


def sides(exe, threads):
    python = os.path.join(page.HERE, "mobile_peers.py")
    out = {"ours": page.Helper([exe], threads)}
    for p in PEERS:
        out[p] = page.Helper([sys.executable, python, p], threads)
    return out


def opened(side, text, setting, folder):
    size, width, images = setting
    flops = side["ours"].ask("open", network=text, size=size, width=width, images=images, dir=folder)["flops"]
    side["ours"].ask("run")  # writes the features
    for p in PEERS:
        side[p].ask("open", dir=folder, images=images, size=size)
    return flops


def one(side, setting, texts, rounds, folder):
    """Times a setting: the fastest way of each peer on the first network, then all."""
    best, rows = {}, []
    opened(side, texts[0], setting, folder)
    for p in PEERS:
        tried = {}
        for v in side[p].ask("variants")["variants"]:
            side[p].ask("set-up", variant=v)
            tried[v] = min(side[p].ask("run")["seconds"] for _ in range(2))
        best[p] = min(tried, key=tried.get)
    for text in texts:
        row = dict(network=text, flops=opened(side, text, setting, folder), error={})
        for p in PEERS:
            side[p].ask("set-up", variant=best[p])
        took = {k: [] for k in side}
        for _ in range(rounds):
            for k, h in side.items():
                a = h.ask("run")
                took[k].append((a["seconds"], a["cpu"]))
        row["seconds"] = {k: statistics.median(t[0] for t in v) for k, v in took.items()}
        row["cpu"] = {k: statistics.median(t[1] for t in v) for k, v in took.items()}
        for p in PEERS:
            row["error"][p] = side[p].ask("error")["error"]
            if not row["error"][p] < TOLERANCE[p]:
                raise SystemExit(f"{text}: the features of {p} differ from ours by {row['error'][p]:.2g} (rms, relative)")
        say(f"  {text}: " + ", ".join(f"{k} {v:.3f} s ({row['cpu'][k]:.3f})" for k, v in row["seconds"].items()))
        rows.append(row)
    return dict(setting=setting, best=best, rows=rows)


def measure(quick, tmp, count=12, rounds=3, threads=2, settings=None):
    exe = page.build("./bench/mobile", tmp)
    if quick:
        count, rounds, settings = 1, 1, [(64, 8, 16)]
    side = sides(exe, threads)
    about = {k: h.ask("about")["version"] for k, h in side.items()}
    results = []
    for s in settings or SETTINGS:
        say(f"{s[0]} pixels, width {s[1]}, {s[2]} images")
        with tempfile.TemporaryDirectory(dir=tmp) as folder:
            results.append(one(side, s, networks(count), rounds, folder))
    for h in side.values():
        h.__exit__()
    return dict(results=results, about=about, rounds=rounds, threads=threads, count=count)


def section(m):
    mean = lambda r, what, k: statistics.mean(q[what][k] for q in r["rows"])
    rows = []
    for r in m["results"]:
        size, width, images = r["setting"]
        t, cpu = ({k: mean(r, what, k) for k in ["ours", *PEERS]} for what in ("seconds", "cpu"))
        better = min(t["onnxruntime"], t["openvino-f32"])
        rate = statistics.mean(q["flops"] for q in r["rows"]) / t["ours"] * 1e-9
        rows.append([f"{size} pixels, width {width}, {images} images", f"{t['ours']:.3f}", f"{rate:,.0f}"]
                    + [f"{t[p]:.3f}" for p in PEERS] + [f"**{better / t['ours']:.2f}**"]
                    + [" / ".join(f"{cpu[k]:.2f}" for k in ["ours", *PEERS])])
    errors = {p: max(q["error"][p] for r in m["results"] for q in r["rows"]) for p in PEERS}
    return "\n".join([
        "## Networks of the MnasNet space, beside onnxruntime and OpenVINO", "",
        "    make peers        # or: python bench/mobile.py", "",
        f"The first {m['count']} networks of `{os.path.relpath(NETWORKS, page.ROOT)}`, every 342nd of Accel-NASBench's table, with the same weights on "
        f"the same images (noise), batch normalization folded into the weights, {m['threads']} threads. Seconds a network, means over "
        f"networks of medians of {m['rounds']} alternating rounds. Ours draws and packs the weights within its time, and was compiled before; "
        "the peers were loaded and have run once, in the fastest of several ways to take the images (at a time). bf16 computes in 8 bits "
        "of mantissa and is no peer of the others.", ""]
        + page.table(["setting", "ours, s", "GFLOP/s"] + [f"{n}, s" for n in PEERS.values()]
                     + ["the better f32 peer / ours", "processor seconds, in this order"], rows)
        + ["", f"{page.processor()}; ours: {m['about']['ours']}; " + "; ".join(m["about"][p] for p in PEERS) + ".", "",
           "That all do the same work is checked: features differ from ours by at most "
           + ", ".join(f"{e:.1e} ({PEERS[p]})" for p, e in errors.items()) + " of their root mean square.", "",
           "<details><summary>Network by network</summary>", ""]
        + page.table(["setting and network", "GFLOP", "ours, s"] + [f"{n}, s" for n in PEERS.values()], [
            [f"{r['setting'][0]} pixels, width {r['setting'][1]}: `{q['network']}`", f"{q['flops'] * 1e-9:,.1f}", f"{q['seconds']['ours']:.3f}"]
            + [f"{q['seconds'][p]:.3f}" for p in PEERS] for r in m["results"] for q in r["rows"]])
        + ["", "</details>"])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--networks", type=int, default=12, choices=range(1, 13), metavar="N")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--settings", default="", help="such as 64x8,96x32: pixels x width")
    args = p.parse_args()
    page.enter_environment()
    chosen = [s for s in SETTINGS if not args.settings or f"{s[0]}x{s[1]}" in args.settings.split(",")]
    with tempfile.TemporaryDirectory() as tmp:
        print(section(measure(False, tmp, args.networks, args.rounds, args.threads, chosen)))


if __name__ == "__main__":
    main()
