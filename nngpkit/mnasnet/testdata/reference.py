"""Golden features of networks of both MnasNet spaces for the tests of package mnasnet.

The networks as their publications describe them, built from the decisions' texts,
in NumPy and float64, channels first, with PyTorch's explicit padding: batch
normalization in training mode and the three ways to fix its statistics, ReLU and
swish, squeeze-and-excite, and the views of a kernel: the head's global average, its
maxima over quarters and over the whole image, and the global average of whatever
the next lower resolution is computed from. It shares nothing with the project's
builder or engine but the random weights: those of node i of the project's network,
whose number is counted here.

Views other than the head's average are written for one way of normalizing. Beside
each stands by how much it changes, relatively, when the weights and what normalization
reads and gives are rounded to single precision: what any engine that computes in it
must at least differ by.

    python reference.py > reference.json
"""

import json
import math
import re
import sys

import numpy as np
from scipy.special import erf, erfinv

SEED, MASK = 0x0123456789ABCDEF, 0xFFFFFFFF
EPS, KEEP = 1e-3, 0.99
STRIDES = [1, 2, 2, 2, 1, 2, 1]


def philox(node, member, n):
    """n random words: Philox4x32-10 of (block, node, member, 0)."""
    k = [SEED & MASK, SEED >> 32]
    c = [np.arange((n + 3) // 4, dtype=np.uint64), np.uint64(node), np.uint64(member), np.uint64(0)]
    c = list(np.broadcast_arrays(*c))
    for _ in range(10):
        p, q = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = [q >> np.uint64(32) ^ c[1] ^ np.uint64(k[0]), q & np.uint64(MASK), p >> np.uint64(32) ^ c[3] ^ np.uint64(k[1]), p & np.uint64(MASK)]
        k = [k[0] + 0x9E3779B9 & MASK, k[1] + 0xBB67AE85 & MASK]
    return np.stack(c, axis=1).ravel()[:n]


def images(n, h, w, c, salt):
    i = (np.arange(n * h * w * c, dtype=np.uint64) + np.uint64(salt)) * np.uint64(2654435761) & np.uint64(MASK)
    i = (i ^ i >> np.uint64(15)) * np.uint64(2246822519) & np.uint64(MASK)
    x = ((i / 2.0**32 - 0.5) * 4).astype(np.float32).astype(np.float64)
    return x.reshape(n, h, w, c).transpose(0, 3, 1, 2)


ACTIVATIONS = {
    "relu": lambda x: np.maximum(x, 0),
    "swish": lambda x: x / (1 + np.exp(-x)),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "hardsigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "identity": lambda x: x,
}


def accel(text):
    """Stages of Accel-NASBench's space: (plain, expansion, kernel, layers, squeeze-and-excite, channels)."""
    words = [[int(d) for d in re.sub("[a-z]", "", w)] for w in text.split()]
    return [(False, *stage) for stage in zip(*words, [16, 24, 40, 80, 112, 192, 320])]


def wide(text):
    """Stages of the wider space."""
    out = []
    for word in text.split():
        kind, e, k, layers, f, se = re.fullmatch(r"(conv|mb)(\d)k(\d)l(\d)f(\d+)(se)?", word).groups()
        out.append((kind == "conv", int(e), int(k), int(layers), se is not None, int(f)))
    return out


class Pass:
    """One forward pass; norms are taken from the batch and kept, or given."""

    def __init__(self, case, mode, kept=None, rounded=False):
        self.case, self.mode, self.kept, self.node, self.stats = case, mode, kept, 0, []
        self.round = (lambda x: x.astype(np.float32).astype(np.float64)) if rounded else lambda x: x

    def number(self):
        self.node += 1
        return self.node

    def draw(self, shape, fan_in, fan_out):
        """Weights in the project's order, outputs last."""
        u = (2.0 * philox(self.number(), self.case["member"], math.prod(shape)) + 1) / 2.0**32 - 1
        if self.case["space"] == "mnasnet":  # normal, of variance 2 / fan-out
            x = np.sqrt(2) * erfinv(u) * np.sqrt(2 / fan_out)
        else:  # truncated at two sigmas, of variance 1 / fan-in
            x = np.sqrt(2) * erfinv(u * erf(np.sqrt(2))) / 0.87962566103423978 / np.sqrt(fan_in)
        return self.round(x.reshape(shape))

    def norm(self, x):
        x = self.round(x)
        if self.mode == "none":
            return x
        if self.kept is None:
            n = x.size // x.shape[1]
            mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3))
            if self.mode == "ema":
                self.stats.append(((1 - KEEP) * mean, KEEP + (1 - KEEP) * var * n / (n - 1)))
            else:
                self.stats.append((mean, var))
            # The batch itself runs normalized by its own statistics.
        else:
            mean, var = self.kept.pop(0)
        return self.round((x - mean[:, None, None]) / np.sqrt(var[:, None, None] + EPS))

    def taps(self, x, kernel, stride):
        """Each tap of the window, with the part of the image that it sees."""
        p = kernel // 2
        h, w = (x.shape[2] - 1) // stride + 1, (x.shape[3] - 1) // stride + 1
        x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        for i in range(kernel):
            for j in range(kernel):
                yield i, j, x[:, :, i:i + (h - 1) * stride + 1:stride, j:j + (w - 1) * stride + 1:stride]

    def conv(self, x, channels, kernel, stride, act, norm=True):
        cin = x.shape[1]
        w = self.draw((kernel, kernel, cin, channels), kernel * kernel * cin, kernel * kernel * channels)
        y = sum(np.tensordot(v, w[i, j], (1, 0)) for i, j, v in self.taps(x, kernel, stride)).transpose(0, 3, 1, 2)
        return ACTIVATIONS[act](self.norm(y) if norm else y)

    def depthwise(self, x, kernel, stride):
        w = self.draw((kernel, kernel, x.shape[1]), kernel * kernel, kernel * kernel)
        y = sum(v * w[i, j][:, None, None] for i, j, v in self.taps(x, kernel, stride))
        return ACTIVATIONS[self.case["act"]](self.norm(y))

    def squeeze_excite(self, x, channels):
        self.number()
        google, swish = self.case["space"] != "mnasnet", self.case["act"] == "swish"
        f = self.conv(x.mean((2, 3), keepdims=True), channels, 1, 1, "swish" if google else self.case["act"], False)
        f = self.conv(f, x.shape[1], 1, 1, "sigmoid" if google or swish else "hardsigmoid", False)
        self.number()
        return x * f

    def block(self, x, stage, stride, channels):
        plain, expansion, kernel, _, se, _ = stage
        cin = x.shape[1]
        if plain:
            self.enter(x, stride)
            return self.conv(x, channels, kernel, stride, self.case["act"])
        y = x
        if expansion != 1:
            y = self.conv(y, cin * expansion, 1, 1, self.case["act"])
        self.enter(y, stride)
        y = self.depthwise(y, kernel, stride)
        if se:
            y = self.squeeze_excite(y, max(1, cin // 4))
        y = self.conv(y, channels, 1, 1, "identity")
        if stride == 1 and cin == channels:
            self.number()
            y = x + y
        return y

    def enter(self, x, stride):
        """Keeps the mean of what a lower resolution is computed from, where it is one: a single pixel has none."""
        if stride == 2 and x.shape[2] > 1:
            self.views["scale %d" % (len(self.views) + 1)] = x.mean((2, 3))

    def network(self, x):
        m, self.views = self.case["width"] / 32, {}
        scaled = lambda c: max(1, math.floor(c * m + 0.5))
        ours = self.case["space"] == "mnasnet"
        x = self.conv(x, scaled(32), 3, 2, self.case["act"])
        for stage, stride in zip((accel if ours else wide)(self.case["network"]), STRIDES):
            for i in range(stage[3]):
                x = self.block(x, stage, stride if i == 0 else 1, scaled(stage[5]))
        x = self.conv(x, scaled(1280 if ours else 256), 1, 1, self.case["act"])
        half = -(-x.shape[2] // 2)
        quarters = [x[:, :, a:a + half, b:b + half].max((2, 3)) for a in range(0, x.shape[2], half) for b in range(0, x.shape[3], half)]
        self.views.update(final=x.mean((2, 3)), maxima=sum(quarters) / len(quarters), maximum=x.max((2, 3)))
        return self.views


# The five networks of each row's space have every expansion, kernel, number of
# blocks, squeeze-and-excite, kind of block and number of channels somewhere.
CASES = [
    ("mnasnet", "e6146146 k3533553 l1321243 se0110101", 224, 16, "relu", 2, 3),
    ("mnasnet", "e1461614 k5355335 l3213131 se1001110", 96, 32, "swish", 2, 4),
    ("mnasnet", "e4614461 k5533533 l2132312 se0011011", 160, 11, "relu", 2, 3),
    ("mnasnetwide", "mb1k3l1f12 conv1k5l2f24 mb6k3l4f40se mb3k5l5f48 mb3k3l2f96 mb6k5l4f120se mb1k5l2f400", 64, 16, "relu", 3, 16),
    ("mnasnetwide", "conv1k3l2f20 mb6k5l1f18se mb1k3l3f24 conv1k3l3f64 mb3k3l3f120se mb6k3l3f200 mb3k3l1f240se", 64, 8, "swish", 3, 16),
]


def run(case, mode, rounded=False):
    """The views of a case's images, after a batch has set the statistics."""
    size, salt = case["size"], case["salt"]
    first = Pass(case, mode, None, rounded)
    first.network(images(case["batch"], size, size, 3, salt + 500))
    return Pass(case, mode, first.stats, rounded).network(images(case["images"], size, size, 3, salt))


def main():
    cases = []
    for k, (space, network, size, width, act, n, batch) in enumerate(CASES):
        case = dict(space=space, network=network, size=size, width=width, act=act, images=n, batch=batch, member=k, salt=1000 * k)
        features, rounding = {}, {}
        for mode in ("ema", "batch", "none"):
            views, rounded = run(case, mode), run(case, mode, True)
            kept = [v for v in views if v == "final" or mode == "batch"]
            features[mode] = {v: [[float("%.8g" % x) for x in row] for row in views[v]] for v in kept}
            rounding[mode] = {v: float("%.2g" % (np.linalg.norm(rounded[v] - views[v]) / np.linalg.norm(views[v]))) for v in kept}
        cases.append(dict(case, features=features, rounding=rounding))
        print(network, rounding, file=sys.stderr)
    print(json.dumps(dict(numpy=np.__version__, cases=cases)).replace('{"space"', '\n{"space"'))


main()
