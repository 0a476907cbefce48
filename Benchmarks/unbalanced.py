"""Unbalances a model's channels, and lets cross-layer equalization recover it.

    unbalanced.py --bantam BINARY --data DIR [--spread 64] [--seeds 3] MODEL.onnx

The channels between a convolution and the next, with a BatchNorm and a ReLU between them at most, are multiplied by a
random factor from 1/SPREAD to SPREAD in the first and divided by it in the second. The float model stays what it was;
one scale for a tensor, or for an activation, does not fit its channels any more. Both are quantized with and without
equalization, and the accuracy of the exported files is compared, as `bantam evaluate` measures it.

Needs Python with onnx and numpy.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper


def unbalance(model, spread, random):
    """Multiplies and divides in place; returns how many channels."""
    graph = model.graph
    producers = {output: node for node in graph.node for output in node.output}
    readers = {}
    for node in graph.node:
        for value in node.input:
            readers.setdefault(value, []).append(node)
    weights = {tensor.name: tensor for tensor in graph.initializer}
    outputs = {output.name for output in graph.output}

    def single(value):
        nodes = readers.get(value, [])
        return nodes[0] if len(nodes) == 1 and value not in outputs else None

    def scale(name, factors, axis):
        array = numpy_helper.to_array(weights[name])
        shape = [1] * array.ndim
        shape[axis] = -1
        weights[name].CopyFrom(numpy_helper.from_array((array * factors.reshape(shape)).astype(array.dtype), name))

    def is_plain(node):
        return node.op_type == "Conv" and all(a.i == 1 for a in node.attribute if a.name == "group")

    channels = 0
    for node in graph.node:
        if not is_plain(node):
            continue
        norm, value = None, node.output[0]
        following = single(value)
        if following is not None and following.op_type == "BatchNormalization":
            norm, value = following, following.output[0]
            following = single(value)
        if following is not None and following.op_type == "Relu":
            following = single(following.output[0])
        if following is None or not is_plain(following):
            continue
        count = numpy_helper.to_array(weights[node.input[1]]).shape[0]
        factors = np.exp(random.uniform(-np.log(spread), np.log(spread), count))
        if norm is not None:
            # The running statistics stay what they are: the norm's own scale and shift are what comes out.
            scale(norm.input[1], factors, 0)
            scale(norm.input[2], factors, 0)
        else:
            for name in node.input[1:]:
                scale(name, factors, 0)
        scale(following.input[1], 1 / factors, 1)
        channels += count
    return channels


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--bantam", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--spread", type=float, default=64)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--targets", default="x86-vnni,npu-2d", help="one scale a channel, and one a tensor")
    options = parser.parse_args()

    def bantam(*arguments):
        command = [options.bantam, *arguments, "--json", "--threads", "1"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def accuracy(path):
        return 100 * bantam("evaluate", str(path), "--data", options.data)["top1"]

    def quantized(path, target, *flags):
        result = path.with_suffix(".int8.onnx")
        bantam("quantize", str(path), "--data", options.data, "--target", target, "--no-bias-correction", *flags,
               "-o", str(result))
        return accuracy(result)

    original = Path(options.model)
    print(f"{original.name}: float {accuracy(original):.2f} %")
    print(f"{'':24}{'target':12}{'plain':>9}{'equalized':>12}")
    with tempfile.TemporaryDirectory() as folder:
        copies = [("as it was", original)]
        for seed in range(options.seeds):
            model = onnx.load(original)
            count = unbalance(model, options.spread, np.random.default_rng(seed))
            path = Path(folder) / f"unbalanced{seed}.onnx"
            onnx.save(model, path)
            print(f"unbalanced, seed {seed}: {count} channels, float {accuracy(path):.2f} %")
            copies.append((f"unbalanced, seed {seed}", path))
        for name, path in copies:
            source = Path(folder) / "model.onnx"
            source.write_bytes(path.read_bytes())
            for target in options.targets.split(","):
                plain = quantized(source, target, "--no-equalize")
                equalized = quantized(source, target, "--equalize")
                print(f"{name:24}{target:12}{plain:8.2f} %{equalized:10.2f} %", flush=True)


if __name__ == "__main__":
    main()
