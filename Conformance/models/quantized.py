"""Compares Bantam's INT8 files in three runtimes: its own executor, which simulates them, ONNX Runtime and OpenVINO.

    quantized.py --binaries FOLDER [PATTERN ...]

The files are made by the bantam binary from built-in networks with random weights and from generated images and videos.
A case is a network and a way to quantize it, such as `r3d_18.x86-vnni`; they and their results lie in
~/.cache/bantam/quantized, or BANTAM_QUANTIZED.

What "within one quantization step" means: the last layer computes each logit from rounded activations. If each of those
was off by one step s, in the worst direction, logit c would move by

    step(c) = s * sum(|weight(c, i)| for each i that is summed)

So the logits of two runtimes may differ by step(c) at most. It is a bound on what a correct runtime can do in the last
layer alone; what earlier layers round differently has to fit in as well.

OpenVINO is held to it for targets that it serves: on x86, files for ARM and for accelerators with int8 activations are run
too, but only shown, in brackets.
"""

import argparse
import fnmatch
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import openvino
from onnx import numpy_helper
from PIL import Image
from safetensors.numpy import load_file, save_file
from videos import write_video

CACHE = Path(os.environ.get("BANTAM_QUANTIZED", Path.home() / ".cache/bantam/quantized"))
# Networks with the inputs they are made for here: smaller than published, so that a run takes seconds.
NETWORKS = {
    "simple_cnn": "1x28x28",
    "cifar_resnet20": "3x32x32",
    "cifar_resnet56": "3x32x32",
    "resnet18": "3x64x64",
    "mobilenet_v2": "3x64x64",
    "mobilenet_v3_small": "3x64x64",
    "efficientnet_lite0": "3x64x64",
    "shufflenet_v2_x0_5": "3x64x64",
    "squeezenet1_1": "3x64x64",
    "r3d_18": "3x8x32x32",
    "r2plus1d_18": "3x8x32x32",
    "x3d_xs": "3x4x64x64",
}
TARGETS = ["x86-vnni", "x86", "arm-dot", "npu-2d"]
SAMPLES = 4


@dataclass
class Case:
    network: str
    method: str

    @property
    def name(self):
        return f"{self.network}.{self.method}"

    @property
    def folder(self):
        return CACHE / self.name

    @property
    def is_for_openvino(self):
        return self.method.startswith("x86") or self.method == "dynamic"

    @property
    def shape(self):
        return [int(size) for size in NETWORKS[self.network].split("x")]


def cases():
    for network in NETWORKS:
        for method in [*TARGETS, "dynamic"]:
            yield Case(network, method)


# Data


def patterns(random, count, height, width, channels):
    """Smooth coloured pictures, [count, height, width, channels], uint8."""
    coarse = random.uniform(0, 255, (count, 4, 4, channels)).astype(np.uint8)
    pictures = []
    for picture in coarse:
        planes = [
            np.asarray(Image.fromarray(picture[..., channel]).resize((width, height), Image.BICUBIC))
            for channel in range(channels)]
        pictures.append(np.stack(planes, axis=-1))
    noise = random.normal(0, 12, (count, height, width, channels))
    return np.clip(np.stack(pictures) + noise, 0, 255).astype(np.uint8)


def calibration_data(shape):
    """A folder of unlabelled pictures, or of videos for networks of clips."""
    folder = CACHE / "data" / "x".join(map(str, shape))
    if folder.exists():
        return folder
    folder.mkdir(parents=True)
    random = np.random.default_rng(1)
    height, width = shape[-2:]
    for index in range(32 if len(shape) == 3 else 8):
        if len(shape) == 3:
            picture = patterns(random, 1, height, width, shape[0])[0]
            Image.fromarray(picture.squeeze()).save(folder / f"{index}.png")
        else:
            write_video(folder / f"{index}.avi", patterns(random, 24, height, width, 3))
    return folder


def network_input(shape):
    """float32 [N, C, ...], as normalized images are spread: a dim one, a dark one, one as usual, and a bright one."""
    random = np.random.default_rng(2)
    frames = int(np.prod(shape[1:-2]))
    pictures = patterns(random, SAMPLES * frames, *shape[-2:], shape[0]).astype(np.float32)
    pictures = pictures.reshape(SAMPLES, frames, *shape[-2:], shape[0]).transpose(0, 4, 1, 2, 3)
    samples = ((pictures - 128) / 64).reshape(SAMPLES, *shape)
    contrast, brightness = (
        np.array(values).reshape(SAMPLES, *[1] * len(shape)) for values in ([0.1, 0.5, 1, 1], [0, -1.5, 0, 1]))
    return (samples * contrast + brightness).astype(np.float32)


# Models


def give_unit_variance(path, inputs):
    """Scales the weights of each layer so that its results spread as in a trained network.

    With the random weights of a new network, whose statistics no training has measured, activations vanish: logits of
    1e-8 say nothing about integers.
    """
    model = onnx.load(path)
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    outputs = list(model.graph.output)
    for node in model.graph.node:
        if node.op_type not in ("Conv", "Gemm", "MatMul") or node.input[1] not in constants:
            continue
        del model.graph.output[:]
        model.graph.output.append(onnx.helper.make_empty_tensor_value_info(node.output[0]))
        deviation = run_in_onnxruntime(model, inputs, onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC)[0].std()
        for name in node.input[1:]:
            tensor = constants[name]
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor) / deviation, name))
    del model.graph.output[:]
    model.graph.output.extend(outputs)
    onnx.save(model, path)


def make(case, binaries):
    case.folder.mkdir(parents=True, exist_ok=True)
    original = CACHE / f"{case.network}.onnx"
    command = [binaries / "bantam"]
    if not original.exists():
        subprocess.run(
            [*command, "create", case.network, "--classes", "10", "--input-shape", NETWORKS[case.network], "--seed", "1",
             "-o", original], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        give_unit_variance(original, network_input(case.shape))
    options = ["--dynamic"] if case.method == "dynamic" else [
        "--target", case.method, "--data", calibration_data(case.shape), "--samples", "32"]
    subprocess.run(
        [*command, "quantize", original, *options, "--threads", "1", "-o", case.folder / "model.onnx"], check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    save_file({"input": network_input(case.shape)}, case.folder / "input.safetensors")


class Steps:
    """Finds the last layer of a quantized model, and how far a step of its input moves each logit."""

    def __init__(self, model):
        self.constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
        self.producers = {name: node for node in model.graph.node for name in node.output}
        layer = self.last_layer(self.producers[model.graph.output[0].name])
        is_integer = layer.op_type.endswith("Integer")
        weight, scales = (self.integer_weight if is_integer else self.dequantized_weight)(layer)
        axes = tuple(range(1, weight.ndim)) if self.lists_outputs_first(layer) else (0,)
        self.magnitudes = np.abs(weight.astype(np.float64)).sum(axis=axes) * scales
        self.scale_name = self.activation_scale(layer)

    def last_layer(self, node):
        """Back through what adds the bias, scales and averages."""
        while node.op_type not in ("Gemm", "MatMul", "Conv", "MatMulInteger", "ConvInteger"):
            behind = [self.producers[name] for name in node.input if name in self.producers]
            behind = [other for other in behind if other.op_type != "DynamicQuantizeLinear"]
            # Of a product with a scale, the side that is not a scale of scales.
            node = next((other for other in behind if other.op_type != "Mul"), behind[0])
        return node

    @staticmethod
    def lists_outputs_first(layer):
        transposed = any(attribute.name == "transB" and attribute.i for attribute in layer.attribute)
        return transposed or layer.op_type in ("Conv", "ConvInteger")

    def dequantized_weight(self, layer):
        unpacking = self.producers[layer.input[1]]
        assert unpacking.op_type == "DequantizeLinear", f"{layer.name} holds float weights"
        return self.constants[unpacking.input[0]], self.constants[unpacking.input[1]]

    def integer_weight(self, layer):
        stored = layer.input[1]
        # Scales of the weights and of the input are multiplied with each other, then with the sums.
        scale = layer_scale(self.producers, self.constants, layer.output[0])
        return self.constants[stored], scale.reshape(-1)

    def activation_scale(self, layer):
        """The name of a constant, or of an output of DynamicQuantizeLinear."""
        node = self.producers[layer.input[0]]
        while node.op_type not in ("DequantizeLinear", "DynamicQuantizeLinear"):
            node = self.producers[node.input[0]]
        return node.input[1] if node.op_type == "DequantizeLinear" else node.output[1]


def layer_scale(producers, constants, sums):
    """The constant scales that the sums of an integer layer are multiplied with."""
    readers = [node for node in producers.values() if sums in node.input]
    while readers:
        node = readers[0]
        if node.op_type == "Mul":
            other = next(name for name in node.input if name != sums)
            if other in constants:
                return constants[other]
            return next(constants[name] for name in producers[other].input if name in constants)
        sums = node.output[0]
        readers = [node for node in producers.values() if sums in node.input]
    raise ValueError("no scales behind the sums")


# Runtimes


def in_onnxruntime(path, inputs, level, extra=()):
    model = onnx.load(path)
    for name in extra:
        model.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    return run_in_onnxruntime(model, inputs, level)


def run_in_onnxruntime(model, inputs, level):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    options.graph_optimization_level = level
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: inputs})


def in_openvino(path, inputs):
    settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}
    core = openvino.Core()
    return core.compile_model(core.read_model(path), "CPU", settings)(inputs)[0]


def compare(case, binaries):
    """For each other runtime the largest difference in steps; and how far the samples' logits lie apart, in steps."""
    make(case, binaries)
    subprocess.run([binaries / "BantamConformance", "logits", case.folder], check=True)
    path = case.folder / "model.onnx"
    inputs = load_file(case.folder / "input.safetensors")["input"]
    own = load_file(case.folder / "bantam.safetensors")["output"]
    levels = onnxruntime.GraphOptimizationLevel
    steps = Steps(onnx.load(path))
    if steps.scale_name in steps.constants:
        scale = steps.constants[steps.scale_name]
        literal, = in_onnxruntime(path, inputs, levels.ORT_DISABLE_ALL)
    else:
        literal, scale = in_onnxruntime(path, inputs, levels.ORT_DISABLE_ALL, [steps.scale_name])
    step = scale * steps.magnitudes
    others = {
        "literal": literal,
        "fused": in_onnxruntime(path, inputs, levels.ORT_ENABLE_ALL)[0],
        "openvino": in_openvino(path, inputs),
    }
    save_file({"bantam": own, "step": step.astype(np.float32), **others}, case.folder / "logits.safetensors")
    differences = {name: float((np.abs(logits - own) / step).max()) for name, logits in others.items()}
    return differences, float(((own.max(axis=0) - own.min(axis=0)) / step).max())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", nargs="*", help="names of cases, with * and ?")
    parser.add_argument("--binaries", type=Path, required=True, help="the folder of bantam and BantamConformance")
    options = parser.parse_args()
    chosen = [
        case for case in cases()
        if not options.patterns or any(fnmatch.fnmatch(case.name, pattern) for pattern in options.patterns)]
    print("Largest difference of a logit from Bantam's simulation, in quantization steps, and how many steps the logits of")
    print("different samples lie apart.\n")
    print("| case | ONNX Runtime, as written | ONNX Runtime, fused | OpenVINO | spread of logits | |")
    print("| --- | ---: | ---: | ---: | ---: | --- |")
    failed = 0
    for case in chosen:
        try:
            differences, spread = compare(case, options.binaries)
            cells = [f"{value:.3f}" for value in (*differences.values(), spread)]
            if not case.is_for_openvino:
                cells[2] = f"({cells[2]})"
                del differences["openvino"]
            passed = all(value <= 1 for value in differences.values())
            reason = "" if passed else "FAILED"
        except subprocess.CalledProcessError as error:
            reason = (error.stderr or b"").decode().strip().split("\n")[-1] or str(error)
            cells, passed = ["-"] * 4, False
        except Exception as error:
            cells, passed, reason = ["-"] * 4, False, f"{type(error).__name__}: {error}"[:200]
        failed += not passed
        print(f"| {case.name} | {' | '.join(cells)} | {reason} |", flush=True)
    print(f"\npassed / all: {len(chosen) - failed} / {len(chosen)}")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
