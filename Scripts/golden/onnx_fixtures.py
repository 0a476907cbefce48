"""Writes Tests/Fixtures/onnx: small ONNX files, valid and malformed, as other programs would write them.

usage: python Scripts/golden/onnx_fixtures.py

Needs onnx==1.16.2. Each file in malformed/ breaks one rule and is named after it; MalformedFileTests.swift says which
error each must give.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, helper, numpy_helper
from onnx.helper import make_node, make_tensor, make_tensor_value_info

FOLDER = Path(__file__).parents[2] / "Tests/Fixtures/onnx"
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def image(name, *shape):
    return make_tensor_value_info(name, FLOAT, shape)


def model(nodes, inputs, outputs, weights=(), opset=17, **fields):
    graph = helper.make_graph(nodes, "fixture", inputs, outputs, list(weights))
    fields.setdefault("opset_imports", [helper.make_opsetid("", opset)])
    return helper.make_model(graph, producer_name="fixtures", producer_version="1", ir_version=8, **fields)


def relu(weights=(), **fields):
    """The smallest model: one Relu."""
    return model([make_node("Relu", ["x"], ["y"], name="relu")], [image("x", "N", 4)], [image("y", "N", 4)], weights, **fields)


def save(name, proto):
    path = FOLDER / f"{name}.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(proto if isinstance(proto, bytes) else proto.SerializeToString(deterministic=True))


def random(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


# ---- Valid models --------------------------------------------------------------------------------------------------

def image_classifier():
    """Convolution, normalization, pooling and a linear layer, with metadata."""
    proto = model(
        [
            make_node("Conv", ["image", "conv.weight", "conv.bias"], ["conv"], name="conv", kernel_shape=[3, 3],
                      pads=[1, 1, 1, 1], strides=[2, 2]),
            make_node("BatchNormalization", ["conv", "bn.scale", "bn.bias", "bn.mean", "bn.var"], ["bn"], name="bn",
                      epsilon=1e-3),
            make_node("Clip", ["bn", "", "six"], ["clip"], name="clip"),
            make_node("GlobalAveragePool", ["clip"], ["pool"], name="pool"),
            make_node("Flatten", ["pool"], ["flat"], name="flat"),
            make_node("Gemm", ["flat", "fc.weight", "fc.bias"], ["logits"], name="fc", transB=1),
        ],
        [image("image", "N", 3, 16, 16)], [image("logits", "N", 5)],
        [
            numpy_helper.from_array(random(4, 3, 3, 3), "conv.weight"), numpy_helper.from_array(random(4), "conv.bias"),
            numpy_helper.from_array(np.ones(4, np.float32), "bn.scale"), numpy_helper.from_array(random(4), "bn.bias"),
            numpy_helper.from_array(random(4, seed=1), "bn.mean"), numpy_helper.from_array(np.ones(4, np.float32), "bn.var"),
            numpy_helper.from_array(np.float32(6), "six"),
            numpy_helper.from_array(random(5, 4), "fc.weight"), numpy_helper.from_array(random(5), "fc.bias"),
        ])
    helper.set_model_props(proto, {"bantam.classes": '["a","b","c","d","é"]', "other": ""})
    return proto


def clip_classifier():
    """A video model: five dimensions, of which three are free."""
    return model(
        [
            make_node("Conv", ["clip", "weight"], ["conv"], name="conv", kernel_shape=[3, 3, 3], pads=[1] * 6),
            make_node("Relu", ["conv"], ["relu"], name="relu"),
            make_node("ReduceMean", ["relu"], ["scores"], name="mean", axes=[2, 3, 4], keepdims=0),
        ],
        [image("clip", "N", 3, "T", "S", "S")], [image("relu", "N", 2, "T", "S", "S"), image("scores", "N", 2)],
        [numpy_helper.from_array(random(2, 3, 3, 3, 3), "weight")])


def stored(raw):
    """The same numbers in every element type, as raw bytes or in the field for the type."""
    values = {
        "float32": (FLOAT, [2, 3], [0.5, -1.5, 2, 3, 4, 5]),
        "float64": (TensorProto.DOUBLE, [2], [0.1, -2]),
        "float16": (TensorProto.FLOAT16, [3], [0.5, -1.25, 65504]),
        "bfloat16": (TensorProto.BFLOAT16, [3], [0.5, -1.25, 3]),
        "int64": (INT64, [2], [-(2**63), 2**63 - 1]),
        "int32": (TensorProto.INT32, [2], [-(2**31), 2**31 - 1]),
        "int16": (TensorProto.INT16, [2], [-(2**15), 2**15 - 1]),
        "int8": (TensorProto.INT8, [3], [-128, -1, 127]),
        "int4": (TensorProto.INT4, [5], [-8, -1, 0, 3, 7]),
        "uint64": (TensorProto.UINT64, [2], [0, 2**64 - 1]),
        "uint32": (TensorProto.UINT32, [2], [0, 2**32 - 1]),
        "uint16": (TensorProto.UINT16, [2], [0, 2**16 - 1]),
        "uint8": (TensorProto.UINT8, [2], [0, 255]),
        "uint4": (TensorProto.UINT4, [3], [0, 9, 15]),
        "bool": (TensorProto.BOOL, [3], [1, 0, 1]),
        "scalar": (FLOAT, [], [7]),
        "empty": (INT64, [0], []),
    }
    tensors = []
    for name, (dtype, shape, numbers) in values.items():
        tensor = make_tensor(name, dtype, shape, numbers)
        if raw:
            array = numpy_helper.to_array(tensor)
            if dtype == TensorProto.BFLOAT16:
                data = (array.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16).tobytes()
            elif dtype in (TensorProto.INT4, TensorProto.UINT4):
                data = bytes(pair & 0xFF for pair in tensor.int32_data)
            else:
                data = array.tobytes()
            tensor = make_tensor(name, dtype, shape, data, raw=True)
        tensors.append(tensor)
    return relu(tensors, opset=21)


def constants():
    """Every kind of Constant node, and an initializer that is also listed as an input."""
    proto = model(
        [
            make_node("Constant", [], ["tensor"], value=numpy_helper.from_array(random(4))),
            make_node("Constant", [], ["float"], value_float=2.5),
            make_node("Constant", [], ["floats"], value_floats=[1.0, 2, 3, 4]),
            make_node("Constant", [], ["int"], value_int=-3),
            make_node("Constant", [], ["ints"], value_ints=[4, 1]),
            make_node("Add", ["x", "tensor"], ["a"]), make_node("Mul", ["a", "float"], ["b"]),
            make_node("Add", ["b", "floats"], ["c"]), make_node("Sub", ["c", "default"], ["d"]),
            make_node("Reshape", ["d", "ints"], ["y"]),
        ],
        [image("x", 1, 4), image("default", 4)], [image("y", 4, 1)],
        [numpy_helper.from_array(random(4, seed=2), "default")])
    return proto


def functions():
    """A function with an attribute and a default, called by another one, which passes its first input through."""
    opset = [helper.make_opsetid("", 17)]
    leaky = helper.make_function(
        "local", "Leaky", ["a"], ["b"],
        [make_node("LeakyRelu", ["a"], ["t"], name="inner"), make_node("Elu", ["t"], ["b"])], opset, ["slope"])
    reference = AttributeProto(name="alpha", type=AttributeProto.FLOAT, ref_attr_name="slope")
    leaky.node[0].attribute.append(reference)
    elu = AttributeProto(name="alpha", type=AttributeProto.FLOAT, ref_attr_name="scale")
    leaky.node[1].attribute.append(elu)
    leaky.attribute_proto.append(helper.make_attribute("scale", 0.75))
    block = helper.make_function(
        "local", "Block", ["p", "unused"], ["q", "p"],
        [make_node("Leaky", ["p"], ["r"], domain="local", slope=0.25), make_node("Neg", ["r"], ["q"])],
        opset + [helper.make_opsetid("local", 1)])
    return model(
        [
            make_node("Block", ["x"], ["h", "same"], name="block", domain="local"),
            make_node("Leaky", ["h"], ["g"], domain="local", slope=0.5),
            make_node("Add", ["g", "same"], ["y"]),
        ],
        [image("x", "N", 4)], [image("y", "N", 4)], functions=[leaky, block],
        opset_imports=opset + [helper.make_opsetid("local", 1)])


def branches():
    """A control-flow node whose bodies read a value of the graph around them."""
    def body(name, operator):
        node = make_node(operator, ["h"], [f"{name}_y"])
        return helper.make_graph([node], name, [], [image(f"{name}_y", "N", 4)])
    return model(
        [
            make_node("Relu", ["x"], ["h"]),
            make_node("If", ["condition"], ["y"], name="if", then_branch=body("then", "Neg"),
                      else_branch=body("else", "Exp")),
        ],
        [image("x", "N", 4), make_tensor_value_info("condition", TensorProto.BOOL, [])], [image("y", "N", 4)])


def steady_flow():
    """Control flow whose course is fixed, as exporters by tracing write it.

    A loop of two turns puts rows 0:1 and 1:3 of x into a sequence, to which row 3: is appended; the last two are joined,
    and their middle axis is squeezed if its size is 1, which it is not.
    """
    def constant(name, value):
        return make_node("Constant", [], [name], value=numpy_helper.from_array(np.array(value)))

    body = helper.make_graph(
        [
            constant("one", 1), make_node("Add", ["turn", "one"], ["next"]),
            make_node("Gather", ["bounds", "turn"], ["start"]), make_node("Gather", ["bounds", "next"], ["end"]),
            make_node("Slice", ["x", "start", "end", "axis"], ["part"], name="cut"),
            make_node("SequenceInsert", ["parts", "part"], ["more"]), make_node("Identity", ["goes_on"], ["goes_on_then"]),
        ],
        "body",
        [make_tensor_value_info("turn", TensorProto.INT64, []), make_tensor_value_info("goes_on", TensorProto.BOOL, []),
         helper.make_tensor_sequence_value_info("parts", TensorProto.FLOAT, None)],
        [make_tensor_value_info("goes_on_then", TensorProto.BOOL, []),
         helper.make_tensor_sequence_value_info("more", TensorProto.FLOAT, None)])
    then = helper.make_graph(
        [constant("squeezed_axis", [1]), make_node("Squeeze", ["joined", "squeezed_axis"], ["squeezed"])], "then", [],
        [make_tensor_value_info("squeezed", FLOAT, None)])
    otherwise = helper.make_graph([make_node("Neg", ["joined"], ["kept"], name="negate")], "else", [], [make_tensor_value_info("kept", FLOAT, None)])
    return model(
        [
            constant("turns", 2), constant("always", True), constant("bounds", [[0], [1], [3]]), constant("axis", [1]),
            make_node("SequenceEmpty", [], ["none"], dtype=TensorProto.FLOAT),
            make_node("Loop", ["turns", "always", "none"], ["two"], name="loop", body=body),
            constant("four", [4]), constant("three", [3]), make_node("Slice", ["x", "three", "four", "axis"], ["rest"]),
            make_node("SequenceInsert", ["two", "rest"], ["all"]), constant("last", -1), constant("second", 1),
            make_node("SequenceAt", ["all", "second"], ["b"]), make_node("SequenceAt", ["all", "last"], ["c"]),
            make_node("Concat", ["b", "c"], ["joined"], axis=1),
            make_node("Shape", ["joined"], ["shape"]), make_node("Gather", ["shape", "second"], ["size"]),
            make_node("Equal", ["size", "second"], ["is_one"]),
            make_node("If", ["is_one"], ["y"], name="if", then_branch=then, else_branch=otherwise),
        ],
        [image("x", "N", 4, 2)], [image("y", "N", 3, 2)])


def loose():
    """What files get away with: nodes out of order, sizes without names, no node names, an old attribute type."""
    proto = model(
        [make_node("Add", ["h", "h"], ["y"]), make_node("LeakyRelu", ["x"], ["h", ""], alpha=0.5)],
        [image("x", None, 4, -1, "x_0")], [image("y", None, 4, None, None)])
    proto.graph.node[1].attribute[0].type = AttributeProto.UNDEFINED
    proto.opset_import[0].domain = "ai.onnx"
    return proto


def external():
    weight = numpy_helper.from_array(random(4, 4), "weight")
    bias = numpy_helper.from_array(random(4, seed=3), "bias")
    data = weight.raw_data + b"\0" * 64 + bias.raw_data
    (FOLDER / "weights").mkdir(exist_ok=True)
    (FOLDER / "weights/model.bin").write_bytes(data)
    for tensor, offset in ((weight, None), (bias, 128)):
        point_outside(tensor, "weights/model.bin", offset, None if offset is None else 16)
    return gemm(weight, bias)


def gemm(weight, bias=None):
    names = ["x", "weight"] + (["bias"] if bias else [])
    return model([make_node("Gemm", names, ["y"], name="fc")], [image("x", "N", 4)], [image("y", "N", 4)],
                 [weight] + ([bias] if bias else []))


def point_outside(tensor, location, offset=None, length=None):
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", offset), ("length", length)):
        if value is not None:
            entry = tensor.external_data.add()
            entry.key, entry.value = key, str(value)


def save_valid():
    save("image_classifier", image_classifier())
    save("clip_classifier", clip_classifier())
    save("stored_raw", stored(raw=True))
    save("stored_typed", stored(raw=False))
    save("constants", constants())
    save("functions", functions())
    save("branches", branches())
    save("steady_flow", steady_flow())
    save("loose", loose())
    save("external", external())

    image4 = image("x", "N", 3, 4, 5)
    save("softmax_11", model(
        [make_node("Softmax", ["x"], ["all"], name="all"), make_node("Softmax", ["x"], ["last"], name="last", axis=3),
         make_node("LogSoftmax", ["flat"], ["rows"], name="rows")],
        [image4, image("flat", "N", 10)], [image("all", "N", 3, 4, 5), image("last", "N", 3, 4, 5), image("rows", "N", 10)],
        opset=11))
    save("softmax_chain_11", model(
        [make_node("Softmax", [a], [b]) for a, b in ("xt", "tu", "uy")], [image4], [image("y", "N", 3, 4, 5)], opset=11))
    save("forms_11", model(
        [make_node("ReduceSum", ["x"], ["sum"], name="sum", axes=[2]), make_node("Squeeze", ["sum"], ["s"], name="squeeze", axes=[2]),
         make_node("Unsqueeze", ["s"], ["u"], name="unsqueeze", axes=[0]), make_node("Dropout", ["u"], ["d"], name="drop", ratio=0.25),
         make_node("Split", ["x"], ["p", "q"], name="split", axis=1, split=[1, 2])],
        [image4], [image("d", 1, "N", 3, 5), image("p", "N", 1, 4, 5), image("q", "N", 2, 4, 5)], opset=11))
    save("forms_9", model(
        [make_node("Upsample", ["x", "scales"], ["up"], name="up"), make_node("Clip", ["up"], ["clip"], name="clip", min=0.0),
         make_node("Pad", ["clip"], ["pad"], name="pad", pads=[0, 0, 1, 0, 0, 0, 0, 2], value=3.0),
         make_node("Slice", ["pad"], ["slice"], name="slice", starts=[1], ends=[9], axes=[2]),
         make_node("TopK", ["slice"], ["y", "places_y"], name="top", k=2),
         make_node("Scatter", ["x", "places", "x"], ["z"], name="scatter", axis=3)],
        [image("x", "N", 3, 4, 5), make_tensor_value_info("places", INT64, ["N", 3, 4, 5])],
        [image("y", "N", 3, 8, 2), image("z", "N", 3, 4, 5)],
        [numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "scales")], opset=9))
    save("resize_10", model(
        [make_node("Resize", ["x", "scales"], ["y"], name="up")], [image4], [image("y", "N", 3, 8, 10)],
        [numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "scales")], opset=10))
    # As MXNet wrote it: 0 was to mean a statistic for each element.
    norm = ["scale", "bias", "mean", "var"]
    save("batch_norm_8", model(
        [make_node("BatchNormalization", ["x", *norm], ["y"], name="norm", spatial=0)], [image4], [image("y", "N", 3, 4, 5)],
        [numpy_helper.from_array(np.array([1, 2, 3], np.float32), name) for name in norm], opset=8))
    axes = numpy_helper.from_array(np.array([2, 3]), "axes")
    save("forms_18", model(
        [make_node("ReduceMean", ["x", "axes"], ["mean"], name="mean"),
         make_node("Split", ["x"], ["p", "q"], name="split", axis=2, num_outputs=2)],
        [image("x", "N", 3, 5, 4)], [image("mean", "N", 3, 1, 1), image("p", "N", 3, 3, 4), image("q", "N", 3, 2, 4)],
        [axes], opset=18))
    save("newest", model(
        [make_node("Gelu", ["x"], ["g"], name="gelu"), make_node("ReduceMean", ["g", "axes"], ["y"], name="mean")],
        [image4], [image("y", "N", 3, 1, 1)], [axes], opset=20))
    scale = [numpy_helper.from_array(np.array(v, np.float32), n) for n, v in (("scale", [1, 2]), ("bias", [0.5, -1]))]
    save("group_norm_18", model(
        [make_node("GroupNormalization", ["x", "scale", "bias"], ["y"], name="norm", num_groups=2)],
        [image("x", "N", 6, 4, 5)], [image("y", "N", 6, 4, 5)], scale, opset=18))


# ---- Malformed files -----------------------------------------------------------------------------------------------

def broken(name, proto, change=None):
    if change:
        change(proto)
    save(f"malformed/{name}", proto)


def nested(depth):
    """A graph in a graph in a graph. Written byte by byte, as protobuf's own limit stops short of it."""
    def field(number, payload):
        length, count = b"", len(payload)
        while count >= 0x80:
            length, count = length + bytes([count & 0x7F | 0x80]), count >> 7
        return bytes([number << 3 | 2]) + length + bytes([count]) + payload

    graph = b""
    for _ in range(depth):
        attribute = field(1, b"body") + field(6, graph) + b"\xa0\x01\x05"  # type: GRAPH
        graph = field(1, field(4, b"Loop") + field(5, attribute))
    return relu().SerializeToString() + field(7, graph)


def save_malformed():
    small = relu().SerializeToString()
    broken("empty_file", b"")
    broken("truncated", small[:-5])
    broken("not_protobuf", b"This is a text, not a model.\n")
    broken("wire_type", b"\x0f" + small)
    broken("field_zero", b"\x00\x01" + small)
    broken("long_number", b"\x08" + b"\xff" * 11 + small)
    broken("length_past_end", small + b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f")
    broken("invalid_utf8", relu(), lambda m: setattr(m, "producer_name", "name"))
    (FOLDER / "malformed/invalid_utf8.onnx").write_bytes(
        relu().SerializeToString().replace(b"fixtures", b"fixtur\xff\xfe"))
    broken("missing_graph", relu(), lambda m: m.ClearField("graph"))
    broken("missing_opset", relu(), lambda m: m.ClearField("opset_import"))
    broken("opset_6", model([make_node("Add", ["x", "b"], ["y"], broadcast=1, axis=1)], [image("x", "N", 4)],
                            [image("y", "N", 4)], [numpy_helper.from_array(random(4), "b")], opset=6))
    broken("opset_25", relu(opset=25))
    broken("nested_graphs", nested(40))

    broken("unnamed_input", relu(), lambda m: setattr(m.graph.input[0], "name", ""))
    broken("unnamed_initializer", relu([make_tensor("", FLOAT, [1], [1])]))
    broken("duplicate_output", relu(), lambda m: m.graph.node.append(make_node("Neg", ["x"], ["y"])))
    broken("duplicate_initializer", relu([make_tensor("w", FLOAT, [1], [1]), make_tensor("w", FLOAT, [1], [2])]))
    broken("undefined_value", relu(), lambda m: m.graph.node[0].input.__setitem__(0, "nowhere"))
    broken("undefined_output", relu(), lambda m: setattr(m.graph.output[0], "name", "nowhere"))
    broken("cycle", model([make_node("Add", ["x", "b"], ["a"], name="first"), make_node("Relu", ["a"], ["b"], name="second")],
                          [image("x", 4)], [image("b", 4)]))
    broken("missing_operator", relu(), lambda m: setattr(m.graph.node[0], "op_type", ""))

    broken("input_without_shape", relu(), lambda m: m.graph.input[0].type.tensor_type.ClearField("shape"))
    broken("input_too_large", relu(), lambda m: [
        setattr(d, "dim_value", 2**62) for d in m.graph.input[0].type.tensor_type.shape.dim])
    broken("sequence_input", relu(), lambda m: m.graph.input[0].CopyFrom(
        helper.make_tensor_sequence_value_info("x", FLOAT, [4])))
    broken("string_input", relu(), lambda m: setattr(m.graph.input[0].type.tensor_type, "elem_type", TensorProto.STRING))

    broken("negative_dimension", relu([TensorProto(name="w", data_type=FLOAT, dims=[2, -3], raw_data=b"\0" * 24)]))
    broken("overflowing_shape", relu([TensorProto(name="w", data_type=FLOAT, dims=[2**40, 2**40], raw_data=b"")]))
    broken("too_many_axes", relu([TensorProto(name="w", data_type=FLOAT, dims=[1] * 65, raw_data=b"\0" * 4)]))
    broken("raw_data_short", relu([TensorProto(name="w", data_type=FLOAT, dims=[2, 3], raw_data=b"\0" * 20)]))
    broken("raw_data_long", relu([TensorProto(name="w", data_type=FLOAT, dims=[2, 3], raw_data=b"\0" * 25)]))
    # Two numbers to a byte: five take three.
    broken("int4_short", relu([TensorProto(name="w", data_type=TensorProto.INT4, dims=[5], raw_data=b"\0" * 2)]))
    broken("uint4_long", relu([TensorProto(name="w", data_type=TensorProto.UINT4, dims=[5], raw_data=b"\0" * 5)]))
    broken("uint4_typed", relu([TensorProto(name="w", data_type=TensorProto.UINT4, dims=[5], int32_data=[1] * 5)]))
    broken("typed_data_short", relu([TensorProto(name="w", data_type=FLOAT, dims=[3], float_data=[1, 2])]))
    broken("typed_data_wrong_field", relu([TensorProto(name="w", data_type=FLOAT, dims=[2], int64_data=[1, 2])]))
    broken("number_out_of_range", relu([TensorProto(name="w", data_type=TensorProto.INT8, dims=[1], int32_data=[300])]))
    broken("string_tensor", relu([make_tensor("w", TensorProto.STRING, [1], [b"a"])]))
    broken("complex_tensor", relu([make_tensor("w", TensorProto.COMPLEX64, [1], [1j])]))
    broken("unknown_element_type", relu([TensorProto(name="w", data_type=99, dims=[1], raw_data=b"\0")]))
    broken("sparse_tensor", relu(), lambda m: m.graph.sparse_initializer.append(helper.make_sparse_tensor(
        make_tensor("w", FLOAT, [1], [1]), make_tensor("i", INT64, [1], [2]), [4])))

    attribute = helper.make_attribute("alpha", 0.5)
    broken("duplicate_attribute", relu(), lambda m: m.graph.node[0].attribute.extend([attribute, attribute]))
    broken("unnamed_attribute", relu(), lambda m: m.graph.node[0].attribute.append(
        AttributeProto(type=AttributeProto.INT, i=1)))
    broken("tensor_list_attribute", relu(), lambda m: m.graph.node[0].attribute.append(
        helper.make_attribute("list", [make_tensor("a", FLOAT, [1], [1])])))
    broken("attribute_text", relu(), lambda m: m.graph.node[0].attribute.append(helper.make_attribute("text", b"\xff\xfe")))
    broken("attribute_reference", relu(), lambda m: m.graph.node[0].attribute.append(
        AttributeProto(name="alpha", type=AttributeProto.FLOAT, ref_attr_name="slope")))
    broken("constant_without_value", relu(), lambda m: m.graph.node.append(make_node("Constant", [], ["c"])))
    broken("constant_of_text", relu(), lambda m: m.graph.node.append(make_node("Constant", [], ["c"], value_string="text")))

    def function(nodes, opset=17):
        return helper.make_function("local", "F", ["a"], ["b"], nodes,
                                    [helper.make_opsetid("", opset), helper.make_opsetid("local", 1)])

    def calling(*functions):
        return model([make_node("F", ["x"], ["y"], name="call", domain="local")], [image("x", 4)], [image("y", 4)],
                     functions=functions, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("local", 1)])

    broken("function_opset", calling(function([make_node("Neg", ["a"], ["b"])], opset=18)))
    broken("function_calls_itself", calling(function([make_node("F", ["a"], ["b"], domain="local")])))
    # Calls that double with each function, and leave no node behind.
    doubling = [function([make_node(f"F{level + 1}", ["a"], [output], domain="local") for output in "cb"])
                for level in range(28)] + [function([])]
    for level, each in enumerate(doubling):
        each.name = f"F{level}" if level else "F"
    broken("function_calls_double", calling(*doubling))
    broken("function_inputs", calling(function([make_node("Neg", ["a"], ["b"])])), lambda m: m.graph.node[0].input.append("x"))
    broken("function_with_graph", calling(function([make_node("If", ["a"], ["b"], then_branch=relu().graph)])))

    for name, location, offset, length in (
        ("external_parent", "../stored_raw.onnx", None, None),
        ("external_hidden_parent", "weights/../../image_classifier.onnx", None, None),
        ("external_absolute", "/etc/passwd", None, None),
        ("external_missing", "absent.bin", None, None),
        ("external_folder", ".", None, None),
        ("external_too_short", "not_protobuf.onnx", None, None),
        ("external_offset", "not_protobuf.onnx", 2**62, None),
        ("external_length", "not_protobuf.onnx", 0, 8),
        ("external_number", "not_protobuf.onnx", "many", None),
        ("external_negative", "not_protobuf.onnx", -4, None),
        ("external_without_location", None, 0, None),
    ):
        weight = numpy_helper.from_array(random(4, 4), "weight")
        point_outside(weight, location, offset, length)
        broken(name, gemm(weight))


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    save_valid()
    save_malformed()
    # Not all that can be read is strictly valid: `loose` is not.
    for path in sorted(FOLDER.glob("*.onnx")):
        if path.stem not in ("loose",):
            onnx.checker.check_model(path, full_check=path.stem not in ("stored_raw", "stored_typed"))
