"""Golden features of NAS-Bench-201 networks for the tests of package nasbench201.

The published network (TinyNetwork of D-X-Y/AutoDL-Projects: ReLU before each
convolution, batch normalization after it, residual blocks between stages, mean
pooling that counts pixels inside the image only) as recursive functions of the
cell's text, in NumPy and float64, channels first, with PyTorch's explicit
padding. It shares nothing with the project's builder or engine but the random
weights: those of node i of the project's network, whose number is counted here.

    python reference.py > reference.json
"""

import json

import numpy as np
from scipy.special import erf, erfinv

SEED, MASK = 0x0123456789ABCDEF, 0xFFFFFFFF
EPS, KEEP = 1e-5, 0.9  # PyTorch's defaults: momentum 0.1 of the new


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


def draw(node, member, kernel, cin, cout):
    """Weights (cout, cin, kernel, kernel) of variance 1/fan-in, truncated at two sigmas."""
    u = (2.0 * philox(node, member, kernel * kernel * cin * cout) + 1) / 2.0**32 - 1
    x = np.sqrt(2) * erfinv(u * erf(np.sqrt(2))) / 0.87962566103423978 / np.sqrt(kernel * kernel * cin)
    return x.reshape(kernel, kernel, cin, cout).transpose(3, 2, 0, 1)


def images(n, h, w, c, salt):
    i = (np.arange(n * h * w * c, dtype=np.uint64) + np.uint64(salt)) * np.uint64(2654435761) & np.uint64(MASK)
    i = (i ^ i >> np.uint64(15)) * np.uint64(2246822519) & np.uint64(MASK)
    x = ((i / 2.0**32 - 0.5) * 4).astype(np.float32).astype(np.float64)
    return x.reshape(n, h, w, c).transpose(0, 3, 1, 2)


def relu(x):
    return np.maximum(x, 0)


class Pass:
    """One forward pass; norms are taken from the batch and kept, or given."""

    def __init__(self, member, mode, kept=None):
        self.member, self.mode, self.kept, self.node, self.stats = member, mode, kept, 0, []

    def number(self):
        self.node += 1
        return self.node

    def norm(self, x):
        if self.mode == "none":
            return x
        if self.kept is None:
            n = x.size // x.shape[1]
            mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3))
            if self.mode == "ema":
                self.stats.append(((1 - KEEP) * mean, KEEP + (1 - KEEP) * var * n / (n - 1)))
            else:
                self.stats.append((mean, var))
        else:
            mean, var = self.kept.pop(0)
        return (x - mean[:, None, None]) / np.sqrt(var[:, None, None] + EPS)

    def conv(self, x, cout, kernel, stride=1):
        w = draw(self.number(), self.member, kernel, x.shape[1], cout)
        p = kernel // 2
        x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        v = np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), (2, 3))[:, :, ::stride, ::stride]
        return np.einsum("nchwij,ocij->nohw", v, w, optimize=True)

    def mean3x3(self, x):
        self.number()
        pad = ((0, 0), (0, 0), (1, 1), (1, 1))
        v = np.lib.stride_tricks.sliding_window_view(np.pad(x, pad), (3, 3), (2, 3)).sum((4, 5))
        return v / np.lib.stride_tricks.sliding_window_view(np.pad(np.ones_like(x), pad), (3, 3), (2, 3)).sum((4, 5))

    def cell(self, x, text):
        values, rectified = [x], {}
        for node in text.split("+"):
            terms = []
            for edge in node.strip("|").split("|"):
                op, source = edge.split("~")
                j = int(source)
                if op == "skip_connect":
                    terms.append(values[j])
                elif op == "avg_pool_3x3":
                    terms.append(self.mean3x3(values[j]))
                elif op in ("nor_conv_1x1", "nor_conv_3x3"):
                    if j not in rectified:
                        rectified[j] = relu(values[j])
                        self.number()
                    terms.append(self.norm(self.conv(rectified[j], x.shape[1], int(op[-1]))))
                else:
                    assert op == "none", op
            if len(terms) != 1:
                self.number()  # of the sum, or of the zeros
            values.append(sum(terms) if terms else np.zeros_like(x))
        return values[-1]

    def reduction(self, x):
        cout = 2 * x.shape[1]
        self.number()
        y = relu(self.norm(self.conv(relu(x), cout, 3, 2)))
        y = self.norm(self.conv(y, cout, 3))
        n, c, h, w = x.shape
        self.number()
        s = self.conv(x.reshape(n, c, h // 2, 2, w // 2, 2).mean((3, 5)), cout, 1)
        self.number()
        return s + y

    def network(self, x, text, width, cells):
        x = self.norm(self.conv(x, width, 3))
        for stage in range(3):
            if stage:
                x = self.reduction(x)
            for _ in range(cells):
                x = self.cell(x, text)
        return relu(self.norm(x)).mean((2, 3))


CELLS = [
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|",
    "|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|skip_connect~2|",
    "|none~0|+|nor_conv_1x1~0|nor_conv_3x3~1|+|avg_pool_3x3~0|skip_connect~1|nor_conv_1x1~2|",
    "|avg_pool_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_3x3~2|",
    "|skip_connect~0|+|skip_connect~0|skip_connect~1|+|skip_connect~0|nor_conv_1x1~1|none~2|",
]


def main():
    cases = []
    for k, text in enumerate(CELLS):
        case = dict(cell=text, member=k, salt=1000 * k, features={})
        for mode in ("ema", "batch", "none"):
            first = Pass(k, mode)
            first.network(images(8, 16, 12, 3, 1000 * k + 500), text, 6, 2)
            f = Pass(k, mode, first.stats).network(images(5, 16, 12, 3, 1000 * k), text, 6, 2)
            case["features"][mode] = [[float("%.11g" % v) for v in row] for row in f]
        cases.append(case)
    print(json.dumps(dict(numpy=np.__version__, cases=cases)).replace('{"cell"', '\n{"cell"'))


main()
