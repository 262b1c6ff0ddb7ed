"""Golden signals for the tests of packages nngpkit and proxy.

In NumPy and float64, from the definitions, on the networks of
../forward/testdata/reference.py, which shares nothing with package forward:
noise images, their noise, the entropy of the kernel of maxima, sensitivities,
codes, NASWOT and the Zen-score.

    python signals.py > signals.json
"""

import json
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "forward", "testdata"))
import reference as ref  # noqa: E402

M64 = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


# Random numbers of package imageset: SplitMix64, a stream for each image.

def mix64(z):
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & M64
    z = (z ^ z >> 27) * 0x94D049BB133111EB & M64
    return z ^ z >> 31


def sums(seed, index, n):
    """Sums of eight 16-bit numbers, less their mean: two words of the stream each."""
    state = mix64((mix64(seed) + index * GOLDEN) & M64)
    out = []
    for _ in range(n):
        total = -4 * 0xFFFF
        for _ in range(2):
            state = (state + GOLDEN) & M64
            w = mix64(state)
            total += sum(w >> s & 0xFFFF for s in (0, 16, 32, 48))
        out.append(total)
    return out


CIFAR_MEAN, CIFAR_STD = np.array([125.3, 123.0, 113.9]), np.array([63.0, 62.1, 66.7])


def noise_image(seed, index, h, w, c):
    """White noise as bytes: the sums, shifted, at mean and standard deviation of CIFAR-10. In rational numbers
    where rounding could matter."""
    from fractions import Fraction
    from math import floor, isqrt
    x = [s >> 6 for s in sums(seed, index, h * w * c)]
    n, total = len(x), sum(x)
    dev = isqrt(n * sum(v * v for v in x) - total * total)
    out = []
    for i, v in enumerate(x):
        mean, std = round(10 * CIFAR_MEAN[i % c]), round(10 * CIFAR_STD[i % c])
        tenths = mean + floor(Fraction(int(std) * (n * v - total), dev) + Fraction(1, 2))
        out.append(min(max(floor(Fraction(int(tenths), 10) + Fraction(1, 2)), 0), 255))
    return np.array(out, np.uint8).reshape(h, w, c)


def noise_on(x, std, seed):
    """The batch with noise: nearly normal, a stream for each image, rounded to float32 at the end."""
    unit = np.sqrt(8 * (2.0**32 - 1) / 12)
    e = np.stack([np.array(sums(seed, (1 << 62) + i, x[0].size), np.float64).reshape(x[0].shape) for i in range(len(x))])
    return (x + e * std / unit).astype(np.float32).astype(np.float64)


# The order of images: PCG-DXSM and Fisher and Yates's shuffle.

def shuffled(n, seed):
    state = seed << 64 | 0x6E6E67706C6162

    def word():
        nonlocal state
        state = (state * 0x2360ED051FC65DA44385DF649FCCF645 + 0x5851F42D4C957F2D14057B7EF767814F) & (1 << 128) - 1
        hi, lo = state >> 64, state & M64
        hi ^= hi >> 32
        hi = hi * 0xDA942042E4DD58B5 & M64
        hi ^= hi >> 48
        return hi * (lo | 1) & M64

    perm = list(range(n))
    for i in range(n - 1, 0, -1):
        m = i + 1
        p = word() * m
        if p & M64 < m:
            while p & M64 < (1 << 64) % m:
                p = word() * m
        j = p >> 64
        perm[i], perm[j] = perm[j], perm[i]
    return perm


def mix(seed, member):
    z = (seed * GOLDEN + member + 1) & M64
    return mix64(z)


# Signals.

def entropy(features):
    """Of the centered kernel of features that are standardized in every member; also its participation ratio."""
    n = len(features[0])
    k = np.zeros((n, n))
    for f in features:
        d = f - f.mean(0)
        std = d.std(0)
        keep = std > 1e-5 * np.abs(f).max(0)
        d = d[:, keep] / std[keep]
        k += d @ d.T / len(features)
    c = k - k.mean(0) - k.mean(1)[:, None] + k.mean()
    l = np.linalg.eigvalsh(c)
    p = np.maximum(l, 0) / l.sum()
    p = p[p > 0]
    return -(p * np.log(p)).sum(), l.sum() ** 2 / (l**2).sum()


def codes(net, member, x, stats):
    """Agreement of the codes of every ReLU, and log |det| of all."""
    net.run(x, member, stats, False)
    n = len(x)
    total, shares = np.zeros((n, n)), []
    for i, nd in enumerate(net.nodes):
        if nd.get("act") != "relu":
            continue
        b = (net.values[i].reshape(n, -1) > 0).astype(np.float64)
        h = b @ b.T + (1 - b) @ (1 - b).T
        total += h
        shares.append((h.sum() - np.trace(h)) / (n * (n - 1)) / b.shape[1])
    return shares, np.linalg.slogdet(total)[1]


def batch_stats(net, member, b):
    raw = {}
    net.run(b, member, raw, True)
    return {i: s[:2] for i, s in raw.items()}


def zen(net, member, x, y):
    """With standard normal weights; net's last node is the map before pooling."""
    f, g = {}, {}
    a, b = net.run(x, member, f, True), net.run(y, member, g, True)
    d = np.abs(a - b)
    scale = running = 0.0
    for i, (_, v, count) in f.items():
        w = g[i][1]
        scale += 0.5 * np.log(v.mean())
        bessel = count / (count - 1)
        running += 0.5 * np.log((0.9 * (0.9 + 0.1 * bessel * v) + 0.1 * bessel * w).mean())
    return [np.log(np.sqrt((d**2).sum(1)).mean()), np.log(d.sum(1).mean()), scale, running]


def main():
    side, n, members, std, zen_images = 16, 10, 2, 0.05, 6
    cells = [("residual", "0101/0010/0001/0000", "c3,c3", 6), ("wide", "01110/00011/00001/00001/00000", "c3,mp,c1", 8)]
    pix = np.stack([noise_image(7, i, side, side, 3) for i in range(n)])
    order = shuffled(n, ref.SEED)
    x = ((pix[order].astype(np.float64) - CIFAR_MEAN) / CIFAR_STD).astype(np.float32).astype(np.float64)
    seed = mix(ref.SEED, 1 << 40)
    y = noise_on(x, std, seed)
    z = noise_on(np.zeros((zen_images, side, side, 3)), 1, ref.SEED)
    z2 = noise_on(z, 0.01, M64 ^ ref.SEED)
    out = dict(numpy=np.__version__, side=side, images=n, members=members, std=std, zen_images=zen_images,
               noise_seed=7, pixels=pix[1].reshape(-1)[:64].tolist(), cases=[])
    for name, rows, ops, stem in cells:
        net = ref.skeleton(name, rows, ops, stem, side)
        end = len(net.nodes) - 2
        pools = [i for i, nd in enumerate(net.nodes) if nd["kind"] == "maxpool" and nd["stride"] == 2]
        mark = net.nodes[pools[1]]["inputs"][0]
        features, change, variance, square, agree, naswot, parts = [], [], [], [], [], [], []
        for m in range(members):
            net.run(x, m, None, False)
            features.append(net.values[end].max((1, 2)))
            stats = batch_stats(net, m, x)
            net.run(x, m, stats, False)
            f = net.values[mark].mean((1, 2))
            net.run(y, m, stats, False)
            g = net.values[mark].mean((1, 2))
            change.append(((f - g) ** 2).mean() / std**2)
            variance.append(f.var(0).mean())
            square.append((f**2).mean())
            s, d = codes(net, m, x, stats)
            agree.append(s)
            naswot.append(d)
            wild = ref.skeleton(name, rows, ops, stem, side)
            wild.nodes.pop()
            wild.shapes.pop()
            for i, nd in enumerate(wild.nodes):
                if nd["kind"] == "conv":
                    nd.update(normal=True, gain=float(wild.fans(i)[0]))
            parts.append(zen(wild, m, z, z2))
        h, pr = entropy(features)
        parts = np.mean(parts, 0)
        out["cases"].append(dict(name=name, nodes=net.nodes, mark=mark, entropy=h, participation_ratio=pr,
                                 change=np.mean(change), variance=np.mean(variance), square=np.mean(square),
                                 agreement=np.mean(agree, 0).tolist(), naswot=np.mean(naswot), zen=parts.tolist()))
    print(json.dumps(out).replace('{"name"', '\n{"name"'))


if __name__ == "__main__":
    main()
