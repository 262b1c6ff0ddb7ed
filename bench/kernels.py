"""The convolution kernels alone, as a share of what the processor can do: for
bench/peers.py. Runs Go benchmarks of package simd on one core."""
import re
import statistics
import subprocess

import page

PACKAGE = "./nngpkit/forward/internal/simd"
# Benchmark, shape as it names it, and what it is. Channel stands for channels
# side by side in a vector, as wide networks have them, not images.
SHAPES = [
    ("ChannelWinograd", "16x16_128-128", "3x3, 128 channels, 16 x 16, Winograd F(4x4, 3x3), channels side by side"),
    ("ChannelWinograd", "32x32_128-128", "3x3, 128 channels, 32 x 32, Winograd F(4x4, 3x3), channels side by side"),
    ("ChannelWinograd", "8x8_512-512", "3x3, 512 channels, 8 x 8, Winograd F(4x4, 3x3), channels side by side"),
    ("ChannelConv", "3x3_32x32_128-128", "3x3, 128 channels, 32 x 32, directly, channels side by side"),
    ("ChannelConv", "1x1_32x32_128-128", "1x1, 128 channels, 32 x 32, channels side by side"),
    ("ChannelConv", "1x1_8x8_512-512", "1x1, 512 channels, 8 x 8, channels side by side"),
    ("Winograd", "16x16_128-128", "3x3, 128 channels, 16 x 16, Winograd F(4x4, 3x3)"),
    ("Winograd", "32x32_128-128", "3x3, 128 channels, 32 x 32, Winograd F(4x4, 3x3)"),
    ("Winograd", "8x8_512-512", "3x3, 512 channels, 8 x 8, Winograd F(4x4, 3x3)"),
    ("Conv", "3x3_16x16_128-128", "3x3, 128 channels, 16 x 16, directly"),
    ("Conv", "3x3_32x32_128-128", "3x3, 128 channels, 32 x 32, directly"),
    ("Conv", "1x1_32x32_128-128", "1x1, 128 channels, 32 x 32"),
    ("Conv", "1x1_8x8_512-512", "1x1, 512 channels, 8 x 8"),
    ("Conv", "1x1_32x32_16-16", "1x1, 16 channels, 32 x 32"),
    ("Conv", "3x3_32x32_16-16", "3x3, 16 channels, 32 x 32, directly"),
    ("Winograd", "32x32_16-16", "3x3, 16 channels, 32 x 32, Winograd F(4x4, 3x3)"),
]
# At one processor, names end without a number of processors.
LINE = re.compile(r"^Benchmark(\w+)/(\w+)(?:/(\S+))?\s.*?([\d.]+) (?:nominal-)?GFLOP/s", re.M)


def benchmarks(pattern, count, seconds):
    out = subprocess.run(
        ["go", "test", "-run", "^$", "-bench", pattern, "-benchtime", f"{seconds}s", "-count", str(count), "-cpu", "1", PACKAGE],
        cwd=page.ROOT, env=page.environment(1), check=True, text=True, stdout=subprocess.PIPE).stdout
    found = {}
    for name, level, shape, value in LINE.findall(out):
        found.setdefault((name, level, shape), []).append(float(value))
    return found


def measure(quick):
    """Returns GFLOP/s by (benchmark, level, shape), one value a round."""
    count, seconds = (1, 0.05) if quick else (5, 0.3)
    # The peak is measured beside each part, because clocks change.
    found = {}
    for name in ["ChannelWinograd", "ChannelConv", "Winograd", "Conv"]:
        shapes = "|".join(s for n, s, _ in SHAPES if n == name)
        for pattern in ["^BenchmarkPeak$", f"^Benchmark{name}$/./^({shapes})$"]:
            for k, v in benchmarks(pattern, count, seconds).items():
                found.setdefault(k, []).extend(v)
    return found


def section(found):
    levels = sorted({level for _, level, _ in found}, key=lambda l: ("portable", "avx2", "avx512").index(l))
    peak = {l: statistics.median(found[("Peak", l, "")]) for l in levels if ("Peak", l, "") in found}
    levels = [l for l in levels if l in peak]
    if not levels:
        raise SystemExit(f"{PACKAGE} has no benchmark of the peak on this processor")
    rows = [["fused multiply-adds alone: the peak"] + [c for l in levels for c in (f"{peak[l]:.0f}", "100 %")]]
    for name, shape, what in SHAPES:
        row = [what]
        for l in levels:
            v = found.get((name, l, shape))
            row += [f"{statistics.median(v):.0f}", f"{100 * statistics.median(v) / peak[l]:.0f} %"] if v else ["", ""]
        if any(row[1:]):
            rows.append(row)
    heads = ["kernel, one core"] + [h for l in levels for h in (f"{l}, GFLOP/s", "of the peak")]
    return "\n".join([
        "## Convolution kernels", "", "    make peers", "",
        f"Medians of {len(found[('Peak', levels[0], '')]) // 4} rounds of the benchmarks of `{PACKAGE[2:]}`; {page.processor()}. "
        "Nominal rates: two operations for each multiply-accumulate of the direct convolution, of which Winograd's F(4x4, 3x3) "
        "does a quarter, so it may pass the peak. The peak is that of registers multiplied and added without any memory access, "
        "at vectors of the level's width. Unless it says that channels lie side by side in a vector, images do: see package simd.", ""] + page.table(heads, rows))
