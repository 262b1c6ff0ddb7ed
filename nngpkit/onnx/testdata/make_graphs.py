#!/usr/bin/env python3
"""Writes six networks as ONNX graphs without weights, operation by operation as
torch.onnx.export writes torchvision's models of these names with batch
normalization kept (training=TrainingMode.PRESERVE, do_constant_folding=False).

    pip install onnx==1.23.2
    python make_graphs.py [FOLDER]

Every parameter is an initializer with its shape and no data. The numbers of
parameters are those that torchvision publishes (see COUNTS), and are checked.
"""

import math
import pathlib
import sys

from onnx import TensorProto, helper

COUNTS = {
    "resnet18": 11_689_512,
    "mobilenet_v2": 3_504_872,
    "efficientnet_b0": 5_288_548,
    "densenet121": 7_978_856,
    "shufflenet_v2_x1_0": 2_278_604,
    "squeezenet1_0": 1_248_424,
    "squeezenet1_1": 1_235_496,
}


class Graph:
    """A graph in the making. Values are names; channels and so on are the caller's."""

    def __init__(self, name, opset=17, batch="batch"):
        self.name, self.opset, self.batch = name, opset, batch
        self.nodes, self.initializers, self.count = [], [], 0
        self.parameters = 0

    def op(self, kind, *inputs, scope="", outputs=1, **attributes):
        """Appends a node that is called as the exporter would, and returns its value."""
        same = sum(n.op_type == kind and n.name.startswith(f"{scope}/{kind}") for n in self.nodes)
        name = f"{scope}/{kind}" + (f"_{same}" if same else "")
        out = [f"{name}_output_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), out, name=name, **attributes))
        return out[0] if outputs == 1 else out

    def weight(self, name, *shape, trained=True):
        t = TensorProto()
        t.name, t.data_type = name, TensorProto.FLOAT
        t.dims.extend(shape)
        self.initializers.append(t)
        if trained:
            self.parameters += math.prod(shape)
        return name

    def constant(self, value, scope=""):
        """A Constant node: a float, or whole numbers."""
        if isinstance(value, float):
            t = helper.make_tensor("value", TensorProto.FLOAT, [], [value])
        elif isinstance(value, int):
            t = helper.make_tensor("value", TensorProto.INT64, [], [value])
        else:
            t = helper.make_tensor("value", TensorProto.INT64, [len(value)], value)
        return self.op("Constant", scope=scope, value=t)

    def conv(self, x, cin, cout, k=1, s=1, p=None, groups=1, bias=False, path="conv"):
        p = (k - 1) // 2 if p is None else p
        inputs = [x, self.weight(f"{path}.weight", cout, cin // groups, k, k)]
        if bias:
            inputs.append(self.weight(f"{path}.bias", cout))
        return self.op("Conv", *inputs, scope=scope(path), dilations=[1, 1], group=groups, kernel_shape=[k, k],
                       pads=[p] * 4, strides=[s, s])

    def bn(self, x, c, path, eps=1e-5):
        mode = {"training_mode": 0} if self.opset >= 14 else {}
        return self.op("BatchNormalization", x, self.weight(f"{path}.weight", c), self.weight(f"{path}.bias", c),
                       self.weight(f"{path}.running_mean", c, trained=False),
                       self.weight(f"{path}.running_var", c, trained=False),
                       scope=scope(path), epsilon=eps, momentum=0.9, **mode)

    def relu(self, x, path):
        return self.op("Relu", x, scope=scope(path))

    def relu6(self, x, path):
        lo, hi = self.constant(0.0, scope(path)), self.constant(6.0, scope(path))
        return self.op("Clip", x, lo, hi, scope=scope(path))

    def silu(self, x, path):
        return self.op("Mul", x, self.op("Sigmoid", x, scope=scope(path)), scope=scope(path))

    def maxpool(self, x, path, k=3, s=2, p=1, ceil=0):
        return self.op("MaxPool", x, scope=scope(path), ceil_mode=ceil, dilations=[1, 1], kernel_shape=[k, k],
                       pads=[p] * 4, strides=[s, s])

    def linear(self, x, cin, cout, path):
        return self.op("Gemm", x, self.weight(f"{path}.weight", cout, cin), self.weight(f"{path}.bias", cout),
                       scope=scope(path), alpha=1.0, beta=1.0, transB=1)

    def finish(self, out):
        self.nodes[-1].output[0] = "output"
        info = [helper.make_tensor_value_info("input", TensorProto.FLOAT, [self.batch, 3, 224, 224])]
        result = [helper.make_tensor_value_info("output", TensorProto.FLOAT, [self.batch, 1000])]
        g = helper.make_graph(self.nodes, "main_graph", info, result, self.initializers)
        m = helper.make_model(g, opset_imports=[helper.make_opsetid("", self.opset)], producer_name="pytorch")
        m.ir_version = 8
        if self.parameters != COUNTS[self.name]:
            sys.exit(f"{self.name}: {self.parameters} parameters, torchvision has {COUNTS[self.name]}")
        return m


def scope(path):
    """layer1.0.conv1 becomes /layer1/layer1.0/conv1: a number is named after its parent."""
    text = last = ""
    for part in path.split("."):
        last = f"{last}.{part}" if part.isdigit() else part
        text += "/" + last
    return text


def resnet18():
    g = Graph("resnet18")
    x = g.relu(g.bn(g.conv("input", 3, 64, 7, 2, path="conv1"), 64, "bn1"), "relu")
    x = g.maxpool(x, "maxpool")
    c = 64
    for stage, (width, stride) in enumerate([(64, 1), (128, 2), (256, 2), (512, 2)], 1):
        for block in range(2):
            s, at = (stride if block == 0 else 1), f"layer{stage}.{block}"
            y = g.relu(g.bn(g.conv(x, c, width, 3, s, path=f"{at}.conv1"), width, f"{at}.bn1"), f"{at}.relu")
            y = g.bn(g.conv(y, width, width, 3, path=f"{at}.conv2"), width, f"{at}.bn2")
            if s != 1 or c != width:
                x = g.bn(g.conv(x, c, width, 1, s, path=f"{at}.downsample.0"), width, f"{at}.downsample.1")
            x, c = g.relu(g.op("Add", y, x, scope=scope(at)), f"{at}.relu"), width
    x = g.op("GlobalAveragePool", x, scope="/avgpool")
    return g.finish(g.linear(g.op("Flatten", x, axis=1), 512, 1000, "fc"))


def mobilenet_v2():
    g = Graph("mobilenet_v2", batch=1)
    x = g.relu6(g.bn(g.conv("input", 3, 32, 3, 2, path="features.0.0"), 32, "features.0.1"), "features.0.2")
    c, at = 32, 1
    for t, width, n, stride in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]:
        for block in range(n):
            s, m, y, k = (stride if block == 0 else 1), c * t, x, 0
            path = f"features.{at}.conv"
            if t != 1:
                y = g.relu6(g.bn(g.conv(y, c, m, path=f"{path}.0.0"), m, f"{path}.0.1"), f"{path}.0.2")
                k = 1
            y = g.relu6(g.bn(g.conv(y, m, m, 3, s, groups=m, path=f"{path}.{k}.0"), m, f"{path}.{k}.1"), f"{path}.{k}.2")
            y = g.bn(g.conv(y, m, width, path=f"{path}.{k + 1}"), width, f"{path}.{k + 2}")
            x = g.op("Add", x, y, scope=scope(f"features.{at}")) if s == 1 and c == width else y
            c, at = width, at + 1
    x = g.relu6(g.bn(g.conv(x, 320, 1280, path="features.18.0"), 1280, "features.18.1"), "features.18.2")
    x = g.op("GlobalAveragePool", x)
    x = g.op("Reshape", x, g.constant([1, -1]))  # as flatten was written for a fixed batch
    return g.finish(g.linear(g.op("Dropout", x, scope="/classifier/classifier.0"), 1280, 1000, "classifier.1"))


def efficientnet_b0():
    g = Graph("efficientnet_b0")
    x = g.silu(g.bn(g.conv("input", 3, 32, 3, 2, path="features.0.0"), 32, "features.0.1"), "features.0.2")
    c = 32
    settings = [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)]
    for stage, (t, k, stride, width, n) in enumerate(settings, 1):
        for block in range(n):
            s, m, path, i = (stride if block == 0 else 1), c * t, f"features.{stage}.{block}.block", 0
            y = x
            if t != 1:
                y = g.silu(g.bn(g.conv(y, c, m, path=f"{path}.0.0"), m, f"{path}.0.1"), f"{path}.0.2")
                i = 1
            y = g.silu(g.bn(g.conv(y, m, m, k, s, groups=m, path=f"{path}.{i}.0"), m, f"{path}.{i}.1"), f"{path}.{i}.2")
            se, q = f"{path}.{i + 1}", max(1, c // 4)
            f = g.op("GlobalAveragePool", y, scope=scope(f"{se}.avgpool"))
            f = g.silu(g.conv(f, m, q, bias=True, path=f"{se}.fc1"), f"{se}.activation")
            f = g.op("Sigmoid", g.conv(f, q, m, bias=True, path=f"{se}.fc2"), scope=scope(f"{se}.scale_activation"))
            y = g.op("Mul", f, y, scope=scope(se))
            y = g.bn(g.conv(y, m, width, path=f"{path}.{i + 2}.0"), width, f"{path}.{i + 2}.1")
            x = g.op("Add", y, x, scope=scope(f"features.{stage}.{block}")) if s == 1 and c == width else y
            c = width
    x = g.silu(g.bn(g.conv(x, 320, 1280, path="features.8.0"), 1280, "features.8.1"), "features.8.2")
    x = g.op("Flatten", g.op("GlobalAveragePool", x, scope="/avgpool"), axis=1)
    return g.finish(g.linear(x, 1280, 1000, "classifier.1"))


def densenet121():
    g = Graph("densenet121")
    x = g.relu(g.bn(g.conv("input", 3, 64, 7, 2, path="features.conv0"), 64, "features.norm0"), "features.relu0")
    x, c = g.maxpool(x, "features.pool0"), 64
    for block, layers in enumerate([6, 12, 24, 16], 1):
        parts = [x]
        for layer in range(1, layers + 1):
            path = f"features.denseblock{block}.denselayer{layer}"
            y = g.op("Concat", *parts, scope=scope(path), axis=1)  # of one value, in the first layer
            y = g.relu(g.bn(y, c, f"{path}.norm1"), f"{path}.relu1")
            y = g.conv(y, c, 128, path=f"{path}.conv1")
            y = g.relu(g.bn(y, 128, f"{path}.norm2"), f"{path}.relu2")
            parts.append(g.conv(y, 128, 32, 3, path=f"{path}.conv2"))
            c += 32
        x = g.op("Concat", *parts, scope=scope(f"features.denseblock{block}"), axis=1)
        if block < 4:
            path = f"features.transition{block}"
            x = g.relu(g.bn(x, c, f"{path}.norm"), f"{path}.relu")
            x = g.conv(x, c, c // 2, path=f"{path}.conv")
            x = g.op("AveragePool", x, scope=scope(f"{path}.pool"), ceil_mode=0, count_include_pad=1,
                     kernel_shape=[2, 2], pads=[0] * 4, strides=[2, 2])
            c //= 2
    x = g.op("Relu", g.bn(x, c, "features.norm5"))
    x = g.op("Flatten", g.op("GlobalAveragePool", x), axis=1)
    return g.finish(g.linear(x, 1024, 1000, "classifier"))


def shufflenet_v2_x1_0():
    g = Graph("shufflenet_v2_x1_0", opset=13)

    def unit(x, path, i, cin, cout, k=1, s=1, groups=1, act=True):
        x = g.bn(g.conv(x, cin, cout, k, s, groups=groups, path=f"{path}.{i}"), cout, f"{path}.{i + 1}")
        return g.relu(x, f"{path}.{i + 2}") if act else x

    def shuffle(x, c, side, path):
        """view, transpose, view: the batch is taken from the shape, as traced with a dynamic batch."""
        at = scope(path)
        def shaped(x, sizes):
            b = g.op("Gather", g.op("Shape", x, scope=at), g.constant(0, at), scope=at, axis=0)
            parts = [g.op("Unsqueeze", b, g.constant([0], at), scope=at)] + [g.constant([v], at) for v in sizes]
            return g.op("Reshape", x, g.op("Concat", *parts, scope=at, axis=0), scope=at)
        x = shaped(x, [2, c // 2, side, side])
        return shaped(g.op("Transpose", x, scope=at, perm=[0, 2, 1, 3, 4]), [-1, side, side])

    x = g.relu(g.bn(g.conv("input", 3, 24, 3, 2, path="conv1.0"), 24, "conv1.1"), "conv1.2")
    x, c, side = g.maxpool(x, "maxpool"), 24, 56
    for stage, n, width in [(2, 4, 116), (3, 8, 232), (4, 4, 464)]:
        half = width // 2
        for block in range(n):
            path = f"stage{stage}.{block}"
            if block == 0:
                side //= 2
                a = unit(x, f"{path}.branch1", 0, c, c, 3, 2, groups=c, act=False)
                a = unit(a, f"{path}.branch1", 2, c, half)
                y, cin, s = x, c, 2
            else:
                sizes = g.constant([half, half], scope(path))
                a, y = g.op("Split", x, sizes, scope=scope(path), outputs=2, axis=1)
                cin, s = half, 1
            y = unit(y, f"{path}.branch2", 0, cin, half)
            y = unit(y, f"{path}.branch2", 3, half, half, 3, s, groups=half, act=False)
            y = unit(y, f"{path}.branch2", 5, half, half)
            x, c = shuffle(g.op("Concat", a, y, scope=scope(path), axis=1), width, side, path), width
    x = g.relu(g.bn(g.conv(x, 464, 1024, path="conv5.0"), 1024, "conv5.1"), "conv5.2")
    x = g.op("ReduceMean", x, axes=[2, 3], keepdims=0)
    return g.finish(g.linear(x, 1024, 1000, "fc"))


def squeezenet(version):
    g = Graph(f"squeezenet{version}")

    def fire(x, i, cin, squeeze, expand):
        path = f"features.{i}"
        x = g.relu(g.conv(x, cin, squeeze, bias=True, path=f"{path}.squeeze"), f"{path}.squeeze_activation")
        a = g.relu(g.conv(x, squeeze, expand, bias=True, path=f"{path}.expand1x1"), f"{path}.expand1x1_activation")
        b = g.relu(g.conv(x, squeeze, expand, 3, bias=True, path=f"{path}.expand3x3"), f"{path}.expand3x3_activation")
        return g.op("Concat", a, b, scope=scope(path), axis=1)

    def pool(x, i):
        return g.maxpool(x, f"features.{i}", p=0, ceil=1)

    if version == "1_0":
        x = g.relu(g.conv("input", 3, 96, 7, 2, p=0, bias=True, path="features.0"), "features.1")
        body = [2, (96, 16, 64), (128, 16, 64), (128, 32, 128), 6, (256, 32, 128), (256, 48, 192), (384, 48, 192),
                (384, 64, 256), 11, (512, 64, 256)]
    else:
        x = g.relu(g.conv("input", 3, 64, 3, 2, p=0, bias=True, path="features.0"), "features.1")
        body = [2, (64, 16, 64), (128, 16, 64), 5, (128, 32, 128), (256, 32, 128), 8, (256, 48, 192), (384, 48, 192),
                (384, 64, 256), (512, 64, 256)]
    for i, layer in enumerate(body, 2):
        x = pool(x, i) if isinstance(layer, int) else fire(x, i, *layer)
    x = g.op("Dropout", x, scope="/classifier/classifier.0")
    x = g.relu(g.conv(x, 512, 1000, bias=True, path="classifier.1"), "classifier.2")
    x = g.op("GlobalAveragePool", x, scope="/classifier/classifier.3")
    return g.finish(g.op("Flatten", x, axis=1))


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    for model in [resnet18(), mobilenet_v2(), efficientnet_b0(), densenet121(), shufflenet_v2_x1_0(), squeezenet("1_0"), squeezenet("1_1")]:
        name = {v: k for k, v in COUNTS.items()}[count(model)]
        (folder / f"{name}.onnx").write_bytes(model.SerializeToString())
        print(name, len(model.graph.node), "nodes")


def count(model):
    """The number of trained parameters."""
    return sum(math.prod(t.dims) for t in model.graph.initializer if "running_" not in t.name)


if __name__ == "__main__":
    main()
