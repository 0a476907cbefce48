"""Writes Tests/Fixtures/goldens/fake_quantize.safetensors: rounding with learned scales, as PyTorch computes it.

For each case the input, the scales, the derivative of a loss by the result, the result, and the derivatives by the input
and the scales. Tests/BantamNetworkTests/Operators/FakeQuantizeTests.swift holds the settings that belong to them.

Needs torch==2.13.0 (CPU) and safetensors, in any virtual environment. Run from the repository's root:

    python Scripts/golden/fake_quantize.py
"""

import torch
from safetensors.torch import save_file

tensors = {}


def write(name, shape, scales, axis, zero_point, limits, factor):
    input = torch.randn(shape).requires_grad_()
    scale = torch.tensor(scales).requires_grad_()
    # PyTorch multiplies by the reciprocal, ONNX divides: the numbers must not lie where that decides.
    distance = (input / (scale if axis is None else scale.reshape([-1] + [1] * (len(shape) - 1 - axis)))) % 1 - 0.5
    assert distance.abs().min() > 1e-4
    zero_points = torch.full_like(scale.detach(), zero_point)
    if axis is None:
        output = torch._fake_quantize_learnable_per_tensor_affine(input, scale, zero_points, *limits, factor)
    else:
        output = torch._fake_quantize_learnable_per_channel_affine(input, scale, zero_points, axis, *limits, factor)
    slope = torch.randn(shape)
    output.backward(slope)
    for key, value in {
        "input": input, "scale": scale, "slope": slope, "output": output, "byInput": input.grad, "byScale": scale.grad,
    }.items():
        tensors[f"{name}/{key}"] = value.detach().clone()


torch.manual_seed(1)
write("activation", [2, 3, 5, 4], [0.0107], None, 100, (0, 255), 0.25)
write("clip", [2, 3, 2, 5, 4], [0.0213], None, 0, (-128, 127), 1.0)
write("weight", [4, 3, 3, 3], [0.003, 0.01, 0.1, 0.02], 0, 0, (-127, 127), 0.125)
write("transposed", [3, 4, 2, 2, 2], [0.3, 0.1, 0.2, 0.4], 1, 0, (-7, 7), 0.5)
save_file(tensors, "Tests/Fixtures/goldens/fake_quantize.safetensors")
