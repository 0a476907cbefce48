"""Makes Tests/Fixtures/quantized: small INT8 networks of images and clips, and what ONNX Runtime makes of them.

Needs onnx==1.16.2, onnxruntime, numpy and safetensors, in any virtual environment. Run from the repository's root:

    python Scripts/golden/quantized_networks.py

`NAME.onnx` is a QDQ model as quantization tools write it, made by hand here: int8 weights with a scale for each
channel, int32 biases, uint8 activations. `NAME.safetensors` has

    input       float32 [N, C, H, W] or [N, C, T, H, W]
    literal     the logits with every node run as it is written
    fused       the logits by ONNX Runtime's integer kernels
    step        how far one step of the last rounded activation moves each logit at most: its scale times the sum of
                the weights' magnitudes
"""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

FOLDER = Path("Tests/Fixtures/quantized")


class Builder:
    """Appends QDQ layers; ranges of activations are chosen by running what is there so far."""

    def __init__(self, input_shape, seed):
        self.random = np.random.default_rng(seed)
        self.nodes, self.constants = [], []
        self.shape = input_shape
        self.input = self.random.normal(0, 1, input_shape).astype(np.float32)
        self.last_step = None

    def add(self, operator, inputs, output, **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def constant(self, name, array):
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def model(self, output, shape=None):
        value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        graph = helper.make_graph(
            self.nodes, "quantized", [value("input", ["N", *self.shape[1:]])], [value(output, shape)],
            self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)

    def run(self, output, level):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = level
        session = onnxruntime.InferenceSession(
            self.model(output).SerializeToString(), options, providers=["CPUExecutionProvider"])
        return session.run(None, {"input": self.input})[0]

    def literal(self, output):
        return self.run(output, onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL)

    def rounded(self, x):
        """Rounds an activation to uint8 over the range it has."""
        values = self.literal(x) if x != "input" else self.input
        lower, upper = min(values.min(), 0), max(values.max(), 0)
        scale = np.float32((upper - lower) / 255)
        zero = np.uint8(round(float(-lower / scale)))
        parameters = [self.constant(f"{x}.scale", scale), self.constant(f"{x}.zero_point", zero)]
        self.add("QuantizeLinear", [x, *parameters], f"{x}.quantized")
        self.add("DequantizeLinear", [f"{x}.quantized", *parameters], f"{x}.dequantized")
        return f"{x}.dequantized", scale

    def layer(self, operator, x, name, weight_shape, **attributes):
        rounded, scale = self.rounded(x)
        weights = self.random.normal(0, 1 / np.sqrt(np.prod(weight_shape[1:])), weight_shape).astype(np.float32)
        flat = np.abs(weights.reshape(weight_shape[0], -1))
        scales = (flat.max(axis=1) / 127).astype(np.float32)
        integers = np.rint(weights / scales.reshape(-1, *[1] * (weights.ndim - 1))).astype(np.int8)
        bias_scales = (scale * scales).astype(np.float32)
        bias = np.rint(self.random.normal(0, 0.2, weight_shape[0]) / bias_scales).astype(np.int32)
        stored = []
        for part, array, part_scales in (("weight", integers, scales), ("bias", bias, bias_scales)):
            inputs = [self.constant(f"{name}.{part}", array), self.constant(f"{name}.{part}.scale", part_scales)]
            stored.append(self.add("DequantizeLinear", inputs, f"{name}.{part}.dequantized", axis=0))
        self.last_step = scale * (np.abs(integers.reshape(weight_shape[0], -1).astype(np.float32)).sum(axis=1) * scales)
        return self.add(operator, [rounded, *stored], f"{name}.out", **attributes)


def network(space, seed):
    """Convolution, pooling, a depthwise residual block, average and classifier, over any number of axes."""
    rank = len(space)
    build = Builder((4, 3, *space), seed)
    keeping = dict(kernel_shape=[3] * rank, pads=[1] * 2 * rank)
    x = build.add("Relu", [build.layer("Conv", "input", "stem", (16, 3, *[3] * rank), **keeping)], "stem.relu")
    rounded, _ = build.rounded(x)
    pooled = build.add("MaxPool", [rounded], "pool.out", kernel_shape=[2] * rank, strides=[2] * rank)
    deep = build.add(
        "Relu", [build.layer("Conv", pooled, "depthwise", (16, 1, *[3] * rank), group=16, **keeping)], "depthwise.relu")
    wide = build.layer("Conv", deep, "pointwise", (16, 16, *[1] * rank), kernel_shape=[1] * rank)
    sum = build.add("Add", [build.rounded(wide)[0], f"{pooled}.dequantized"], "sum.out")
    mean = build.add("GlobalAveragePool", [build.rounded(build.add("Relu", [sum], "sum.relu"))[0]], "mean.out")
    flat = build.add("Flatten", [mean], "flatten.out", axis=1)
    return build, build.layer("Gemm", flat, "classifier", (10, 16), transB=1)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, space, seed in (("image", (12, 12), 1), ("clip", (4, 8, 8), 2)):
        build, output = network(space, seed)
        model = build.model(output, ["N", 10])
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, FOLDER / f"{name}.onnx")
        literal = build.literal(output)
        fused = build.run(output, onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL)
        step = build.last_step.astype(np.float32)
        save_file(
            {"input": build.input, "literal": literal, "fused": fused, "step": step}, FOLDER / f"{name}.safetensors")
        print(name, "logits up to", np.abs(literal).max(), "fused differs by", (np.abs(fused - literal) / step).max(),
              "steps")


if __name__ == "__main__":
    main()
