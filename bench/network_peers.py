"""The other sides of bench/networks.py: JAX, onnxruntime and OpenVINO.

    python bench/network_peers.py jax|onnxruntime|openvino-f32|openvino-bf16

serves one of them, a JSON command a line:

    {"op": "about"}
    {"op": "open", "dir": "DIR", "images": 750, "norm": 100, "members": 8}
    {"op": "variants"}
    {"op": "set-up", "variant": "..."}       seconds to trace, compile or load
    {"op": "run"}                            seconds
    {"op": "error"}                          relative rms difference to "ours"

DIR is what bench/networks wrote. Each side does what ours does: for every
member, the normalization batch runs through the network in training mode, then
the images with the statistics that one moving-average update leaves ("ema").
Threads are the processors that the process may run on.
"""
import concurrent.futures
import json
import math
import os
import sys
import time

import numpy as np

THREADS = len(os.sched_getaffinity(0))


class Network:
    """The network, the weights and the images of one comparison."""

    def __init__(self, dir, images, norm, members):
        with open(os.path.join(dir, "network.json")) as f:
            self.nodes = json.load(f)
        read = lambda name: np.fromfile(os.path.join(dir, name), "<f4")
        n = self.nodes[0]
        self.images = read("images").reshape(images, n["h"], n["w"], n["c"])
        self.norm = read("norm").reshape(norm, n["h"], n["w"], n["c"])
        self.ours = read("ours").reshape(members, images, -1) if os.path.exists(os.path.join(dir, "ours")) else None
        self.members = members
        flat, self.weights, at = read("weights"), [], 0
        for _ in range(members):
            member = {}
            for i, n in enumerate(self.nodes):
                if n["weights"]:
                    shape = (n["kernel"], n["kernel"], self.nodes[n["in"][0]]["c"], n["c"])
                    member[i] = flat[at:at + n["weights"]].reshape(shape)
                    at += n["weights"]
            self.weights.append(member)

    def error(self, features):
        """Relative root mean square difference of the features to ours."""
        d = features.astype(np.float64) - self.ours
        return math.sqrt((d * d).mean() / (self.ours.astype(np.float64) ** 2).mean())


def ema(node, mean, variance, count):
    """Mean and variance that one update of the moving averages leaves, from
    those of a batch (the variance biased, of count values)."""
    m = node["momentum"]
    return (1 - m) * mean, m + (1 - m) * variance * (count / (count - 1))


def size(variant, images):
    """How many images a variant takes at a time."""
    share = variant.split(", ")[2].split()[0]
    return images if share == "all" else int(share)


class Jax:
    """One jitted function a member, or one of all members (vmap)."""

    def __init__(self):
        import jax
        import jaxlib
        self.jax = jax
        self.version = f"JAX {jax.__version__} (CPU, jaxlib {jaxlib.__version__})"

    def open(self, net):
        self.net = net

    def variants(self):
        return [f"{layout}, {members}, {share} images at a time" for layout, members, share in [
            ("NHWC", "members in turn", "all"), ("NHWC", "members in turn", 50), ("NCHW", "members in turn", "all"),
            ("NHWC", "vmap over members", "all"), ("NHWC", "vmap over members", 50)]]

    def forward(self, layout, weights, x, statistics):
        """Features of x; statistics maps a node to (mean, variance), or None
        takes those of x, and returns what they leave as well."""
        jax, jnp, lax = self.jax, self.jax.numpy, self.jax.lax
        axis = layout.index("C")
        space = (1, 2) if axis == 3 else (2, 3)
        cut = lambda v, c: lax.slice_in_dim(v, 0, c, axis=axis) if v.shape[axis] > c else v
        per = lambda v: v if axis == 3 else v[:, None, None]
        left, value = {}, {0: x}
        for i, n in enumerate(self.net.nodes[1:], 1):
            args = [value[j] for j in n["in"]]
            if n["kind"] == "conv":
                v = lax.conv_general_dilated(
                    args[0], weights[i], (n["stride"],) * 2, "SAME",
                    dimension_numbers=(layout, "HWIO" if axis == 3 else "OIHW", layout))
                if n["norm"]:
                    if statistics is None:
                        mean = v.mean((0,) + space)
                        variance = ((v - per(mean)) ** 2).mean((0,) + space)
                        left[i] = ema(n, mean, variance, v.size // v.shape[axis])
                    else:
                        mean, variance = statistics[i]
                    v = (v - per(mean)) * per(lax.rsqrt(variance + n["epsilon"]))
                assert n["act"] == "relu", n["act"]
                v = jnp.maximum(v, 0)
            elif n["kind"] == "maxpool":
                window = [1, 1, 1, 1]
                stride = [1, 1, 1, 1]
                for s in space:
                    window[s], stride[s] = n["kernel"], n["stride"]
                v = lax.reduce_window(args[0], -jnp.inf, lax.max, window, stride, "SAME")
            elif n["kind"] == "sum":
                v = sum(cut(a, n["c"]) for a in args)
            elif n["kind"] == "concat":
                v = jnp.concatenate(args, axis)
            elif n["kind"] == "globalavgpool":
                v = args[0].mean(space)
            else:
                raise ValueError(n["kind"])
            value[i] = v
        return v, left

    def set_up(self, variant):
        jax, lax, net = self.jax, self.jax.lax, self.net
        layout = variant[:4]
        share = size(variant, len(net.images))
        put = lambda v, perm: jax.device_put(np.ascontiguousarray(v if layout == "NHWC" else v.transpose(perm)))
        x, norm = put(net.images, (0, 3, 1, 2)), put(net.norm, (0, 3, 1, 2))
        weights = [{i: put(w, (3, 2, 0, 1)) for i, w in m.items()} for m in net.weights]

        def member(w, x, norm):
            statistics = self.forward(layout, w, norm, None)[1]
            images = lambda v: self.forward(layout, w, v, statistics)[0]
            if share < len(x):
                return lax.map(images, x.reshape((-1, share) + x.shape[1:])).reshape(x.shape[0], -1)
            return images(x)

        start = time.perf_counter()
        if "vmap" in variant:
            stacked = {i: jax.numpy.stack([m[i] for m in weights]) for i in weights[0]}
            f = jax.jit(jax.vmap(member, (0, None, None))).lower(stacked, x, norm).compile()
            self.call = lambda: f(stacked, x, norm).block_until_ready()
        else:
            f = jax.jit(member).lower(weights[0], x, norm).compile()
            # Dispatch does not wait: members may overlap.
            self.call = lambda: jax.block_until_ready([f(m, x, norm) for m in weights])
        return time.perf_counter() - start


class Onnx:
    """Two sessions a member: the normalization batch in training mode, whose
    outputs are the statistics; and the images, with the statistics folded into
    the convolutions. The second is made before the clock starts, from
    statistics that were computed before: all of its optimizations (folding,
    fusion, weights in blocked layout) come for free."""

    def __init__(self):
        import onnx
        import onnxruntime
        self.onnx, self.ort = onnx, onnxruntime
        self.version = f"onnxruntime {onnxruntime.__version__}"

    def open(self, net):
        self.net = net
        self.x = np.ascontiguousarray(net.images.transpose(0, 3, 1, 2))
        self.norm = np.ascontiguousarray(net.norm.transpose(0, 3, 1, 2))

    def variants(self):
        sides = ["members in turn"] + (["members side by side"] if THREADS > 1 else [])
        return [f"NCHW, {s}, {share} images at a time" for s in sides for share in ["all", 50, 10]]

    def graph(self, weights, statistics):
        h, tensor = self.onnx.helper, self.onnx.numpy_helper.from_array
        nodes, initial, outputs = [], [], []
        zero, one, axis = "zero", "one", "axis"
        initial += [tensor(np.array([0], np.int64), zero), tensor(np.array([1], np.int64), axis)]
        if statistics is None:
            initial.append(tensor(np.array([0, 2, 3], np.int64), "pixels"))
        add = lambda op, ins, out, **kw: nodes.append(h.make_node(op, ins, [out], name=out, **kw))

        def cut(j, c, i):
            if self.net.nodes[j]["c"] == c:
                return f"v{j}"
            end, out = f"end{i}_{j}", f"cut{i}_{j}"
            initial.append(tensor(np.array([c], np.int64), end))
            add("Slice", [f"v{j}", zero, end, axis], out)
            return out

        for i, n in enumerate(self.net.nodes[1:], 1):
            out, first = f"v{i}", f"v{n['in'][0]}"
            if n["kind"] == "conv":
                w, ins = weights[i].transpose(3, 2, 0, 1), [first, f"w{i}"]
                k = n["kernel"] // 2
                conv = dict(kernel_shape=[n["kernel"]] * 2, pads=[k] * 4)
                if n["norm"] and statistics is not None:
                    mean, variance = statistics[i]
                    scale = 1 / np.sqrt(variance + n["epsilon"])
                    w = w * scale[:, None, None, None]
                    initial.append(tensor((-mean * scale).astype(np.float32), f"b{i}"))
                    ins.append(f"b{i}")
                initial.append(tensor(np.ascontiguousarray(w, np.float32), f"w{i}"))
                add("Conv", ins, f"c{i}", **conv)
                pre = f"c{i}"
                if n["norm"] and statistics is None:
                    count = f"count{i}"
                    initial += [tensor(np.array(len(self.norm) * n["h"] * n["w"], np.float32), count),
                                tensor(np.ones(n["c"], np.float32), f"gamma{i}"),
                                tensor(np.zeros(n["c"], np.float32), f"beta{i}")]
                    add("ReduceMean", [pre, "pixels"], f"means{i}", keepdims=1)
                    add("Squeeze", [f"means{i}", "pixels"], f"mean{i}")
                    add("Sub", [pre, f"means{i}"], f"d{i}")
                    add("ReduceSumSquare", [f"d{i}", "pixels"], f"squares{i}", keepdims=0)
                    add("Div", [f"squares{i}", count], f"variance{i}")
                    add("BatchNormalization", [pre, f"gamma{i}", f"beta{i}", f"mean{i}", f"variance{i}"],
                        f"normal{i}", epsilon=n["epsilon"])
                    pre = f"normal{i}"
                    outputs += [f"mean{i}", f"variance{i}"]
                assert n["act"] == "relu", n["act"]
                add("Relu", [pre], out)
            elif n["kind"] == "maxpool":
                k = n["kernel"] // 2 if n["stride"] == 1 else 0
                add("MaxPool", [first], out, kernel_shape=[n["kernel"]] * 2, strides=[n["stride"]] * 2, pads=[k] * 4)
            elif n["kind"] == "sum":
                ins = [cut(j, n["c"], i) for j in n["in"]]
                add("Sum", ins, out)
            elif n["kind"] == "concat":
                add("Concat", [f"v{j}" for j in n["in"]], out, axis=1)
            elif n["kind"] == "globalavgpool":
                add("GlobalAveragePool", [first], "pool")
                add("Flatten", ["pool"], out, axis=1)
            else:
                raise ValueError(n["kind"])
        if statistics is not None:
            outputs = [out]
        n, t = self.net.nodes[0], self.onnx.TensorProto.FLOAT
        g = h.make_graph(nodes, "network", [h.make_tensor_value_info("v0", t, ["N", n["c"], n["h"], n["w"]])],
                         [h.make_tensor_value_info(o, t, None) for o in outputs], initial)
        m = h.make_model(g, opset_imports=[h.make_opsetid("", 18)], ir_version=9)
        return m.SerializeToString(), outputs

    def session(self, model, threads):
        o = self.ort.SessionOptions()
        o.intra_op_num_threads, o.inter_op_num_threads = threads, 1
        o.log_severity_level = 3  # errors: constants that a graph does not need are none
        o.graph_optimization_level = self.ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        return self.ort.InferenceSession(model, o, providers=["CPUExecutionProvider"])

    def statistics(self, training, outputs):
        values = dict(zip(outputs, training.run(outputs, {"v0": self.norm})))
        out = {}
        for i, n in enumerate(self.net.nodes):
            if n["norm"]:
                count = len(self.norm) * n["h"] * n["w"]
                out[i] = ema(n, values[f"mean{i}"].ravel(), values[f"variance{i}"].ravel(), count)
        return out

    def set_up(self, variant):
        aside = "side by side" in variant
        threads = 1 if aside else THREADS
        share = size(variant, len(self.x))
        start = time.perf_counter()
        sessions = []
        for w in self.net.weights:
            model, outputs = self.graph(w, None)
            training = self.session(model, threads)
            model, _ = self.graph(w, self.statistics(training, outputs))
            sessions.append((training, outputs, self.session(model, threads)))
        seconds = time.perf_counter() - start

        def member(s):
            training, outputs, evaluation = s
            self.statistics(training, outputs)
            return np.concatenate([evaluation.run(None, {"v0": self.x[i:i + share]})[0]
                                   for i in range(0, len(self.x), share)])

        if aside:
            pool = concurrent.futures.ThreadPoolExecutor(THREADS)
            self.call = lambda: list(pool.map(member, sessions))
        else:
            self.call = lambda: [member(s) for s in sessions]
        return seconds


class OpenVino(Onnx):
    """The same graphs, compiled by OpenVINO: in single precision, or where the
    processor has it in bf16."""

    def __init__(self, precision):
        import onnx
        import openvino
        self.onnx, self.precision = onnx, precision
        self.core = openvino.Core()
        self.version = f"OpenVINO {openvino.__version__.split('-')[0]} ({precision})"

    def session(self, model, threads):
        return Compiled(self.core.compile_model(self.core.read_model(model), "CPU", {
            "INFERENCE_PRECISION_HINT": self.precision, "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}))


class Compiled:
    """An OpenVINO model that is asked as an onnxruntime session is."""

    def __init__(self, model):
        self.model, self.request = model, model.create_infer_request()

    def run(self, outputs, inputs):
        got = self.request.infer(inputs, share_inputs=True)
        wanted = self.model.outputs if outputs is None else [self.model.output(o) for o in outputs]
        return [got[o].copy() for o in wanted]


def serve(side):
    answer = lambda **kw: print(json.dumps(kw), flush=True)
    for line in sys.stdin:
        c = json.loads(line)
        op = c.pop("op")
        if op == "about":
            answer(version=side.version, threads=THREADS)
        elif op == "open":
            side.open(Network(**c))
            answer()
        elif op == "variants":
            answer(variants=side.variants())
        elif op == "set-up":
            answer(seconds=side.set_up(c["variant"]))
        elif op == "run":
            start = time.perf_counter()
            features = side.call()
            answer(seconds=time.perf_counter() - start)
        elif op == "error":
            answer(error=side.net.error(np.stack([np.asarray(f) for f in features])))
        else:
            raise ValueError(op)


if __name__ == "__main__":
    serve({"jax": Jax, "onnxruntime": Onnx, "openvino-f32": lambda: OpenVino("f32"), "openvino-bf16": lambda: OpenVino("bf16")}[sys.argv[1]]())
