"""Models of the same kinds as the cases, of another architecture, size or name: a fault that is mended for a file only
shows here.

Each function writes one kind. They are drawn from fixed seeds; where a kind needs trained weights, from a case's file.
"""

import json
import shutil
from pathlib import Path

import numpy
import onnx
from onnx import helper, numpy_helper

from building import BYTE, HALF, Net
from places import CASES, digest

KINDS = {}


def variant(name, *traits):
    """Registers the function that draws `name`; `traits` as the zoo knows them: `labelled`, `knowing`."""
    def register(draw):
        KINDS[name] = draw, set(traits)
        return draw
    return register


def write(folder):
    """Triples of name, path and traits; files are written once for each state of this code."""
    own = Path(__file__).parent
    here = folder / digest([*sorted(own.glob("variants*.py")), own / "building.py"])
    if not (here / "complete").exists():
        shutil.rmtree(here, ignore_errors=True)
        here.mkdir(parents=True)
        for name, (draw, _) in KINDS.items():
            draw().save(here / f"{name}.onnx")
        (here / "complete").touch()
    return [(name, here / f"{name}.onnx", traits) for name, (_, traits) in KINDS.items()]


# Outputs that are no class scores


@variant("two-heads")
def two_heads():
    net = Net(11)
    x = net.block(net.block(net.input, 3, 12, stride=2), 12, 24, stride=2)
    boxes, scores = net.conv(x, 24, 8, kernel=1), net.op("Sigmoid", net.conv(x, 24, 5, kernel=1))
    return net.output(boxes, ("N", 8, 8, 8)).output(scores, ("N", 5, 8, 8))


@variant("depth-map")
def depth_map():
    net = Net(12)
    x = net.block(net.block(net.input, 3, 16, stride=2), 16, 24, stride=2)
    for inputs, outputs in ((24, 16), (16, 8)):
        x = net.op("Resize", x, "", net.constant([1, 1, 2, 2], numpy.float32), mode="nearest")
        x = net.block(x, inputs, outputs)
    return net.output(net.conv(x, 8, 1, kernel=1), ("N", 1, 32, 32))


@variant("embedding")
def embedding():
    """A vector of unit length: as many numbers as a classifier has scores, and none of them one."""
    net = Net(13)
    x = net.head(net.block(net.block(net.input, 3, 16, stride=2), 16, 32, stride=2), 32, 24)
    return net.output(net.op("LpNormalization", x, axis=1, p=2), ("N", 24))


# Inputs


class Rewritten:
    """A case's trained model behind another input."""

    def __init__(self, case, change):
        self.case, self.change = case, change

    def save(self, path):
        model = onnx.load(CASES / self.case)
        self.change(model.graph)
        onnx.checker.check_model(model)
        onnx.save(model, path)


def _behind_pixels(graph, shape, nodes, constants):
    """Lets `nodes`, which make `normalized` of `pixels`, stand before the graph."""
    for node in graph.node:
        node.input[:] = ["normalized" if name == "x" else name for name in node.input]
    for node in reversed(nodes):
        graph.node.insert(0, node)
    graph.initializer.extend(numpy_helper.from_array(numpy.array(value, numpy.float32), name)
                             for name, value in constants.items())
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info("pixels", BYTE, shape))


def _statistics():
    twin = onnx.load(CASES / "uint8-classifier-float-twin.onnx")
    metadata = {entry.key: entry.value for entry in twin.metadata_props}
    told = json.loads(metadata["bantam.preprocessing"])
    return (numpy.array(told[key]).reshape(1, 3, 1, 1) for key in ("mean", "std"))


@variant("pixels-by-scale", "labelled", "knowing")
def pixels_by_scale():
    """uint8, normalized by one multiplication and one addition."""
    mean, deviation = _statistics()
    nodes = [
        helper.make_node("Cast", ["pixels"], ["numbers"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Mul", ["numbers", "factor"], ["scaled"]),
        helper.make_node("Add", ["scaled", "shift"], ["normalized"])]
    constants = {"factor": 1 / (255 * deviation), "shift": -mean / deviation}
    return _without_metadata(lambda graph: _behind_pixels(graph, ["N", 3, 32, 32], nodes, constants))


@variant("pixels-last", "labelled", "knowing")
def pixels_last():
    """uint8 with the channels last."""
    mean, deviation = _statistics()
    nodes = [
        helper.make_node("Cast", ["pixels"], ["numbers"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Transpose", ["numbers"], ["first"], perm=[0, 3, 1, 2]),
        helper.make_node("Sub", ["first", "middle"], ["centred"]),
        helper.make_node("Div", ["centred", "spread"], ["normalized"])]
    constants = {"middle": 255 * mean, "spread": 255 * deviation}
    return _without_metadata(lambda graph: _behind_pixels(graph, ["N", 32, 32, 3], nodes, constants))


def _without_metadata(change):
    """A change after which nothing says how samples are wanted: the graph itself does it."""
    rewritten = Rewritten("uint8-classifier-float-twin.onnx", change)

    def save(path):
        Rewritten.save(rewritten, path)
        model = onnx.load(path)
        del model.metadata_props[:]
        onnx.save(model, path)
    rewritten.save = save
    return rewritten


@variant("channels-last")
def channels_last():
    net = Net(21, ("batch", 24, 40, 3), name="picture")
    x = net.op("Transpose", net.input, perm=[0, 3, 1, 2])
    x = net.block(net.block(x, 3, 12, kernel=5), 12, 28, stride=2)
    return net.output(net.head(x, 28, 7), ("batch", 7))


@variant("half-precision")
def half_precision():
    net = Net(22, dtype=HALF)
    x = net.block(net.block(net.input, 3, 20, stride=2), 20, 20, activation="HardSwish")
    return net.output(net.head(x, 20, 6), ("N", 6))


@variant("free-extent")
def free_extent():
    net = Net(23, ("N", 3, "rows", "columns"))
    x = net.block(net.block(net.input, 3, 24), 24, 40, stride=2)
    return net.output(net.head(net.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]), 40, 10), ("N", 10))


@variant("pair-of-images")
def pair_of_images():
    net = Net(24, name="left")
    sides = [net.block(net.block(side, 3, 10, stride=2), 10, 20, stride=2)
             for side in (net.input, net.add_input("right", ("N", 3, 32, 32)))]
    return net.output(net.head(net.op("Concat", *sides, axis=1), 40, 5), ("N", 5))


@variant("one-at-a-time", "labelled")
def one_at_a_time():
    """A batch of one, fixed in the input and in a Reshape."""
    net = Net(25, (1, 3, 32, 32))
    x = net.block(net.block(net.input, 3, 16, stride=2), 16, 32, stride=2)
    flat = net.op("Reshape", net.op("GlobalAveragePool", x), net.constant([1, 32], numpy.int64))
    return net.output(net.op("Gemm", flat, net.weights(3, 32, gain=3), transB=1), (1, 3))


@variant("six-at-a-time", "labelled")
def six_at_a_time():
    net = Net(26, (6, 3, 32, 32))
    x = net.block(net.block(net.input, 3, 8, stride=2), 8, 16, stride=2)
    return net.output(net.head(x, 16, 3, gain=3), (6, 3))


# Outputs of classifiers


def _one_score(gain, shift):
    net = Net(31)
    x = net.block(net.block(net.input, 3, 10, stride=2), 10, 18, stride=2)
    scores = net.op("Add", net.head(x, 18, 1, gain=gain), net.constant([shift], numpy.float32))
    return net.output(net.op("Sigmoid", scores), ("N", 1))


@variant("one-score")
def one_score():
    """Half of the case's images are above a half."""
    return _one_score(6.0, 6.4)


@variant("one-score-stuck")
def one_score_stuck():
    """Always the same answer, whatever it sees."""
    return _one_score(0.1, 3.0)


@variant("scores-in-a-map")
def scores_in_a_map():
    """Scores with two dimensions of one."""
    net = Net(32)
    x = net.block(net.block(net.input, 3, 12, stride=2), 12, 24, stride=2)
    x = net.op("AveragePool", x, kernel_shape=[8, 8])
    return net.output(net.conv(x, 24, 10, kernel=1), ("N", 10, 1, 1))


@variant("five-classes")
def five_classes():
    net = Net(33)
    x = net.block(net.block(net.input, 3, 14, stride=2), 14, 28, stride=2)
    return net.output(net.head(x, 28, 5), ("N", 5))
