"""Writes Tests/Fixtures/goldens/{image,clip}_training.safetensors: a training step of two tiny networks in PyTorch.

Each file holds the input, the labels and the weights, and what PyTorch makes of them: logits, loss, every parameter's
gradient, and BatchNorm's statistics after the step. Tests/BantamNetworkTests builds the same networks.

Needs torch==2.13.0 (CPU), safetensors and numpy, in any virtual environment. Run from the repository's root:

    python Scripts/golden/gradients.py
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

FOLDER = Path("Tests/Fixtures/goldens")


class Image(nn.Module):
    """[N, 2, 8, 8] to three classes, with a grouped convolution."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 4, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 6, 3, groups=2)
        self.fc = nn.Linear(24, 3)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 2)
        return self.fc(torch.relu(self.conv2(x)).flatten(1))


class Clip(nn.Module):
    """[N, 2, 4, 8, 8] to three classes."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv3d(2, 4, 3, padding=1)
        self.bn1 = nn.BatchNorm3d(4)
        self.conv2 = nn.Conv3d(4, 3, (1, 3, 3), stride=(1, 2, 2))
        self.fc = nn.Linear(6, 3)

    def forward(self, x):
        x = nn.functional.max_pool3d(torch.relu(self.bn1(self.conv1(x))), 2)
        return self.fc(torch.relu(self.conv2(x)).flatten(1))


def write(name, network, input):
    network.train()
    labels = torch.arange(len(input)) % 3
    tensors = {"input": input, "labels": labels}
    tensors |= {f"model/{key}": value.clone() for key, value in network.state_dict().items() if value.ndim}
    logits = network(input)
    loss = nn.functional.cross_entropy(logits, labels, label_smoothing=0.1)
    loss.backward()
    tensors |= {"logits": logits.detach(), "loss": loss.detach()}
    tensors |= {f"gradient/{key}": value.grad for key, value in network.named_parameters()}
    tensors |= {f"after/{key}": value for key, value in network.named_buffers() if value.ndim}
    save_file(tensors, FOLDER / f"{name}_training.safetensors")


FOLDER.mkdir(parents=True, exist_ok=True)
torch.manual_seed(0)
write("image", Image(), torch.randn(4, 2, 8, 8))
write("clip", Clip(), torch.randn(4, 2, 4, 8, 8))
