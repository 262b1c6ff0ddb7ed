#!/usr/bin/env python3
"""Runs graphs with weights in onnxruntime and writes the values that the features
are, before the head:

    go test ./nngpkit/onnx -run 'TestONNXRuntime|TestOperations' -write-filled FOLDER
    pip install onnx==1.23.2 onnxruntime==1.32.0
    python nngpkit/onnx/testdata/make_features.py FOLDER nngpkit/onnx/testdata/features

The features are the result of the last pooling, or, where the file says so in its
metadata, of another value.
"""

import pathlib
import sys

import numpy as np
import onnx
import onnxruntime


def pattern(n, shape):
    """The images of reference_test.go's pattern, as batch x channels x rows x columns."""
    i, c, y, x = np.meshgrid(*[np.arange(k, dtype=np.int64) for k in (n, *shape)], indexing="ij")
    h = (i * 1000003 + c * 10007 + y * 211 + x * 31 + 12345).astype(np.uint32) * np.uint32(2654435761)
    return (h >> np.uint32(16)).astype(np.float32) / np.float32(32768) - np.float32(1)


def features(path, name=None):
    model = onnx.load(path)
    poolings = ("GlobalAveragePool", "ReduceMean", "GlobalMaxPool")
    if name is None:
        name = [n.output[0] for n in model.graph.node if n.op_type in poolings][-1]
    if name not in [o.name for o in model.graph.output]:
        model.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    image = session.get_inputs()[0]
    size, fixed = image.shape[1:], image.shape[0]
    last = size[0] != 3  # rows, columns, channels
    images = pattern(2, size[-1:] + size[:-1] if last else size)
    if last:
        images = images.transpose(0, 2, 3, 1)
    parts = [images] if not isinstance(fixed, int) or fixed == 2 else [images[:1], images[1:]]
    return np.concatenate([session.run([name], {image.name: p})[0] for p in parts])


def main():
    source, target = map(pathlib.Path, sys.argv[1:3])
    target.mkdir(exist_ok=True)
    for path in sorted(source.glob("*.onnx")):
        got = features(path, "features" if path.name.startswith("op_") else None)
        if got.ndim == 4:  # the engine's order of features: rows, columns, channels
            got = got.transpose(0, 2, 3, 1)
        got.astype("<f4").tofile(target / f"{path.stem}.f32")
        print(path.stem, got.shape, float(np.sqrt(np.mean(got * got))))


if __name__ == "__main__":
    main()
