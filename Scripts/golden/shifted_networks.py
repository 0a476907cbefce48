"""Networks with temporal shifts, with the names of mit-han-lab/temporal-shift-module, over torchvision's networks.

Written from the paper (Lin et al., TSM, ICCV 2019) and the names in the published files.
"""

import torch
import torchvision.models as images
from torch import nn

FRAMES = 4


def shifted(x):
    """The channels of [N * T, C, H, W]: an eighth from the next frame, an eighth from the one before."""
    clip = x.unflatten(0, (-1, FRAMES))
    fold = x.shape[1] // 8
    nothing = torch.zeros_like(clip[:, :1])
    later = torch.cat([clip[:, 1:], nothing], 1)
    earlier = torch.cat([nothing, clip[:, :-1]], 1)
    parts = [later[:, :, :fold], earlier[:, :, fold : 2 * fold], clip[:, :, 2 * fold :]]
    return torch.cat(parts, 2).flatten(0, 1)


class Shift(nn.Module):
    """Shifts what a layer reads."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net(shifted(x))


class Segments(nn.Module):
    """The mean of the frames' scores."""

    def __init__(self, base_model, features):
        super().__init__()
        self.base_model = base_model
        self.new_fc = nn.Linear(features, 400)

    def forward(self, clip):
        scores = self.new_fc(self.base_model(clip.transpose(1, 2).flatten(0, 1)))
        return scores.unflatten(0, (-1, FRAMES)).mean(1)


def resnet50():
    network = images.resnet50()
    for stage in (network.layer1, network.layer2, network.layer3, network.layer4):
        for block in stage:
            block.conv1 = Shift(block.conv1)
    network.fc = nn.Identity()
    return Segments(network, 2048)


def mobilenet_v2():
    network = images.mobilenet_v2()
    for block in network.features[1:-1]:
        layers = []
        for layer in block.conv:
            layers += layer if isinstance(layer, nn.Sequential) else [layer]
        if block.use_res_connect:
            layers[0] = Shift(layers[0])
        block.conv = nn.Sequential(*layers)
    network.classifier = nn.Identity()
    return Segments(network, 1280)


def mobilenet_v3():
    network = images.mobilenet_v3_large()
    for block in network.features[1:-1]:
        if block.use_res_connect:
            block.block.register_forward_pre_hook(lambda _, inputs: (shifted(inputs[0]),))
    network.classifier = network.classifier[:2]
    return Segments(network, 1280)


MODELS = {
    "tsm_mobilenet_v2": ([3, FRAMES, 72, 56], mobilenet_v2),
    "tsm_mobilenet_v3": ([3, FRAMES, 72, 56], mobilenet_v3),
    "tsm_resnet50": ([3, FRAMES, 72, 56], resnet50),
}
