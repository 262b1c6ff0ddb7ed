"""Golden features for the tests of package forward.

An implementation of its own, in NumPy and float64, of the weight streams
(Philox4x32-10 and SciPy's erfinv), of every operation, of batch normalisation
in training mode and of the three ways to fix its statistics, on networks that
cover every wiring of a NAS-Bench-101 cell and every kind of node.

    python reference.py > reference.json
"""

import json
import sys

import numpy as np
import scipy
from scipy.special import erf, erfinv

M0, M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
W0, W1 = 0x9E3779B9, 0xBB67AE85
MASK = np.uint64(0xFFFFFFFF)
SEED = 0x0123456789ABCDEF


def words(seed, member, node, n):
    """The first n random words of a stream."""
    blocks = (n + 3) // 4
    c = [np.arange(blocks, dtype=np.uint64), np.full(blocks, node, np.uint64),
         np.full(blocks, member, np.uint64), np.zeros(blocks, np.uint64)]
    k0, k1 = seed & 0xFFFFFFFF, seed >> 32
    for _ in range(10):
        p0, p1 = M0 * c[0], M1 * c[2]
        c = [(p1 >> np.uint64(32)) ^ c[1] ^ np.uint64(k0), p1 & MASK,
             (p0 >> np.uint64(32)) ^ c[3] ^ np.uint64(k1), p0 & MASK]
        k0, k1 = (k0 + W0) & 0xFFFFFFFF, (k1 + W1) & 0xFFFFFFFF
    return np.stack(c, axis=1).reshape(-1)[:n]


def weights(seed, member, node, shape, variance, normal):
    n = int(np.prod(shape))
    t = (2 * words(seed, member, node, n).astype(np.float64) + 1) / 2.0**32 - 1
    if normal:
        x = np.sqrt(2) * erfinv(t) * np.sqrt(variance)
    else:
        x = np.sqrt(2) * erfinv(t * erf(np.sqrt(2))) * np.sqrt(variance) / 0.87962566103423978
    return x.reshape(shape)


def images(n, h, w, c, salt):
    """Images that any language makes exactly: a multiplicative hash."""
    i = (np.arange(n * h * w * c, dtype=np.uint64) + np.uint64(salt)) * np.uint64(2654435761) & MASK
    i = (i ^ (i >> np.uint64(15))) * np.uint64(2246822519) & MASK
    return ((i.astype(np.float64) / 2.0**32 - 0.5) * 4).astype(np.float32).astype(np.float64).reshape(n, h, w, c)


def pads(size, k, stride):
    out = -(-size // stride)
    total = max((out - 1) * stride + k - size, 0)
    return out, total // 2, total - total // 2


def windows(x, k, stride, fill):
    """[n, oh, ow, k, k, c], padded with fill."""
    _, h, w, _ = x.shape
    oh, t, b = pads(h, k, stride)
    ow, l, r = pads(w, k, stride)
    xp = np.pad(x, ((0, 0), (t, b), (l, r), (0, 0)), constant_values=fill)
    rows = [[xp[:, i:i + (oh - 1) * stride + 1:stride, j:j + (ow - 1) * stride + 1:stride] for j in range(k)] for i in range(k)]
    return np.stack([np.stack(r, axis=3) for r in rows], axis=3)


ACT = {
    "identity": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "swish": lambda x: x / (1 + np.exp(-x)),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "erf": erf,
}


class Net:
    """A list of nodes; each method appends one and returns its number."""

    def __init__(self, name, h, w, c):
        self.name, self.nodes, self.shapes = name, [dict(kind="input", h=h, w=w, c=c)], [(h, w, c)]

    def add(self, shape, **node):
        self.nodes.append(node)
        self.shapes.append(shape)
        return len(self.nodes) - 1

    def layer(self, kind, x, channels, k=1, stride=1, norm=True, eps=1e-5, mom=0.997, act="relu", gain=1.0, fan_out=False, normal=False):
        h, w, c = self.shapes[x]
        shape = {"conv": (-(-h // stride), -(-w // stride), channels), "depthwise": (-(-h // stride), -(-w // stride), c),
                 "dense": (1, 1, channels)}[kind]
        return self.add(shape, kind=kind, inputs=[x], channels=shape[2], kernel=k, stride=stride, norm=norm, eps=eps, mom=mom,
                        act=act, gain=gain, fan_out=fan_out, normal=normal)

    def pool(self, kind, x, k, stride):
        h, w, c = self.shapes[x]
        return self.add((-(-h // stride), -(-w // stride), c), kind=kind, inputs=[x], kernel=k, stride=stride)

    def gap(self, x):
        return self.add((1, 1, self.shapes[x][2]), kind="globalavgpool", inputs=[x])

    def sum(self, channels, *x):
        return self.add(self.shapes[x[0]][:2] + (channels,), kind="sum", inputs=list(x), channels=channels)

    def concat(self, *x):
        return self.add(self.shapes[x[0]][:2] + (sum(self.shapes[i][2] for i in x),), kind="concat", inputs=list(x))

    def scale(self, x, f):
        return self.add(self.shapes[x], kind="scale", inputs=[x, f])

    # Evaluation.

    def fans(self, i):
        nd = self.nodes[i]
        h, w, c = self.shapes[nd["inputs"][0]]
        kk, out = nd["kernel"] ** 2, self.shapes[i][2]
        return {"conv": (kk * c, kk * out), "depthwise": (kk, kk), "dense": (h * w * c, out)}[nd["kind"]]

    def linear(self, i, x, member):
        nd = self.nodes[i]
        fan_in, fan_out = self.fans(i)
        var = nd["gain"] / (fan_out if nd["fan_out"] else fan_in)
        k, c, out = nd["kernel"], x.shape[3], self.shapes[i][2]
        draw = lambda *shape: weights(SEED, member, i, shape, var, nd["normal"])
        if nd["kind"] == "conv":
            return np.einsum("nhwijc,ijco->nhwo", windows(x, k, nd["stride"], 0.0), draw(k, k, c, out), optimize=True)
        if nd["kind"] == "depthwise":
            return np.einsum("nhwijc,ijc->nhwc", windows(x, k, nd["stride"], 0.0), draw(k, k, c), optimize=True)
        return (x.reshape(len(x), -1) @ draw(x[0].size, out)).reshape(len(x), 1, 1, out)

    def run(self, x, member, stats, training):
        """Values of the last node. In training mode stats receives each layer's (mean, biased variance, count)."""
        v = [x]
        for i in range(1, len(self.nodes)):
            nd = self.nodes[i]
            a = [v[j] for j in nd["inputs"]]
            kind = nd["kind"]
            if kind in ("conv", "depthwise", "dense"):
                y = self.linear(i, a[0], member)
                if nd["norm"] and stats is not None:
                    if training:
                        m, s = y.mean((0, 1, 2)), y.var((0, 1, 2))
                        stats[i] = (m, s, y[..., 0].size)
                    else:
                        m, s = stats[i]
                    y = (y - m) / np.sqrt(s + nd["eps"])
                y = ACT[nd["act"]](y)
            elif kind == "maxpool":
                y = windows(a[0], nd["kernel"], nd["stride"], -np.inf).max((3, 4))
            elif kind == "avgpool":
                w = windows(a[0], nd["kernel"], nd["stride"], np.nan)
                y = np.nanmean(w, (3, 4))
            elif kind == "globalavgpool":
                y = a[0].mean((1, 2), keepdims=True)
            elif kind == "sum":
                y = sum(b[..., :nd["channels"]] for b in a)
            elif kind == "concat":
                y = np.concatenate(a, axis=3)
            elif kind == "scale":
                y = a[0] * a[1]
            v.append(y)
        self.values = v
        return v[-1].reshape(len(x), -1)

    def features(self, mode, member, x, norm_batch):
        if mode == "none":
            return self.run(x, member, None, False)
        raw = {}
        self.run(norm_batch, member, raw, True)
        fixed = {}
        for i, (m, s, n) in raw.items():
            mom = self.nodes[i]["mom"]
            fixed[i] = ((1 - mom) * m, mom + (1 - mom) * s * n / (n - 1)) if mode == "ema" else (m, s)
        return self.run(x, member, fixed, False)


# NAS-Bench-101.

def channels(matrix, cin, cout):
    n = len(matrix)
    c = [0] * n
    c[0], c[-1] = cin, cout
    if n == 2:
        return c
    last = [i for i in range(1, n - 1) if matrix[i][n - 1]]
    for rank, i in enumerate(last):
        c[i] = cout // len(last) + (1 if rank < cout % len(last) else 0)
    for i in range(n - 2, 0, -1):
        if not matrix[i][n - 1]:
            c[i] = max(c[j] for j in range(i + 1, n - 1) if matrix[i][j])
    return c


def cell(net, x, rows, ops, cout):
    matrix = [[int(b) for b in r] for r in rows.split("/")]
    n = len(matrix)
    c = channels(matrix, net.shapes[x][2], cout)
    out = [x]
    for t in range(1, n - 1):
        src = [out[s] for s in range(1, t) if matrix[s][t]]
        if matrix[0][t]:
            src.append(net.layer("conv", x, c[t]))
        if len(src) > 1 or net.shapes[src[0]][2] != c[t]:
            src = [net.sum(c[t], *src)]
        op = ops[t - 1]
        if op == "mp":
            out.append(net.pool("maxpool", src[0], 3, 1))
        else:
            out.append(net.layer("conv", src[0], c[t], k=3 if op == "c3" else 1))
    last = [out[s] for s in range(1, n - 1) if matrix[s][n - 1]]
    if not last:
        return net.layer("conv", x, cout)
    y = last[0] if len(last) == 1 else net.concat(*last)
    if matrix[0][n - 1]:
        y = net.sum(cout, y, net.layer("conv", x, cout))
    return y


def skeleton(name, rows, ops, stem, side, stacks=3, modules=1):
    net = Net(name, side, side, 3)
    x = net.layer("conv", 0, stem, k=3)
    width = stem
    for s in range(stacks):
        if s > 0:
            x = net.pool("maxpool", x, 2, 2)
            width *= 2
        for _ in range(modules):
            x = cell(net, x, rows, ops.split(",") if ops else [], width)
    net.gap(x)
    return net


def mobile(name):
    """Depthwise convolutions, squeeze and excite, swish, identity sums: MnasNet's parts."""
    net = Net(name, 19, 14, 3)
    kw = dict(eps=1e-3, mom=0.99, normal=True, fan_out=True, gain=2.0)
    x = net.layer("conv", 0, 7, k=3, stride=2, act="swish", **kw)
    for out, k, stride, act in ((9, 3, 1, "swish"), (9, 5, 1, "relu"), (13, 5, 2, "swish"), (13, 3, 2, "relu"), (13, 3, 1, "swish")):
        cin = net.shapes[x][2]
        y = net.layer("conv", x, 4 * cin, act=act, **kw)
        y = net.layer("depthwise", y, 0, k=k, stride=stride, act=act, **kw)
        f = net.gap(y)
        f = net.layer("conv", f, 3, norm=False, act=act, normal=True, fan_out=True)
        f = net.layer("conv", f, 4 * cin, norm=False, act="sigmoid")
        y = net.scale(y, f)
        y = net.layer("conv", y, out, act="identity", **kw)
        if stride == 1 and out == cin:
            y = net.sum(out, x, y)
        x = y
    net.gap(net.layer("conv", x, 17, act="swish", **kw))
    return net


def odds(name):
    """Windows on odd sizes, average pooling, nested concatenation, one node read in several ways, a map as features."""
    net = Net(name, 11, 7, 2)
    a = net.layer("conv", 0, 5, k=5, stride=2)
    b = net.layer("conv", 0, 6, k=3, stride=2, act="erf")
    c = net.concat(a, b, a)
    d = net.pool("avgpool", c, 3, 1)
    e = net.layer("conv", d, 11, k=2, stride=1, act="identity")
    f = net.sum(5, e)
    g = net.concat(f, net.concat(b, f), e)
    h = net.sum(9, g, g, net.layer("conv", g, 9, k=4, norm=False))
    i = net.pool("maxpool", h, 3, 2)
    net.layer("depthwise", net.concat(i, net.pool("avgpool", h, 2, 2)), 0, k=3, norm=True, act="relu")
    return net


def perceptron(name):
    net = Net(name, 3, 5, 2)
    x = net.layer("dense", 0, 33, act="erf", norm=False)
    x = net.layer("dense", x, 21, act="relu", gain=2.0)
    net.layer("dense", x, 10, act="identity", norm=False)
    return net


NETS = [
    skeleton("input to output only", "01/00", "", 8, 16, modules=2),
    skeleton("chain", "0100/0010/0001/0000", "c3,c1", 8, 16),
    skeleton("residual", "0101/0010/0001/0000", "c3,c3", 8, 16),
    skeleton("inception", "0111010/0000001/0000001/0000100/0000001/0000001/0000000", "c1,c3,c3,c3,mp", 10, 16),
    skeleton("three branches, uneven split", "01110/00001/00001/00001/00000", "c3,c1,mp", 11, 16),
    skeleton("diamond with truncation", "01110/00011/00001/00001/00000", "c3,c3,mp", 9, 16),
    skeleton("sum of two", "01100/00110/00011/00001/00000", "c1,c3,mp", 7, 16),
    skeleton("pooling chain with skip", "01001/00100/00010/00001/00000", "mp,mp,mp", 6, 16),
    skeleton("wide fan in", "0110001/0011000/0001110/0000100/0000010/0000001/0000000", "c1,c3,mp,c3,c1", 8, 16),
    skeleton("fan out of four", "0100001/0011110/0000001/0000001/0000001/0000001/0000000", "c3,c1,c3,mp,c3", 13, 8, stacks=2),
    skeleton("two modules, full width", "0101/0010/0001/0000", "c3,mp", 16, 32, stacks=2, modules=2),
    mobile("mobile"),
    odds("odd shapes"),
    perceptron("perceptron"),
]


def main():
    out = dict(numpy=np.__version__, scipy=scipy.__version__, python=sys.version.split()[0], seed=hex(SEED), cases=[],
               philox=[int(w) for w in words(SEED, 5, 7, 10)],
               truncated=[float(w) for w in weights(SEED, 5, 7, (10,), 1.0, False)],
               normal=[float(w) for w in weights(SEED, 5, 7, (10,), 1.0, True)])
    for k, net in enumerate(NETS):
        h, w, c = net.shapes[0]
        n, m, member = 9 + k % 3, 10 - k % 2, k % 4
        x, b = images(n, h, w, c, 1000 * k), images(m, h, w, c, 1000 * k + 500)
        case = dict(name=net.name, nodes=net.nodes, images=n, salt=1000 * k, norm_images=m, norm_salt=1000 * k + 500, member=member, features={})
        for mode in ("ema", "batch", "none"):
            f = net.features(mode, member, x, b)
            case["features"][mode] = [[float("%.11g" % v) for v in row] for row in f]
        out["cases"].append(case)
    text = json.dumps(out)
    print(text.replace('{"name"', '\n{"name"').replace('"features"', '\n"features"'))


if __name__ == "__main__":
    main()
