"""Trains a network of torchvision's from random weights, by the recipe that `bantam train` has by default.

    torch_scratch.py NAME ORIGIN OUTPUT EPOCHS SEED THREADS

ORIGIN is a file of Bantam's, which says how images are prepared. Prints the time that it took, without the imports, and
the accuracy on held-out samples after each epoch.
"""

import json
import sys

import torch
from torch.nn import functional

import cpu_torchvision  # noqa: F401
import images
from torch_training import Clock, Samples, export, fit
from torchvision import models

RATE, BATCH, CLIP = 0.05, 32, 5


def network(name, classes=10):
    """BatchNorm's statistics follow with PyTorch's own momentum. MobileNetV3's 0.01 suits hundreds of epochs: after ten
    short ones they would be those of weights long gone. Bantam, too, makes them follow."""
    network = models.get_model(name, weights=None, num_classes=classes)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 0.1
    return network


def main():
    name, origin, output, epochs, seed, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    clock = Clock()
    preprocessing = images.Preprocessing(origin)
    samples = Samples(preprocessing, int(seed))
    torch.manual_seed(int(seed))
    trained = network(name).to(memory_format=torch.channels_last)
    history = fit(
        trained, samples, lambda scores, _, labels: functional.cross_entropy(scores, labels), epochs=int(epochs),
        rate=RATE, batch=BATCH, seed=int(seed), clip=CLIP)
    export(trained, preprocessing, output)
    print(json.dumps({"history": history} | clock.read()))


if __name__ == "__main__":
    main()
