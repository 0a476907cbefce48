"""Prunes a file of Bantam's to half its MACs with Torch-Pruning and fine-tunes it in PyTorch, as their users would.

    torch_prune.py MODEL OUTPUT EPOCHS SEED THREADS

Prints the time that it took, without the imports, and the accuracy on held-out samples after each epoch.
"""

import copy
import json
import sys
import warnings

import torch
from torch.nn import functional

import cpu_torchvision  # noqa: F401
import efficientnet_lite
import images
import torch_pruning
from torch_training import Clock, Samples, export, fit

# Channels go in steps of half a percent, until half the MACs are left.
STEPS = 200
# Images whose loss says what a channel is for.
JUDGED = 256
RATE, BATCH = 0.01, 32


def prune(network, samples, example):
    """Takes the channels of all layers by whose loss the loss grows least (Taylor), in multiples of 8.

    Scores are not normalized and a layer keeps a fifth: of what was tried the best by far, as otherwise the first layers
    lose nearly all.
    """
    network.eval()
    chosen = torch.randperm(len(samples.kept))[:JUDGED].numpy()
    for start in range(0, JUDGED, BATCH):
        inputs, labels = samples.plain(samples.kept[chosen[start:start + BATCH]])
        functional.cross_entropy(network(inputs), labels).backward()
    whole, _ = torch_pruning.utils.count_ops_and_params(network, example)
    # The gradients are cut together with the weights, and so serve every step.
    pruner = torch_pruning.pruner.BasePruner(
        network, example, torch_pruning.importance.GroupTaylorImportance(normalizer=None), global_pruning=True,
        pruning_ratio=1.0, max_pruning_ratio=0.8, iterative_steps=STEPS, round_to=8, ignored_layers=[network._fc])
    while torch_pruning.utils.count_ops_and_params(network, example)[0] > whole / 2:
        pruner.step()
    network.zero_grad()


def distillation(teacher):
    """Hinton et al., *Distilling the Knowledge in a Neural Network*, 2015: at temperature 4, labels count 0.3."""
    def loss(scores, inputs, labels):
        with torch.no_grad():
            told = functional.log_softmax(teacher(inputs) / 4, 1)
        soft = functional.kl_div(functional.log_softmax(scores / 4, 1), told, reduction="batchmean", log_target=True)
        return 0.3 * functional.cross_entropy(scores, labels) + 0.7 * 16 * soft
    return loss


def main():
    path, output, epochs, seed, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    clock = Clock()
    torch.manual_seed(int(seed))
    network = efficientnet_lite.read(path).to(memory_format=torch.channels_last)
    teacher = copy.deepcopy(network).eval()
    preprocessing = images.Preprocessing(path)
    samples = Samples(preprocessing, int(seed))
    example = torch.zeros(1, 3, *preprocessing.extent)
    prune(network, samples, example)
    network = network.to(memory_format=torch.channels_last)
    history = fit(
        network, samples, distillation(teacher), epochs=int(epochs), rate=RATE, batch=BATCH, seed=int(seed))
    export(network, preprocessing, output)
    print(json.dumps({"history": history} | clock.read()))


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main()
