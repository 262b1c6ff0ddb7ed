"""Facts about CIFAR-10 files, computed without the package under test.

usage: python cifar_facts.py FOLDER > cifar_facts.json

FOLDER holds data_batch_1_first4000.bin and test_batch_first1000.bin: the first
4,000 records of data_batch_1.bin and the first 1,000 of test_batch.bin, for
example cut from the official files with `head -c`.
"""
import hashlib
import json
import pathlib
import sys

import numpy as np

MEAN = np.array([125.3, 123.0, 113.9])
STD = np.array([63.0, 62.1, 66.7])


def facts(path):
    raw = np.fromfile(path, np.uint8).reshape(-1, 3073)
    labels = raw[:, 0].astype(int)
    images = raw[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    normalised = ((images[:100].astype(np.float64) - MEAN) / STD).astype(np.float32)
    pixels = images.reshape(-1, 3).astype(np.float64)
    return {
        "images": len(labels),
        "histogram": np.bincount(labels, minlength=10).tolist(),
        "first_labels": labels[:20].tolist(),
        "mean": pixels.mean(0).tolist(),
        "std": pixels.std(0).tolist(),
        "nhwc_sha256": hashlib.sha256(np.ascontiguousarray(images).tobytes()).hexdigest(),
        "row7_column5_of_image3": images[3, 7, 5].tolist(),
        "batch_of_first100_sha256": hashlib.sha256(np.ascontiguousarray(normalised).tobytes()).hexdigest(),
    }


folder = pathlib.Path(sys.argv[1])
names = ["data_batch_1_first4000.bin", "test_batch_first1000.bin"]
json.dump({"numpy": np.__version__, **{n: facts(folder / n) for n in names}}, sys.stdout, indent=1)
print()
