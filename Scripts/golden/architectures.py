"""Writes Tests/Fixtures/goldens/architectures.json: what the original projects' networks are called and compute.

For each network: a digest of its state's names and shapes, and a few logits with weights that a formula gives.
Tests/BantamNetworkTests/Architectures/ArchitectureGoldenTests.swift fills Bantam's networks by the same formula. To
add a network, add a line to MODELS and run the script with its name.

Needs torch==2.13.0 (CPU), torchvision==0.28.0, efficientnet_lite_pytorch==0.1.0 (whose weights are published) and
what video_networks.py names, in any virtual environment. Run from the repository's root:

    python Scripts/golden/architectures.py [NAME...]       all by default; others stay as they are in the file
    python Scripts/golden/architectures.py --list NAME     prints the names and shapes
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet

# torchvision's compiled part is for CUDA; without these it cannot be imported on a CPU.
detection = torch.library.Library("torchvision", "DEF")
for name in ("nms", "qnms"):
    detection.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import torchvision.models as images  # noqa: E402
import torchvision.models.video as videos  # noqa: E402
import shifted_networks  # noqa: E402
import video_networks  # noqa: E402

OUTPUT = Path("Tests/Fixtures/goldens/architectures.json")
BATCH = 2
LOGITS = 6
# A prime number, so that repeated numbers do not line up with channels.
PERIOD = 4099


def efficientnet_lite(index):
    """Without a fixed image size, its convolutions pad whatever size comes."""
    return EfficientNet.from_name(f"efficientnet-lite{index}", image_size=None)


# The name in Bantam, the input's size without the batch (uneven, so that padding shows), and the network.
MODELS = {
    "efficientnet_lite0": ([3, 72, 56], lambda: efficientnet_lite(0)),
    "efficientnet_lite1": ([3, 72, 56], lambda: efficientnet_lite(1)),
    "efficientnet_lite2": ([3, 72, 56], lambda: efficientnet_lite(2)),
    "efficientnet_lite3": ([3, 72, 56], lambda: efficientnet_lite(3)),
    "efficientnet_lite4": ([3, 72, 56], lambda: efficientnet_lite(4)),
    "mobilenet_v2": ([3, 72, 56], images.mobilenet_v2),
    "mobilenet_v3_small": ([3, 72, 56], images.mobilenet_v3_small),
    "mobilenet_v3_large": ([3, 72, 56], images.mobilenet_v3_large),
    "resnet18": ([3, 72, 56], images.resnet18),
    "resnet34": ([3, 72, 56], images.resnet34),
    "resnet50": ([3, 72, 56], images.resnet50),
    "resnet101": ([3, 72, 56], images.resnet101),
    "shufflenet_v2_x0_5": ([3, 72, 56], images.shufflenet_v2_x0_5),
    "shufflenet_v2_x1_0": ([3, 72, 56], images.shufflenet_v2_x1_0),
    "shufflenet_v2_x1_5": ([3, 72, 56], images.shufflenet_v2_x1_5),
    "shufflenet_v2_x2_0": ([3, 72, 56], images.shufflenet_v2_x2_0),
    "squeezenet1_1": ([3, 72, 56], images.squeezenet1_1),
    "r3d_18": ([3, 6, 40, 32], videos.r3d_18),
    "mc3_18": ([3, 6, 40, 32], videos.mc3_18),
    "r2plus1d_18": ([3, 6, 40, 32], videos.r2plus1d_18),
    **shifted_networks.MODELS,
    **video_networks.MODELS,
}


def hashed(text):
    """FNV-1a of 64 bits."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def numbers(seed, shape, low, high):
    """What Bantam's SeededGenerator draws (SplitMix64, uniform between the bounds), repeated after a while."""
    count = math.prod(shape)
    state = np.uint64(seed) + np.arange(1, PERIOD + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ state >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ state >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    state ^= state >> np.uint64(31)
    low, high = float(np.float32(low)), float(np.float32(high))
    uniform = (state >> np.uint64(11)).astype(np.float64) * 2.0**-53
    period = (low + uniform * (high - low)).astype(np.float32)
    return torch.from_numpy(np.resize(period, count)).reshape(shape)


def weight(name, shape):
    """Keeps activations within a few orders of magnitude in networks of any depth."""
    if name.endswith("running_mean") or name.endswith("bias"):
        bounds = (-0.1, 0.1)
    elif len(shape) > 1:
        bound = math.sqrt(6 / math.prod(shape[1:]))
        bounds = (-bound, bound)
    else:
        bounds = (0.5, 1.5)
    return numbers(hashed(name), shape, *bounds)


def state(network):
    return {
        name: list(value.shape)
        for name, value in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }


def listing(network):
    return "\n".join(sorted(f"{name} {shape}" for name, shape in state(network).items()))


def golden(name):
    shape, make = MODELS[name]
    network = make().eval()
    network.load_state_dict({key: weight(key, size) for key, size in state(network).items()}, strict=False)
    with torch.no_grad():
        logits = network(numbers(hashed("input"), [BATCH, *shape], -1, 1))
    columns = [index * (logits.shape[1] - 1) // (LOGITS - 1) for index in range(LOGITS)]
    return {
        "input": shape,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "names": f"{hashed(listing(network)):016x}",
        "logits": [[round(value, 9) for value in row] for row in logits[:, columns].tolist()],
        "largest": round(logits.abs().max().item(), 9),
    }


if __name__ == "__main__":
    if sys.argv[1:2] == ["--list"]:
        print(listing(MODELS[sys.argv[2]][1]()))
        sys.exit()
    goldens = json.loads(OUTPUT.read_text()) if OUTPUT.exists() else {}
    for name in sys.argv[1:] or MODELS:
        goldens[name] = golden(name)
        print(name, goldens[name])
    lines = [f"{json.dumps(name)}: {json.dumps(goldens[name])}" for name in sorted(goldens)]
    OUTPUT.write_text("{\n" + ",\n".join(lines) + "\n}\n")
