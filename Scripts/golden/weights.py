"""Makes Tests/Fixtures/weights: files of `torch.save` in every form, and what they hold, as safetensors.

    pip install torch==2.13.0 safetensors numpy
    python Scripts/golden/weights.py

`contents.safetensors` has each file's tensors as `FILE/NAME`, in row-major order.
"""

from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import save_file

FOLDER = Path(__file__).parents[2] / "Tests/Fixtures/weights"


def ramp(*shape, dtype=torch.float32):
    """0, 0.25, 0.5, ... in row-major order; whole numbers for integers."""
    count = torch.Size(shape).numel()
    steps = torch.arange(count, dtype=torch.float64)
    return (steps * 0.25 if dtype.is_floating_point else steps).to(dtype).reshape(shape)


def network():
    """A convolution, a BatchNorm and a linear layer for four classes, with their buffers."""
    model = torch.nn.Sequential(
        OrderedDict(conv=torch.nn.Conv2d(2, 3, 3), bn=torch.nn.BatchNorm2d(3), fc=torch.nn.Linear(3, 4))
    )
    for index, parameter in enumerate(model.parameters()):
        parameter.data = ramp(*parameter.shape) - index
    model.bn.running_var.data = ramp(3) + 1
    return model


def training(model):
    """What a training script saves: the network's part, and much else."""
    optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    return {
        "epoch": 7,
        "arch": "tiny",
        "best_prec1": torch.tensor(91.5),
        "lr": 0.1,
        "state_dict": OrderedDict((f"module.{name}", value) for name, value in model.state_dict().items()),
        "optimizer": optimizer.state_dict(),
    }


def strided():
    """Tensors whose elements do not lie in row-major order, or not at the start of their storage."""
    whole = ramp(4, 6)
    return {
        "transposed": ramp(2, 3).t(),
        "channels_last": ramp(2, 3, 2, 2).to(memory_format=torch.channels_last),
        "channels_last_3d": ramp(2, 3, 2, 2, 2).to(memory_format=torch.channels_last_3d),
        "columns": whole[:, 1:6:2],
        "rows": whole[2:],
        "tied": whole,
        "permuted": ramp(2, 3, 4).permute(2, 0, 1),
        "single_axis": ramp(3, 1, 1).transpose(0, 1),
        "empty": torch.ones(0, 3),
        "scalar": torch.tensor(2.5),
        "half_transposed": ramp(2, 3, dtype=torch.float16).t(),
        "bool_transposed": torch.tensor([[True, False, True], [False, False, True]]).t(),
        "double_transposed": ramp(2, 3, dtype=torch.float64).t(),
    }


def types():
    names = "float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 uint16 uint32 uint64".split()
    tensors = {name: ramp(5, dtype=getattr(torch, name)) for name in names}
    return tensors | {"bool": torch.tensor([True, False, True])}


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    state = network().state_dict()
    files = {
        "zip.pth": (state, {}),
        "protocol4.pth": (state, {"pickle_protocol": 4}),
        "protocol5.pth": (state, {"pickle_protocol": 5}),
        "legacy.th": (state, {"_use_new_zipfile_serialization": False}),
        "legacy_protocol4.th": (state, {"_use_new_zipfile_serialization": False, "pickle_protocol": 4}),
        "parameters.pth": (dict(network().named_parameters()), {}),
        "wrapped.pth": (training(network()), {}),
        "wrapped_legacy.th": (training(network()), {"_use_new_zipfile_serialization": False}),
        "nested.pth": ({"model": {"state_dict": state}, "ema": None}, {}),
        "parts.pth": ({"encoder": {"weight": ramp(2)}, "decoder": {"weight": ramp(3)}}, {}),
        "strided.pth": (strided(), {}),
        "strided_legacy.th": (strided(), {"_use_new_zipfile_serialization": False}),
        "types.pth": (types(), {}),
    }
    contents = {}
    for name, (value, options) in files.items():
        torch.save(value, FOLDER / name, **options)
        read = torch.load(FOLDER / name, weights_only=False)  # PyTorch reads protocols 4 and 5 only so.
        for key in ("state_dict", "model", "state_dict"):
            read = read.get(key, read)
        for key, tensor in read.items():
            parts = {f"{key}.{inner}": each for inner, each in tensor.items()} if isinstance(tensor, dict) else {key: tensor}
            for part, each in parts.items():
                contents[f"{name}/{part}"] = each.detach().clone(memory_format=torch.contiguous_format)
    save_file(contents, FOLDER / "contents.safetensors")


if __name__ == "__main__":
    main()
