"""Small ONNX models, written down layer by layer."""

import numpy
from onnx import TensorProto, checker, helper, numpy_helper, save

FLOAT, HALF, BYTE = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.UINT8


class Net:
    """A graph under construction. Each method adds a node, and returns the name of its result."""

    def __init__(self, seed, input_shape=("N", 3, 32, 32), opset=17, dtype=FLOAT, name="image"):
        self.random = numpy.random.default_rng(seed)
        self.opset, self.dtype = opset, dtype
        self.nodes, self.constants, self.outputs, self.functions = [], [], [], []
        self.inputs = [helper.make_tensor_value_info(name, dtype, list(input_shape))]
        self.input = name
        self.domains = []

    def add_input(self, name, shape):
        self.inputs.append(helper.make_tensor_value_info(name, self.dtype, list(shape)))
        return name

    def constant(self, values, dtype=None):
        name = f"k{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(numpy.asarray(values, dtype), name))
        return name

    def op(self, kind, *inputs, outputs=1, domain="", **attributes):
        names = [f"{kind.lower()}_{len(self.nodes)}" + (f"_{index}" if index else "") for index in range(outputs)]
        self.nodes.append(helper.make_node(
            kind, list(inputs), names, name=f"n{len(self.nodes)}", domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def weights(self, *shape, gain=1.4):
        fan_in = int(numpy.prod(shape[1:])) or 1
        values = self.random.normal(0, gain / numpy.sqrt(fan_in), shape)
        return self.constant(values, numpy.float16 if self.dtype == HALF else numpy.float32)

    def conv(self, x, inputs, outputs, kernel=3, stride=1, bias=True, groups=1):
        padding = kernel // 2
        parameters = [self.weights(outputs, inputs // groups, kernel, kernel)]
        if bias:
            parameters.append(self.weights(outputs, gain=0.1))
        return self.op(
            "Conv", x, *parameters, kernel_shape=[kernel] * 2, pads=[padding] * 4, strides=[stride] * 2, group=groups)

    def block(self, x, inputs, outputs, stride=1, activation="Relu", **settings):
        return self.op(activation, self.conv(x, inputs, outputs, stride=stride, **settings))

    def head(self, x, inputs, classes, gain=2.0):
        flat = self.op("Flatten", self.op("GlobalAveragePool", x))
        parameters = self.weights(classes, inputs, gain=gain), self.weights(classes, gain=0.1)
        return self.op("Gemm", flat, *parameters, transB=1)

    def output(self, name, shape, dtype=None):
        self.outputs.append(helper.make_tensor_value_info(name, dtype or self.dtype, list(shape)))
        return self

    def save(self, path):
        graph = helper.make_graph(self.nodes, path.stem.replace("-", "_"), self.inputs, self.outputs, self.constants)
        imports = [helper.make_opsetid("", self.opset)] + [helper.make_opsetid(name, 1) for name in self.domains]
        # Of an old format, so that every runtime reads it; functions need the eighth, newer opsets the tenth.
        version = 10 if self.opset > 20 else 8
        model = helper.make_model(
            graph, opset_imports=imports, ir_version=version, functions=self.functions, producer_name="gauntlet")
        checker.check_model(model)
        save(model, path)
