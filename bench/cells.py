"""Mean over 24 cells of NAS-Bench-101, the engine alone: for bench/peers.py.
Runs the Go benchmark of package forward."""
import re
import statistics
import subprocess

import kernels
import page

PACKAGE = "./nngpkit/forward"
# Benchmark, what it is.
SETTINGS = [
    ("stem=16$/images=750$/members=8$/threads=2$", "stem 16, 8 members, 750 images"),
    ("stem=128$/images=300$/members=2$/threads=2$", "stem 128, 2 members, 300 images"),
]
LINE = re.compile(r"^Benchmark\w+/\S+\s.*?([\d.]+) GFLOP/s.*?([\d.]+) cpu-s/network.*?([\d.]+) s/network", re.M)


def benchmark(setting):
    """Returns GFLOP/s, CPU seconds and seconds per network."""
    out = subprocess.run(
        ["go", "test", "-run", "^$", "-bench", f"^BenchmarkNetworks$/{setting}", "-benchtime", "1x", PACKAGE],
        cwd=page.ROOT, env=page.environment(2), check=True, text=True, stdout=subprocess.PIPE).stdout
    return tuple(map(float, LINE.findall(out)[0]))


def measure(quick):
    """Returns rounds of (GFLOP/s, CPU seconds, seconds) by setting, and the peak
    of one core at the fastest level."""
    rounds, peaks = {}, {}
    for _ in range(1 if quick else 3):
        for setting, what in SETTINGS[:1] if quick else SETTINGS:
            for (_, level, _), v in kernels.benchmarks("^BenchmarkPeak$", 1, 0.3).items():
                peaks.setdefault(level, []).extend(v)
            rounds.setdefault(what, []).append(benchmark(setting))
    level = max(peaks, key=lambda l: statistics.median(peaks[l]))
    return rounds, (level, statistics.median(peaks[level]))


def section(measured):
    rounds, (level, peak) = measured
    rows = []
    for what, r in rounds.items():
        rate, cpu, seconds = (statistics.median(v) for v in zip(*r))
        rows.append([what, f"{seconds:.2f}", f"{min(s for _, _, s in r):.2f} to {max(s for _, _, s in r):.2f}", f"{cpu:.2f}",
                     f"{rate:,.0f}", f"{rate / (2 * peak):.2f}"])
    return "\n".join([
        "## Mean over 24 cells", "", "    make peers", "",
        "The 24 cells of `nngpkit/forward/testdata/cells24.txt`, drawn uniformly from NAS-Bench-101, one after the other on two threads: "
        "compiling, drawing weights, a normalization batch of 100 images for every member, and the images. "
        f"Medians of {len(next(iter(rounds.values())))} rounds of a Go benchmark, in turns; {page.processor()}; level {level}, whose peak, "
        f"measured before every round, is {peak:.0f} GFLOP/s a core. Nominal rates: as under the kernels' table.", ""]
        + page.table(["setting", "s a network", "rounds", "CPU s", "nominal GFLOP/s", "of both cores' peak"], rows))
