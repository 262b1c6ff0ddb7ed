#!/usr/bin/env python3
"""Reads a NAS-Bench-101 TFRecord file as google-research/nasbench does it:
json, base64 and a compiled protocol-buffer parser, into dictionaries by hash,
epochs and repeat. For comparison with `nngplab data import nasbench101`.

    python bench/nasbench_reader.py FILE [--json]

It needs protobuf, which bench/requirements.txt pins. The messages are those of
nasbench/lib/model_metrics.proto, defined here at run time, so that neither
protoc nor TensorFlow is needed. Record framing is read with struct and, other
than TensorFlow's reader and ours, without verifying checksums, which flatters
this reader; nor are hashes recomputed.
"""

import argparse
import base64
import json
import resource
import struct
import sys
import time

import google.protobuf
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.internal import api_implementation


def model_metrics_class():
    """Returns the message class ModelMetrics."""
    field = descriptor_pb2.FieldDescriptorProto
    f = descriptor_pb2.FileDescriptorProto(
        name="model_metrics.proto", package="nasbench", syntax="proto2")
    metrics = f.message_type.add(name="ModelMetrics")
    metrics.field.add(name="evaluation_data", number=1, type=field.TYPE_MESSAGE,
                      label=field.LABEL_REPEATED, type_name=".nasbench.EvaluationData")
    metrics.field.add(name="trainable_parameters", number=2, type=field.TYPE_INT32,
                      label=field.LABEL_OPTIONAL)
    metrics.field.add(name="total_time", number=3, type=field.TYPE_DOUBLE,
                      label=field.LABEL_OPTIONAL)
    evaluation = f.message_type.add(name="EvaluationData")
    for number, name in enumerate(["current_epoch", "training_time", "train_accuracy",
                                   "validation_accuracy", "test_accuracy"], 1):
        evaluation.field.add(name=name, number=number, type=field.TYPE_DOUBLE,
                             label=field.LABEL_OPTIONAL)
    evaluation.field.add(name="checkpoint_path", number=6, type=field.TYPE_STRING,
                         label=field.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(f)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("nasbench.ModelMetrics"))


def records(path):
    """Yields the payloads of a TFRecord file."""
    with open(path, "rb", buffering=1 << 20) as f:
        while True:
            head = f.read(12)
            if not head:
                return
            if len(head) < 12:
                raise ValueError("truncated header")
            (length,) = struct.unpack_from("<Q", head)
            payload = f.read(length)
            if len(payload) < length or len(f.read(4)) < 4:
                raise ValueError("truncated record")
            yield payload


def load(path):
    """Returns fixed and computed statistics, as the original reader's."""
    message = model_metrics_class()
    fixed, computed = {}, {}
    count = 0
    for payload in records(path):
        count += 1
        module_hash, epochs, raw_adjacency, raw_operations, raw_metrics = json.loads(payload)
        dim = int(len(raw_adjacency) ** 0.5)
        adjacency = [[int(e) for e in raw_adjacency[i * dim:(i + 1) * dim]] for i in range(dim)]
        operations = raw_operations.split(",")
        metrics = message.FromString(base64.b64decode(raw_metrics))
        if module_hash not in fixed:
            fixed[module_hash] = {
                "module_adjacency": adjacency,
                "module_operations": operations,
                "trainable_parameters": metrics.trainable_parameters,
            }
            computed[module_hash] = {}
        half, final = metrics.evaluation_data[1], metrics.evaluation_data[2]
        computed[module_hash].setdefault(epochs, []).append({
            "halfway_training_time": half.training_time,
            "halfway_train_accuracy": half.train_accuracy,
            "halfway_validation_accuracy": half.validation_accuracy,
            "halfway_test_accuracy": half.test_accuracy,
            "final_training_time": final.training_time,
            "final_train_accuracy": final.train_accuracy,
            "final_validation_accuracy": final.validation_accuracy,
            "final_test_accuracy": final.test_accuracy,
        })
    return fixed, computed, count


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    wall, cpu = time.perf_counter(), time.process_time()
    fixed, computed, count = load(args.file)
    result = {
        "seconds": time.perf_counter() - wall,
        "cpu_seconds": time.process_time() - cpu,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "cells": len(fixed),
        "records": count,
        "final_test_sum": sum(r["final_test_accuracy"] for c in computed.values()
                              for runs in c.values() for r in runs),
        "python": sys.version.split()[0],
        "protobuf": google.protobuf.__version__,
        "protobuf_implementation": api_implementation.Type(),
    }
    if args.json:
        print(json.dumps(result, indent=2))
    else:
        for key, value in result.items():
            print(f"{key:24s} {value}")


if __name__ == "__main__":
    main()
