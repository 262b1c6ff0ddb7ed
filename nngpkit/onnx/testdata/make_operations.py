#!/usr/bin/env python3
"""Writes small graphs, one for each operation and way of writing it that package
onnx reads, at the opset of that way: op_NAME.onnx. Weights are shapes without data.
The features are the value "features".

    pip install onnx==1.23.2
    python make_operations.py [FOLDER]
"""

import pathlib
import sys

import numpy as np
from onnx import TensorProto, helper, numpy_helper

GRAPHS = {}


class Small:
    def __init__(self, opset, shape):
        self.opset, self.shape = opset, shape
        self.nodes, self.initializers = [], []

    def op(self, kind, *inputs, outputs=1, **attributes):
        out = [f"v{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), out, name=f"{kind}_{len(self.nodes)}", **attributes))
        return out[0] if outputs == 1 else out

    def weight(self, *shape):
        t = TensorProto()
        t.name, t.data_type = f"w{len(self.initializers)}", TensorProto.FLOAT
        t.dims.extend(shape)
        self.initializers.append(t)
        return t.name

    def const(self, value, kind=None):
        kind = kind or (np.float32 if isinstance(value, float) else np.int64)
        t = numpy_helper.from_array(np.array(value, dtype=kind), f"c{len(self.initializers)}")
        self.initializers.append(t)
        return t.name

    def conv(self, x, cin, cout, k=3, group=1, bias=False, **attributes):
        kh, kw = (k, k) if isinstance(k, int) else k
        inputs = [x, self.weight(cout, cin // group, kh, kw)] + ([self.weight(cout)] if bias else [])
        return self.op("Conv", *inputs, group=group, **attributes)


def graph(opset=17, shape=(1, 3, 12, 10)):
    def register(f):
        s = Small(opset, shape)
        out = f(s)
        s.nodes.append(helper.make_node("Identity", [out], ["features"], name="end"))
        g = helper.make_graph(s.nodes, "g", [helper.make_tensor_value_info("input", TensorProto.FLOAT, s.shape)],
                              [helper.make_tensor_value_info("features", TensorProto.FLOAT, None)], s.initializers)
        m = helper.make_model(g, opset_imports=[helper.make_opsetid("", opset)])
        m.ir_version = 8
        GRAPHS["op_" + f.__name__] = m
        return f
    return register


# Windows.

@graph()
def conv_pads(g):
    return g.conv("input", 3, 5, (3, 2), pads=[0, 1, 2, 0], strides=[2, 1], bias=True)

@graph()
def conv_dilated_grouped(g):
    return g.conv(g.conv("input", 3, 6, 1), 6, 8, 3, group=2, dilations=[2, 1], pads=[2, 1, 2, 1])

@graph()
def conv_depthwise(g):
    return g.conv(g.conv("input", 3, 6, 1), 6, 6, 5, group=6, pads=[2] * 4, strides=[2, 2])

@graph()
def conv_multiplier(g):
    return g.conv("input", 3, 12, 3, group=3, pads=[1] * 4)

@graph()
def conv_same_upper(g):
    return g.conv("input", 3, 4, 4, auto_pad="SAME_UPPER", strides=[3, 3])

@graph()
def conv_same_lower(g):
    return g.conv("input", 3, 4, 4, auto_pad="SAME_LOWER", strides=[3, 3])

@graph()
def conv_valid(g):
    return g.conv("input", 3, 4, 3, auto_pad="VALID", strides=[2, 2])

@graph(shape=(1, 3, 13, 14))
def max_ceil(g):
    return g.op("MaxPool", g.conv("input", 3, 4), kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)

@graph(shape=(1, 3, 14, 11))
def max_ceil_pads(g):
    return g.op("MaxPool", "input", kernel_shape=[2, 2], strides=[3, 3], pads=[1, 0, 0, 1], ceil_mode=1)

@graph()
def max_dilated(g):
    return g.op("MaxPool", "input", kernel_shape=[3, 2], dilations=[2, 3], pads=[1, 0, 2, 1])

@graph(shape=(1, 3, 13, 14))
def average_ceil(g):
    return g.op("AveragePool", "input", kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4, ceil_mode=1)

@graph()
def average_counting(g):
    return g.op("AveragePool", "input", kernel_shape=[3, 4], strides=[2, 1], pads=[1, 0, 1, 2], count_include_pad=1)

@graph()
def average_same(g):
    return g.op("AveragePool", "input", kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_LOWER")

@graph()
def average_whole(g):
    return g.op("AveragePool", g.conv("input", 3, 7), kernel_shape=[10, 8])

@graph()
def global_max(g):
    return g.op("GlobalMaxPool", g.conv("input", 3, 7))

@graph(opset=18)
def reduce_mean_axes_input(g):
    return g.op("ReduceMean", g.conv("input", 3, 7), g.const([-1, -2]), keepdims=0)

@graph(opset=11)
def reduce_mean_flat(g):
    x = g.op("Reshape", g.conv("input", 3, 7), g.const([0, 7, -1]))
    return g.op("ReduceMean", x, axes=[2], keepdims=0)

@graph(opset=13)
def reduce_max(g):
    return g.op("ReduceMax", g.conv("input", 3, 7), axes=[2, 3], keepdims=1)


# Activations.

def unary(name, opset, build, scale=None):
    def f(g):
        return build(g, g.conv("input", 3, 8))
    f.__name__ = name
    graph(opset=opset)(f)


unary("relu", 6, lambda g, x: g.op("Relu", x))
unary("clip_attributes", 6, lambda g, x: g.op("Clip", x, min=-0.25, max=0.5))
unary("clip_inputs", 13, lambda g, x: g.op("Clip", x, g.const(0.0), g.const(6.0)))
unary("clip_low", 13, lambda g, x: g.op("Clip", x, g.const(-0.125)))
unary("clip_high", 13, lambda g, x: g.op("Clip", x, "", g.const(0.25)))
unary("sigmoid", 13, lambda g, x: g.op("Sigmoid", x))
unary("hardsigmoid", 6, lambda g, x: g.op("HardSigmoid", x))
unary("hardsigmoid_sixth", 14, lambda g, x: g.op("HardSigmoid", x, alpha=1 / 6, beta=0.5))
unary("hardsigmoid_by_hand", 11, lambda g, x: g.op("Div", g.op("Clip", g.op("Add", x, g.const(3.0)), g.const(0.0), g.const(6.0)), g.const(6.0)))
unary("hardswish", 14, lambda g, x: g.op("HardSwish", x))
unary("hardswish_by_sigmoid", 14, lambda g, x: g.op("Mul", x, g.op("HardSigmoid", x, alpha=1 / 6, beta=0.5)))
unary("hardswish_by_hand", 11, lambda g, x: g.op("Div", g.op("Mul", x, g.op("Clip", g.op("Add", x, g.const(3.0)), g.const(0.0), g.const(6.0))), g.const(6.0)))
unary("hardswish_attributes", 10, lambda g, x: g.op("Mul", g.op("Mul", x, g.op("Clip", g.op("Add", g.const(3.0), x), min=0.0, max=6.0)), g.const(1 / 6)))
unary("swish", 13, lambda g, x: g.op("Mul", x, g.op("Sigmoid", x)))
unary("swish_turned", 13, lambda g, x: g.op("Mul", g.op("Sigmoid", x), x))
unary("leakyrelu", 6, lambda g, x: g.op("LeakyRelu", x, alpha=0.2))
unary("leakyrelu_usual", 16, lambda g, x: g.op("LeakyRelu", x))
unary("prelu", 9, lambda g, x: g.op("PRelu", x, g.const([0.25], np.float32)))
unary("tanh", 13, lambda g, x: g.op("Tanh", x))
unary("gelu", 20, lambda g, x: g.op("Gelu", x))
unary("gelu_tanh", 20, lambda g, x: g.op("Gelu", x, approximate="tanh"))


def gelu_parts(g, x, last):
    e = g.op("Add", g.op("Erf", g.op("Div", x, g.const(1.4142135623730951))), g.const(1.0))
    if last:
        return g.op("Mul", g.op("Mul", x, e), g.const(0.5))
    return g.op("Mul", g.op("Mul", x, g.const(0.5)), e)


unary("gelu_by_hand", 13, lambda g, x: gelu_parts(g, x, True))
unary("gelu_by_hand_first", 13, lambda g, x: gelu_parts(g, x, False))


@graph(opset=13)
def gelu_tanh_by_hand(g):
    x = g.conv("input", 3, 8)
    inner = g.op("Mul", g.op("Add", x, g.op("Mul", g.op("Pow", x, g.const(3.0)), g.const(0.044715))), g.const(0.7978845608028654))
    return g.op("Mul", g.op("Mul", x, g.op("Add", g.op("Tanh", inner), g.const(1.0))), g.const(0.5))


# Sums, products, channels.

@graph()
def residual(g):
    x = g.op("Relu", g.conv("input", 3, 6, pads=[1] * 4))
    y = g.conv(x, 6, 6, pads=[1] * 4)
    return g.op("Relu", g.op("Add", y, x))

@graph()
def twice(g):
    x = g.conv("input", 3, 6)
    return g.op("Add", x, x)

@graph(opset=13)
def sum_of_three(g):
    x = g.conv("input", 3, 6, pads=[1] * 4)
    return g.op("Sum", x, g.conv("input", 3, 6, 1), g.op("Relu", x))

@graph()
def gate(g):
    x = g.op("Relu", g.conv("input", 3, 6))
    s = g.op("HardSigmoid", g.conv(g.op("Relu", g.conv(g.op("GlobalAveragePool", x), 6, 2, 1, bias=True)), 2, 6, 1, bias=True))
    return g.op("Mul", s, x)

@graph()
def gate_by_dense(g):
    x = g.op("Relu", g.conv("input", 3, 6))
    s = g.op("Flatten", g.op("GlobalAveragePool", x))
    s = g.op("Sigmoid", g.op("Gemm", s, g.weight(6, 6), g.weight(6), transB=1))
    return g.op("Mul", x, g.op("Unsqueeze", g.op("Unsqueeze", s, g.const([2])), g.const([3])))

@graph()
def product(g):
    x = g.conv("input", 3, 6)
    return g.op("Mul", g.op("Tanh", x), g.conv("input", 3, 6))

@graph()
def bias_by_add(g):
    return g.op("Relu", g.op("Add", g.weight(1, 6, 1, 1), g.conv("input", 3, 6)))

@graph()
def concat(g):
    x = g.conv("input", 3, 6, pads=[1] * 4)
    return g.op("Concat", g.op("Relu", x), "input", g.op("Sigmoid", x), axis=-3)

@graph(opset=9)
def slice_attributes(g):
    x = g.conv("input", 3, 8)
    return g.op("Concat", g.op("Slice", x, axes=[1], starts=[4], ends=[9223372036854775807]), g.op("Slice", x, axes=[1], starts=[0], ends=[-5]), axis=1)

@graph()
def slice_inputs(g):
    x = g.conv("input", 3, 8)
    return g.op("Slice", x, g.const([2, 0]), g.const([-1, 100]), g.const([1, 2]), g.const([1, 1]))

@graph()
def slice_steps(g):
    x = g.op("Slice", g.conv("input", 3, 8), g.const([0, 0]), g.const([100, 100]), g.const([2, 3]), g.const([2, 2]))
    return g.op("Pad", x, g.const([0, 2, 0, 0, 0, 3, 0, 0]))

@graph(opset=11)
def split_attribute(g):
    a, b, c = g.op("Split", g.conv("input", 3, 8), outputs=3, axis=1, split=[2, 4, 2])
    return g.op("Concat", c, g.op("Relu", b), a, axis=1)

@graph(opset=13)
def split_even(g):
    a, b = g.op("Split", g.conv("input", 3, 8), outputs=2, axis=1)
    return g.op("Add", a, b)

@graph(opset=18)
def split_outputs(g):
    a, b, c = g.op("Split", g.conv("input", 3, 8), outputs=3, axis=1, num_outputs=3)
    return g.op("Concat", c, g.op("Add", a, b), axis=1)

@graph()
def shuffle(g):
    x = g.op("Reshape", g.conv("input", 3, 12), g.const([1, 3, 4, 10, 8]))
    x = g.op("Reshape", g.op("Transpose", x, perm=[0, 2, 1, 3, 4]), g.const([1, 12, 10, 8]))
    return g.conv(x, 12, 6, group=2)

@graph()
def shuffle_then_split(g):
    x = g.op("Reshape", g.conv("input", 3, 12), g.const([-1, 2, 6, 80]))
    x = g.op("Reshape", g.op("Transpose", x, perm=[0, 2, 1, 3]), g.const([-1, 12, 10, 8]))
    a, b = g.op("Split", x, outputs=2, axis=1)
    return g.op("Concat", g.op("Relu", b), a, axis=1)

@graph(opset=2)
def pad_attribute(g):
    return g.conv(g.op("Pad", "input", pads=[0, 0, 1, 0, 0, 0, 2, 3]), 3, 4)

@graph(opset=18)
def pad_axes(g):
    return g.conv(g.op("Pad", "input", g.const([1, 0, 2, 1]), "", g.const([-1, 2])), 3, 4)

@graph(opset=11)
def pad_as_traced(g):
    """torch.nn.functional.pad at opset 11: the amounts are reversed by Reshape, Slice, Transpose."""
    given = g.const([1, 2, 0, 1])
    more = g.op("ConstantOfShape", g.const([4]), value=helper.make_tensor("value", TensorProto.INT64, [1], [0]))
    pairs = g.op("Reshape", g.op("Concat", given, more, axis=0), g.const([-1, 2]))
    turned = g.op("Slice", pairs, g.const([-1]), g.const([-9223372036854775807]), g.const([0]), g.const([-1]))
    pads = g.op("Cast", g.op("Reshape", g.op("Transpose", turned, perm=[1, 0]), g.const([-1])), to=TensorProto.INT64)
    return g.conv(g.op("Pad", "input", pads, g.const(0.0)), 3, 4)

@graph(shape=(1, 12, 10, 3))
def channels_last(g):
    """As tf2onnx writes: rows, columns, channels in, turned; means over axes 1 and 2 of what is turned back."""
    x = g.op("Relu", g.conv(g.op("Transpose", "input", perm=[0, 3, 1, 2]), 3, 6, auto_pad="SAME_UPPER", strides=[2, 2]))
    x = g.op("Transpose", x, perm=[0, 2, 3, 1])
    x = g.op("Add", g.op("MatMul", x, g.weight(6, 5)), g.weight(5))
    return g.op("ReduceMean", x, axes=[1, 2], keepdims=0)

@graph(shape=(2, 3, 12, 10))
def fixed_batch(g):
    x = g.op("Reshape", g.conv("input", 3, 12), g.const([2, 3, 4, 10, 8]))
    x = g.op("Reshape", g.op("Transpose", x, perm=[0, 2, 1, 3, 4]), g.const([2, 12, 10, 8]))
    return g.op("Reshape", g.op("GlobalAveragePool", x), g.const([2, 12]))

@graph()
def dense_of_channel(g):
    x = g.op("Flatten", g.op("GlobalAveragePool", g.conv("input", 3, 12)))
    x = g.op("Relu", g.op("Add", g.op("MatMul", x, g.weight(12, 9)), g.weight(9)))
    return g.op("Gemm", x, g.weight(9, 4), g.weight(4))

@graph()
def normalized_features(g):
    x = g.op("Flatten", g.op("GlobalAveragePool", g.conv("input", 3, 6)))
    return g.op("BatchNormalization", x, *[g.weight(6) for _ in range(4)], epsilon=1e-3)


@graph()
def normalized(g):
    x = g.conv("input", 3, 6)
    x = g.op("Relu", g.op("BatchNormalization", x, *[g.weight(6) for _ in range(4)], epsilon=1e-3, momentum=0.99))
    return g.op("GlobalAveragePool", g.op("BatchNormalization", g.conv(x, 6, 8), *[g.weight(8) for _ in range(4)]))


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "operations")
    folder.mkdir(exist_ok=True)
    for name, model in GRAPHS.items():
        (folder / f"{name}.onnx").write_bytes(model.SerializeToString())
    print(len(GRAPHS), "graphs")


if __name__ == "__main__":
    main()
