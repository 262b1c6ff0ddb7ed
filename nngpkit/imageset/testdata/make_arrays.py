#!/usr/bin/env python3
"""Writes small .npz files with NumPy, in the forms that people have them. Pixel
(i, y, x, c) of every one is (31 i + 7 y + 3 x + 50 c) % 256, label i is [4, 9, 4, 7][i].

    pip install numpy==2.4.6
    python make_arrays.py
"""

import io
import pathlib
import zipfile

import numpy as np

FOLDER = pathlib.Path(__file__).parent / "arrays"
i, y, x, c = np.meshgrid(np.arange(4), np.arange(5), np.arange(6), np.arange(3), indexing="ij")
pixels = ((31 * i + 7 * y + 3 * x + 50 * c) % 256).astype(np.uint8)
labels = np.array([4, 9, 4, 7])
first = pixels.transpose(0, 3, 1, 2).copy()

np.savez(FOLDER / "uint8_nhwc.npz", x=pixels, y=labels)
np.savez_compressed(FOLDER / "uint8_nchw.npz", X=first, Y=labels.astype(np.int32))
np.savez_compressed(FOLDER / "unit_nchw.npz", x=(first / 255).astype(np.float32), y=labels.astype(np.uint8)[:, None])
np.savez_compressed(FOLDER / "float_big.npz", x_train=pixels.astype(">f4"), y_train=labels.astype(">i8"))
np.savez_compressed(FOLDER / "gray.npz", images=pixels[..., 0], labels=np.array(["cat", "dog", "cat", "cow"]))
np.savez_compressed(FOLDER / "double.npz", x=pixels.astype(np.float64), y=labels.astype(np.float64))
np.savez_compressed(FOLDER / "ambiguous.npz", x=pixels[:, :3], y=labels)
np.savez_compressed(FOLDER / "normalized.npz", x=(first / 127.5 - 1).astype(np.float32), y=labels)
np.savez_compressed(FOLDER / "fortran.npz", x=np.asfortranarray(pixels), y=labels)
np.savez_compressed(FOLDER / "objects.npz", x=pixels, y=np.array(["cat", 1, None, 2.0], dtype=object))
np.savez_compressed(FOLDER / "lengths.npz", x=pixels, y=labels[:3])
np.savez_compressed(FOLDER / "no_y.npz", x=pixels, classes=labels)
for version in [(2, 0), (3, 0)]:
    with zipfile.ZipFile(FOLDER / f"version{version[0]}.npz", "w") as z:
        for name, a in [("x", pixels), ("y", labels)]:
            b = io.BytesIO()
            np.lib.format.write_array(b, a, version=version)
            z.writestr(f"{name}.npy", b.getvalue())
