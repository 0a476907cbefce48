"""Writes the tiny models of Tests/Fixtures/edge and prints the numbers that Tests/BantamEdgeTests expects.

Also prints, as base64, the model with which Sources/BantamEdge/Measurement/WarmUpModel.swift loads the runtime.

Needs onnx==1.16.2, numpy<2 and onnxruntime (the reference), in any virtual environment. Run from the repository's root:

    python Scripts/golden/edge_models.py
"""

import base64
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path("Tests/Fixtures/edge")
FLOAT = TensorProto.FLOAT


def ramp(*shape):
    """Small exact numbers: 0, 1/8, 2/8, ... 12/8, 0, ... minus 3/4."""
    count = int(np.prod(shape))
    return (np.arange(count) % 13 / 8 - 0.75).astype(np.float32).reshape(shape)


def write(name, nodes, inputs, outputs, constants=(), domains=(), folder=FOLDER):
    value = lambda entry: helper.make_tensor_value_info(entry[0], entry[2] if len(entry) > 2 else FLOAT, entry[1])
    graph = helper.make_graph(
        nodes, name, [value(entry) for entry in inputs], [value(entry) for entry in outputs],
        [numpy_helper.from_array(array, constant) for constant, array in constants])
    opsets = [helper.make_opsetid("", 17)] + [helper.make_opsetid(domain, 1) for domain in domains]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    if not domains:
        onnx.checker.check_model(model, full_check=True)
    if folder:
        onnx.save(model, folder / f"{name}.onnx")
    return model


def expect(model, **inputs):
    options = onnxruntime.SessionOptions()
    # Every node as it is written: a fused kernel would round elsewhere.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    outputs = onnxruntime.InferenceSession(model.SerializeToString(), options).run(None, inputs)
    print(model.graph.name)
    for info, output in zip(model.graph.output, outputs):
        print(f"  {info.name} {list(output.shape)}: {[float(f'{x:.7g}') for x in output.ravel()]}")


def warm_up():
    """The layers that most vision models have, in FLOAT and INT8, with enough channels for the usual kernels.

    The weights are ConstantOfShape nodes, which the runtime computes when it compiles the model, so that the file
    has a kilobyte.
    """
    node = helper.make_node

    def filled(name, dtype, value, *shape):
        tensor = helper.make_tensor("", dtype, [1], [value])
        constants.append((name + "_shape", np.array(shape, np.int64)))
        return node("ConstantOfShape", [name + "_shape"], [name], value=tensor)

    constants = [("scale", np.float32(0.1)), ("zero", np.int8(0))]
    nodes = [
        filled("w1", FLOAT, 0.1, 16, 3, 3, 3), filled("w2", FLOAT, 0.1, 16, 1, 3, 3),
        filled("w3", TensorProto.INT8, 3, 32, 16, 3, 3), filled("w4", FLOAT, 0.1, 32, 16),
        filled("w5", TensorProto.INT8, 3, 16, 16),
        node("Conv", ["x", "w1"], ["a1"]), node("Relu", ["a1"], ["a2"]),
        node("MaxPool", ["a2"], ["a3"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", ["a3", "w2"], ["a4"], group=16, pads=[1] * 4), node("HardSwish", ["a4"], ["a5"]),
        node("Add", ["a5", "a3"], ["a6"]),
        node("QuantizeLinear", ["a6", "scale", "zero"], ["q1"]),
        node("DequantizeLinear", ["q1", "scale", "zero"], ["q2"]),
        node("DequantizeLinear", ["w3", "scale", "zero"], ["q3"]),
        node("Conv", ["q2", "q3"], ["a7"]),
        node("GlobalAveragePool", ["a7"], ["a8"]), node("Flatten", ["a8"], ["a9"]),
        node("Gemm", ["a9", "w4"], ["b1"]),
        node("QuantizeLinear", ["b1", "scale", "zero"], ["q4"]),
        node("DequantizeLinear", ["q4", "scale", "zero"], ["q5"]),
        node("DequantizeLinear", ["w5", "scale", "zero"], ["q6"]),
        node("MatMul", ["q5", "q6"], ["b2"]), node("Softmax", ["b2"], ["y"]),
    ]
    return write("warm_up", nodes, [("x", [1, 3, 16, 16])], [("y", [1, 16])], constants, folder=None)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    node = helper.make_node

    write("add", [node("Add", ["left", "right"], ["sum"])], [("left", [2, 3]), ("right", [2, 3])], [("sum", [2, 3])])

    # The batch is free, and the output is the input: an evaluation's logits are the images themselves.
    write("identity", [node("Identity", ["logits_in"], ["logits"])],
          [("logits_in", ["N", 6])], [("logits", ["N", 6])])
    # The same at a fixed batch of two; twice the input, so that an output is no alias of its input.
    write("double_of_two", [node("Add", ["pair", "pair"], ["doubled"])], [("pair", [2, 6])], [("doubled", [2, 6])])

    classifier = [
        node("Conv", ["x", "weight", "bias"], ["features"], pads=[1] * 4),
        node("Relu", ["features"], ["active"]),
        node("GlobalAveragePool", ["active"], ["pooled"]),
        node("Flatten", ["pooled"], ["y"]),
    ]
    constants = [("weight", ramp(3, 2, 3, 3)), ("bias", ramp(3))]
    model = write("conv2d", classifier, [("x", [1, 2, 4, 5])], [("y", [1, 3])], constants)
    expect(model, x=ramp(1, 2, 4, 5))
    model = write("conv2d_dynamic_batch", classifier, [("x", ["N", 2, 4, 5])], [("y", ["N", 3])], constants)
    expect(model, x=ramp(3, 2, 4, 5))

    classifier[0] = node("Conv", ["x", "weight", "bias"], ["features"], pads=[1] * 6, strides=[2, 1, 1])
    model = write("conv3d", classifier, [("x", ["N", 2, 4, 3, 5])], [("y", ["N", 2])],
                  [("weight", ramp(2, 2, 3, 3, 3)), ("bias", ramp(2))])
    expect(model, x=ramp(1, 2, 4, 3, 5))

    # Static INT8 as Bantam exports it: QuantizeLinear, DequantizeLinear, per-channel int8 weights.
    weight = (np.arange(3 * 2 * 3 * 3) % 11 - 5).astype(np.int8).reshape(3, 2, 3, 3)
    quantized = [
        node("QuantizeLinear", ["x", "x_scale", "zero"], ["x_int8"]),
        node("DequantizeLinear", ["x_int8", "x_scale", "zero"], ["x_float"]),
        node("DequantizeLinear", ["weight", "weight_scale", "weight_zero"], ["weight_float"], axis=0),
        node("Conv", ["x_float", "weight_float"], ["y"], name="quantized_conv"),
    ]
    model = write("conv2d_int8", quantized, [("x", [1, 2, 4, 5])], [("y", [1, 3, 2, 3])], [
        ("x_scale", np.float32(1 / 64)), ("zero", np.int8(0)), ("weight", weight),
        ("weight_scale", np.array([1 / 8, 1 / 16, 1 / 4], np.float32)), ("weight_zero", np.zeros(3, np.int8))])
    expect(model, x=ramp(1, 2, 4, 5))

    write("unknown_operator", [node("Wobble", ["x"], ["y"], name="wobbly", domain="bantam.test")],
          [("x", [1, 3])], [("y", [1, 3])], domains=["bantam.test"])

    whole = (FOLDER / "conv2d.onnx").read_bytes()
    (FOLDER / "truncated.onnx").write_bytes(whole[: len(whole) * 2 // 3])

    print("warm_up")
    encoded = base64.b64encode(warm_up().SerializeToString()).decode()
    for start in range(0, len(encoded), 108):
        print("   ", encoded[start : start + 108])


main()
