"""Writes Tests/Fixtures/goldens/quantized_layers.safetensors: what ONNX Runtime says of layers in every stored form.

The layers come from Sources/BantamTestSupport/LayerGraphs.swift. A test stores each in every form and writes the files
to a folder, and this script runs them:

    BANTAM_DUMP_LAYERS=/tmp/layers swift test --filter QuantizedLayerDump      (the folder must exist)
    python Scripts/golden/quantized_layers.py /tmp/layers

Run both from the repository's root when a layer, a form or the way weights are rounded changes. Needs onnxruntime,
safetensors and numpy, in any virtual environment.
"""

import sys
from pathlib import Path

import numpy as np
import onnxruntime
from safetensors import safe_open
from safetensors.numpy import save_file

OUTPUT = Path("Tests/Fixtures/goldens/quantized_layers.safetensors")


def run(path, samples, optimized):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if not optimized:
        # Every node as it is written: fused kernels round the activations of products with integer weights.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: samples})[0]


def main(folder):
    results = {}
    for path in sorted(Path(folder).glob("*.onnx")):
        with safe_open(path.with_suffix(".safetensors"), framework="numpy") as file:
            samples, layer = file.get_tensor("input"), file.metadata()["layer"]
        output = run(path, samples, optimized=False)
        fused = run(path, samples, optimized=True)
        print(f"{layer}: fused kernels differ by {np.abs(output - fused).max() / np.abs(output).max():.1e}")
        results |= {f"{layer.split('/')[0]}/input": samples, f"{layer}/output": np.ascontiguousarray(output)}
    save_file(results, OUTPUT)
    print(f"{OUTPUT.stat().st_size} bytes")


main(sys.argv[1])
