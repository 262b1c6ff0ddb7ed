"""The other sides of bench/mobile.py: onnxruntime, and OpenVINO in single precision
and in bf16.

    python bench/mobile_peers.py onnxruntime|openvino-f32|openvino-bf16

serves one of them, a JSON command a line:

    {"op": "about"}
    {"op": "open", "dir": "DIR", "images": 200, "size": 64}
    {"op": "variants"}
    {"op": "set-up", "variant": "..."}       seconds to load
    {"op": "run"}                            seconds and processor seconds
    {"op": "error"}                          relative rms difference to "ours"

DIR is what bench/mobile wrote. The graph has no batch normalization: it is folded.
Threads are the processors that the process may run on.
"""
import json
import os
import resource
import sys
import time

import numpy as np
import onnx

THREADS = len(os.sched_getaffinity(0))


def model(nodes, weights):
    """The network as an ONNX graph of any number of images, and its output's name."""
    h, tensor = onnx.helper, onnx.numpy_helper.from_array
    made, initial, at = [], [], 0
    add = lambda op, ins, out, **kw: made.append(h.make_node(op, ins, [out], name=out, **kw))
    for i, n in enumerate(nodes[1:], 1):
        out, ins = f"v{i}", [f"v{j}" for j in n["in"]]
        pre = out if n["act"] == "identity" else f"c{i}"
        if n["kind"] in ("conv", "depthwise"):
            k, cin = n["kernel"], nodes[n["in"][0]]["c"]
            w = weights[at:at + n["weights"]]
            at += n["weights"]
            group = 1
            if n["kind"] == "depthwise":
                group, w = n["c"], w.reshape(k, k, 1, n["c"])
            else:
                w = w.reshape(k, k, cin, n["c"])
            initial += [tensor(np.ascontiguousarray(w.transpose(3, 2, 0, 1)), f"w{i}"), tensor(np.zeros(n["c"], np.float32), f"b{i}")]
            add("Conv", ins + [f"w{i}", f"b{i}"], pre, kernel_shape=[k, k], strides=[n["stride"]] * 2, pads=[k // 2] * 4, group=group)
        elif n["kind"] == "globalavgpool":
            add("GlobalAveragePool", ins, pre)
        elif n["kind"] == "scale":
            add("Mul", ins, pre)
        elif n["kind"] == "sum":
            add("Add", ins, pre)
        else:
            raise ValueError(n["kind"])
        if n["act"] == "relu":
            add("Relu", [pre], out)
        elif n["act"] == "hardsigmoid":
            add("HardSigmoid", [pre], out, alpha=1 / 6, beta=0.5)
        else:
            assert n["act"] == "identity", n["act"]
    assert at == len(weights)
    s, t = nodes[0], onnx.TensorProto.FLOAT
    g = h.make_graph(made, "network", [h.make_tensor_value_info("v0", t, ["N", s["c"], s["h"], s["w"]])],
                     [h.make_tensor_value_info(out, t, None)], initial)
    return h.make_model(g, opset_imports=[h.make_opsetid("", 18)], ir_version=9).SerializeToString()


class OnnxRuntime:
    def __init__(self):
        import onnxruntime
        self.ort, self.version = onnxruntime, f"onnxruntime {onnxruntime.__version__}"

    def load(self, graph, share):
        o = self.ort.SessionOptions()
        o.intra_op_num_threads, o.inter_op_num_threads = THREADS, 1
        o.graph_optimization_level = self.ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        session = self.ort.InferenceSession(graph, o, providers=["CPUExecutionProvider"])
        return lambda x: session.run(None, {"v0": x})[0]


class OpenVino:
    def __init__(self, precision):
        import openvino
        self.ov, self.precision = openvino, precision
        self.core = openvino.Core()
        self.version = f"OpenVINO {openvino.__version__.split('-')[0]} ({precision})"

    def load(self, graph, share):
        m = self.core.read_model(graph)
        m.reshape([share] + list(m.input(0).partial_shape)[1:])
        c = self.core.compile_model(m, "CPU", {
            "INFERENCE_PRECISION_HINT": self.precision, "INFERENCE_NUM_THREADS": THREADS, "PERFORMANCE_HINT": "LATENCY"})
        request, out = c.create_infer_request(), c.output(0)
        return lambda x: request.infer([x], share_inputs=True)[out].copy()


def serve(side):
    answer = lambda **kw: print(json.dumps(kw), flush=True)
    cpu = lambda: sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    for line in sys.stdin:
        c = json.loads(line)
        op = c.pop("op")
        if op == "about":
            answer(version=side.version, threads=THREADS)
        elif op == "open":
            read = lambda name: np.fromfile(os.path.join(c["dir"], name), "<f4")
            with open(os.path.join(c["dir"], "network.json")) as f:
                nodes = json.load(f)
            graph = model(nodes, read("weights"))
            x = np.ascontiguousarray(read("images").reshape(c["images"], c["size"], c["size"], 3).transpose(0, 3, 1, 2))
            ours = read("ours").reshape(c["images"], -1).astype(np.float64)
            answer()
        elif op == "variants":
            answer(variants=[f"{s} images at a time" for s in sorted({len(x), 16, 4}, reverse=True) if len(x) % s == 0])
        elif op == "set-up":
            start = time.perf_counter()
            share = int(c["variant"].split()[0])
            call = side.load(graph, share)
            run = lambda: np.concatenate([call(x[i:i + share]) for i in range(0, len(x), share)])
            run()
            answer(seconds=time.perf_counter() - start)
        elif op == "run":
            start, used = time.perf_counter(), cpu()
            features = run()
            answer(seconds=time.perf_counter() - start, cpu=cpu() - used)
        elif op == "error":
            d = features.reshape(len(x), -1) - ours
            answer(error=float(np.sqrt((d * d).mean() / (ours * ours).mean())))
        else:
            raise ValueError(op)


if __name__ == "__main__":
    serve({"onnxruntime": OnnxRuntime, "openvino-f32": lambda: OpenVino("f32"), "openvino-bf16": lambda: OpenVino("bf16")}[sys.argv[1]]())
