#!/usr/bin/env python3
"""Checks that exported models are valid ONNX, and that ONNX Runtime computes with them what it did before.

usage: Scripts/check-onnx.py MODEL... [--against FOLDER]

Each model must pass onnx.checker with shape inference and run in ONNX Runtime on random inputs, free sizes set to 2.
With --against, the model of the same name in FOLDER must give the same results. Prints a line for each model; exits
with 1 if one fails. Needs onnx, onnxruntime and numpy.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

TYPES = {
    "tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16,
    "tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(uint8)": np.uint8, "tensor(int8)": np.int8,
    "tensor(bool)": np.bool_,
}


def random_inputs(session):
    generator = np.random.default_rng(0)
    inputs = {}
    for value in session.get_inputs():
        shape = [size if isinstance(size, int) and size > 0 else 2 for size in value.shape]
        numbers = generator.standard_normal(shape) * 2
        # Integers are indices, or divisors: 1 is valid for both.
        inputs[value.name] = (numbers if "float" in value.type or "double" in value.type else np.ones(shape)).astype(
            TYPES[value.type])
    return inputs


def session(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def check(path, reference):
    onnx.checker.check_model(path, full_check=True)
    exported = session(path)
    inputs = random_inputs(exported)
    # numpy has no bfloat16.
    names = [output.name for output in exported.get_outputs() if output.type != "tensor(bfloat16)"]
    results = exported.run(names, inputs) if names else []
    if reference is None:
        return f"runs, {len(results)} outputs"
    original = session(reference)
    if [output.name for output in exported.get_outputs()] != [output.name for output in original.get_outputs()]:
        raise ValueError(f"the outputs are {names}")
    difference = 0.0
    for name, result, expected in zip(names, results, original.run(names, inputs)):
        if result.shape != expected.shape or result.dtype != expected.dtype:
            raise ValueError(f"{name} is {result.dtype}{result.shape}, was {expected.dtype}{expected.shape}")
        np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-6, err_msg=name)
        if result.size:
            difference = max(difference, float(np.max(np.abs(result.astype(float) - expected.astype(float)))))
    return f"runs as before, largest difference {difference:.1e}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--against", type=Path)
    arguments = parser.parse_args()
    failures = 0
    for path in arguments.models:
        try:
            print(f"{path}: {check(path, arguments.against and arguments.against / path.name)}")
        except Exception as error:
            failures += 1
            print(f"{path}: FAILED: {error}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
