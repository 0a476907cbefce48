"""EfficientNet-Lite0 in PyTorch, with the names of the published weights, so that a file of Bantam's can be continued.

Tan and Le, *EfficientNet*, ICML 2019; tensorflow/tpu, `models/official/efficientnet/lite`.
"""

import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional

# Repeats, kernel, stride, expansion, channels.
STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
          (1, 3, 1, 6, 320))


class EndPadded(nn.Conv2d):
    """Of stride 2. As TensorFlow pads, an even size gets its odd row at the end; PyTorch's cannot do that."""

    def forward(self, input):
        around = self.kernel_size[0] - 2
        before, after = around // 2, around - around // 2
        return super().forward(functional.pad(input, (before, after) * 2))


def convolution(inputs, outputs, kernel, stride=1, groups=1):
    if stride == 2:
        return EndPadded(inputs, outputs, kernel, stride, groups=groups, bias=False)
    return nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, groups=groups, bias=False)


def norm(channels):
    # PyTorch's own momentum. The published 0.01 suits long trainings: after ten short epochs the statistics would still
    # be those of the unpruned model.
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.1)


class Block(nn.Module):
    """An inverted residual."""

    def __init__(self, inputs, outputs, kernel, stride, expansion):
        super().__init__()
        hidden = inputs * expansion
        self.expands, self.adds = expansion > 1, stride == 1 and inputs == outputs
        if self.expands:
            self._expand_conv, self._bn0 = convolution(inputs, hidden, 1), norm(hidden)
        self._depthwise_conv, self._bn1 = convolution(hidden, hidden, kernel, stride, hidden), norm(hidden)
        self._project_conv, self._bn2 = convolution(hidden, outputs, 1), norm(outputs)
        self.relu6 = nn.ReLU6(inplace=True)

    def forward(self, input):
        x = self.relu6(self._bn0(self._expand_conv(input))) if self.expands else input
        x = self.relu6(self._bn1(self._depthwise_conv(x)))
        x = self._bn2(self._project_conv(x))
        return x + input if self.adds else x


class EfficientNetLite0(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self._conv_stem, self._bn0 = convolution(3, 32, 3, 2), norm(32)
        channels, blocks = 32, []
        for repeats, kernel, stride, expansion, width in STAGES:
            for repetition in range(repeats):
                blocks.append(Block(channels, width, kernel, 1 if repetition else stride, expansion))
                channels = width
        self._blocks = nn.Sequential(*blocks)
        self._conv_head, self._bn1 = convolution(channels, 1280, 1), norm(1280)
        self.relu6, self.dropout, self._fc = nn.ReLU6(inplace=True), nn.Dropout(0.2), nn.Linear(1280, classes)

    def forward(self, x):
        x = self.relu6(self._bn0(self._conv_stem(x)))
        x = self.relu6(self._bn1(self._conv_head(self._blocks(x))))
        return self._fc(self.dropout(x.mean((2, 3))))


def read(path):
    """The network with the weights of a file of Bantam's."""
    weights = {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy())
               for tensor in onnx.load(path).graph.initializer}
    network = EfficientNetLite0(len(weights["_fc.bias"]))
    state = network.state_dict()
    state |= {name: weights[name] for name in state if not name.endswith("num_batches_tracked")}
    network.load_state_dict(state)
    return network
