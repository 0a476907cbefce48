"""Writes a ResNet-50 with random weights, a file of 102 MB, to the path given."""

import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def resnet50():
    """The graph of ResNet-50 with random weights: 25.6 million parameters. BatchNorm is folded into biases."""
    nodes, weights = [], []
    generator = np.random.default_rng(0)

    def convolution(x, name, inputs, outputs, kernel, stride):
        shape = (outputs, inputs, kernel, kernel)
        weights.append(numpy_helper.from_array(generator.standard_normal(shape, np.float32), f"{name}.weight"))
        weights.append(numpy_helper.from_array(np.zeros(outputs, np.float32), f"{name}.bias"))
        pad = kernel // 2
        nodes.append(
            helper.make_node(
                "Conv", [x, f"{name}.weight", f"{name}.bias"], [name], name, kernel_shape=[kernel, kernel],
                strides=[stride, stride], pads=[pad] * 4,
            )
        )
        return name

    def relu(x):
        nodes.append(helper.make_node("Relu", [x], [f"{x}.relu"], f"{x}.relu"))
        return f"{x}.relu"

    x = relu(convolution("input", "stem", 3, 64, 7, 2))
    nodes.append(helper.make_node("MaxPool", [x], ["pool"], "pool", kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4))
    x, channels = "pool", 64
    for stage, (blocks, width) in enumerate([(3, 64), (4, 128), (6, 256), (3, 512)]):
        for block in range(blocks):
            name, stride = f"layer{stage}.{block}", 2 if stage and not block else 1
            y = relu(convolution(x, f"{name}.conv1", channels, width, 1, 1))
            y = relu(convolution(y, f"{name}.conv2", width, width, 3, stride))
            y = convolution(y, f"{name}.conv3", width, width * 4, 1, 1)
            short = x if block else convolution(x, f"{name}.downsample", channels, width * 4, 1, stride)
            nodes.append(helper.make_node("Add", [y, short], [f"{name}.add"], f"{name}.add"))
            x, channels = relu(f"{name}.add"), width * 4
    nodes.append(helper.make_node("GlobalAveragePool", [x], ["mean"], "mean"))
    nodes.append(helper.make_node("Flatten", ["mean"], ["flat"], "flat"))
    weights.append(numpy_helper.from_array(generator.standard_normal((1000, 2048), np.float32), "fc.weight"))
    weights.append(numpy_helper.from_array(np.zeros(1000, np.float32), "fc.bias"))
    nodes.append(helper.make_node("Gemm", ["flat", "fc.weight", "fc.bias"], ["logits"], "fc", transB=1))
    graph = helper.make_graph(
        nodes, "resnet50", [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 3, 224, 224])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 1000])], weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


if __name__ == "__main__":
    onnx.save(resnet50(), sys.argv[1])
