"""More variants: models whose constants, operators or file format are the difficulty."""

import numpy
from onnx import helper

from building import Net
from variants import variant

LOWEST = float(numpy.finfo(numpy.float32).min)
FLOAT = numpy.float32


def _stem(seed, channels=16, **settings):
    net = Net(seed, **settings)
    return net, net.block(net.input, 3, channels, stride=2)


# Infinities and numbers that stand for them


@variant("pad-minus-thousands")
def pad_minus_thousands():
    """Padding for a maximum with the lowest half-precision number, around two pools."""
    net, x = _stem(41)
    for channels in (16, 24):
        x = net.op("Pad", x, net.constant([0, 0, 1, 1, 0, 0, 1, 1], numpy.int64), net.constant(-65504.0, FLOAT))
        x = net.block(net.op("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2]), channels, 24)
    return net.output(net.head(x, 24, 10), ("N", 10))


@variant("pad-lowest-after-sigmoid")
def pad_lowest_after_sigmoid():
    net, x = _stem(42, 20)
    x = net.op("Mul", x, net.op("Sigmoid", x))
    x = net.op("Pad", x, net.constant([0, 0, 0, 0, 0, 0, 1, 1], numpy.int64), net.constant(LOWEST, FLOAT))
    x = net.op("MaxPool", x, kernel_shape=[2, 2], strides=[1, 1])
    return net.output(net.head(net.block(x, 20, 30), 30, 10), ("N", 10))


@variant("clip-to-infinity")
def clip_to_infinity():
    net, x = _stem(43)
    x = net.op("Clip", x, net.constant(0.0, FLOAT), net.constant(numpy.inf, FLOAT))
    return net.output(net.head(net.block(x, 16, 24), 24, 10), ("N", 10))


@variant("added-mask")
def added_mask():
    """Attention between 16 places, where a mask of minus infinity is added."""
    net = Net(44)
    x = net.conv(net.input, 3, 16, kernel=7, stride=8)
    tokens = net.op("Reshape", x, net.constant([0, 16, -1], numpy.int64))  # [N, C, L]
    tokens = net.op("Transpose", tokens, perm=[0, 2, 1])
    query, key, value = (net.op("MatMul", tokens, net.weights(16, 16)) for _ in range(3))
    scores = net.op("MatMul", query, net.op("Transpose", key, perm=[0, 2, 1]))
    mask = numpy.where(numpy.tri(16) > 0, 0, -numpy.inf)[None]
    shares = net.op("Softmax", net.op("Add", scores, net.constant(mask, FLOAT)), axis=-1)
    mixed = net.op("ReduceMean", net.op("MatMul", shares, value), axes=[1], keepdims=0)
    return net.output(net.op("MatMul", mixed, net.weights(16, 10, gain=3)), ("N", 10))


# Operators


@variant("softmax-over-channels")
def softmax_over_channels():
    """Softmax of opset 11 over channels, height and width at once, as its axis of 1 means."""
    net, x = _stem(51, opset=11)
    gate = net.op("Softmax", net.conv(x, 16, 16, kernel=1), axis=1)
    x = net.op("Mul", x, net.op("Mul", gate, net.constant(256.0, FLOAT)))
    return net.output(net.head(net.block(x, 16, 24), 24, 10), ("N", 10))


@variant("deconvolutions")
def deconvolutions():
    net, x = _stem(52, 24)
    for inputs, outputs in ((24, 20), (20, 12)):
        x = net.op("ConvTranspose", x, net.weights(inputs, outputs, 2, 2), kernel_shape=[2, 2], strides=[2, 2])
        x = net.block(net.op("Relu", x), outputs, outputs, stride=2)
    return net.output(net.head(x, 12, 10), ("N", 10))


@variant("average-pools-ceil")
def average_pools_ceil():
    net, x = _stem(53)
    x = net.op(
        "AveragePool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1, count_include_pad=1)
    x = net.block(x, 16, 24)
    x = net.op(
        "AveragePool", x, kernel_shape=[2, 2], strides=[2, 2], pads=[1, 1, 0, 0], ceil_mode=1, count_include_pad=1)
    return net.output(net.head(x, 24, 10), ("N", 10))


@variant("sum-of-softplus")
def sum_of_softplus():
    """A sum over channels each of which is above zero even where its convolution is removed."""
    net = Net(54)
    x = net.op("Softplus", net.conv(net.input, 3, 20, stride=2))
    total = net.op("ReduceSum", x, net.constant([1], numpy.int64), keepdims=1)
    shares = net.op("Div", net.block(net.input, 3, 12, stride=2), total)
    return net.output(net.head(shares, 12, 10, gain=20), ("N", 10))


@variant("norm-that-trains")
def norm_that_trains():
    net = Net(55, opset=15)
    x = net.conv(net.input, 3, 18, stride=2, bias=False)
    statistics = [net.constant(values, FLOAT) for values in (
        net.random.uniform(0.5, 1.5, 18), net.random.normal(0, 0.2, 18), numpy.zeros(18), numpy.ones(18))]
    x, _, _ = net.op("BatchNormalization", x, *statistics, outputs=3, training_mode=1, epsilon=1e-5)
    return net.output(net.head(net.block(net.op("Relu", x), 18, 24), 24, 10), ("N", 10))


@variant("still-channels")
def still_channels():
    """Convolutions some of whose filters are all zero, one large, and one that its bias alone makes."""
    net = Net(56)
    first = net.random.normal(0, 0.3, (16, 3, 3, 3))
    first[3:9] = 0
    first[9] *= 20
    x = net.op("Conv", net.input, net.constant(first, FLOAT), net.constant(numpy.linspace(-1, 2, 16), FLOAT),
               kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2])
    second = net.random.normal(0, 0.1, (24, 16, 3, 3))
    second[:, 9] /= 20
    x = net.op("Conv", net.op("Relu", x), net.constant(second, FLOAT), kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    return net.output(net.head(net.op("Relu", x), 24, 10), ("N", 10))


@variant("three-readers")
def three_readers():
    """One result that a convolution, an addition and a product read."""
    net, x = _stem(57, 24)
    y = net.op("Add", net.op("Mul", net.op("Sigmoid", net.conv(x, 24, 24, kernel=1)), x), x)
    return net.output(net.head(net.op("Relu", y), 24, 10), ("N", 10))


# Formats


@variant("function-in-function")
def function_in_function():
    net, x = _stem(61)
    net.domains = ["local"]
    inner = helper.make_function(
        "local", "Gate", ["a"], ["c"], [helper.make_node("HardSigmoid", ["a"], ["c"])], [helper.make_opsetid("", 17)])
    outer = helper.make_function(
        "local", "Swish", ["a"], ["d"], [
            helper.make_node("Gate", ["a"], ["g"], domain="local"), helper.make_node("Mul", ["a", "g"], ["d"])],
        [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)])
    net.functions = [inner, outer]
    x = net.op("Swish", net.conv(x, 16, 24, stride=2), domain="local")
    return net.output(net.head(x, 24, 10), ("N", 10))


@variant("opset-23")
def opset_23():
    net, x = _stem(62, opset=23)
    return net.output(net.head(net.block(x, 16, 24, stride=2), 24, 10), ("N", 10))


@variant("quantized-elsewhere")
def quantized_elsewhere():
    """Laid out as another quantizer does: int8 weights, uint8 activations, a scale for each tensor."""
    net = Net(63)

    def rounded(x, scale):
        parameters = net.constant(scale, FLOAT), net.constant(128, numpy.uint8)
        return net.op("DequantizeLinear", net.op("QuantizeLinear", x, *parameters), *parameters)

    def stored(*shape):
        scale = 1.4 / numpy.sqrt(numpy.prod(shape[1:])) / 40
        values = net.constant(numpy.clip(net.random.normal(0, 40, shape), -127, 127), numpy.int8)
        return net.op("DequantizeLinear", values, net.constant(scale, FLOAT), net.constant(0, numpy.int8))

    x = rounded(net.input, 0.03)
    for inputs, outputs in ((3, 16), (16, 24)):
        x = net.op("Conv", x, stored(outputs, inputs, 3, 3), kernel_shape=[3, 3], pads=[1] * 4, strides=[2, 2])
        x = rounded(net.op("Relu", x), 0.03)
    flat = net.op("Flatten", rounded(net.op("GlobalAveragePool", x), 0.02))
    return net.output(net.op("Gemm", flat, stored(10, 24), transB=1), ("N", 10))


@variant("untold")
def untold():
    """Nothing in the file says how pictures are normalized."""
    net, x = _stem(64, 24)
    return net.output(net.head(net.block(x, 24, 32, stride=2), 32, 10, gain=4), ("N", 10))
