"""Training in PyTorch as its users write it, for comparison with Bantam's."""

import copy
import math
import resource
import time

import numpy
import torch
from torch.nn import functional

import images

HELD_OUT = 0.1


class Clock:
    """The time of this process from now on: what Python takes to import libraries does not count."""

    def __init__(self):
        self.start, self.started = self.processor(), time.perf_counter()

    @staticmethod
    def processor():
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return usage.ru_utime + usage.ru_stime

    def read(self):
        return {"processor": self.processor() - self.start, "seconds": time.perf_counter() - self.started}


class Samples:
    """The training images, decoded once, and a tenth of each class held out to judge epochs by."""

    def __init__(self, preprocessing, seed):
        files, labels = images.listed("train")
        self.preprocessing = preprocessing
        self.pixels = numpy.stack([preprocessing.resized(path) for path in files])
        self.labels = torch.from_numpy(labels)
        random = numpy.random.default_rng(seed)
        held = numpy.concatenate([
            random.permutation(numpy.flatnonzero(labels == label))[:round(HELD_OUT * (labels == label).sum())]
            for label in numpy.unique(labels)])
        self.kept, self.held = numpy.setdiff1d(numpy.arange(len(labels)), held), held

    def tensor(self, pixels):
        return torch.from_numpy(self.preprocessing.normalized(pixels)).contiguous(memory_format=torch.channels_last)

    def plain(self, indices):
        return self.tensor(self.preprocessing.centre(self.pixels[indices])), self.labels[indices]

    def changed(self, indices, random):
        """Mirrored by half, and cropped up to a fourteenth of the height off the centre; beyond the image is black."""
        rows, columns = self.preprocessing.extent
        farthest = rows // 14
        chosen = []
        for pixels in self.pixels[indices]:
            padded = numpy.pad(pixels, ((farthest, farthest), (farthest, farthest), (0, 0)))
            top, left = ((whole - kept) // 2 + farthest + random.integers(-farthest, farthest + 1)
                         for whole, kept in zip(pixels.shape, (rows, columns)))
            pixels = padded[top:top + rows, left:left + columns]
            chosen.append(pixels[:, ::-1] if random.integers(2) else pixels)
        return self.tensor(numpy.stack(chosen)), self.labels[indices]


@torch.no_grad()
def judge(network, samples, size=50):
    """Accuracy and, where that is equal, the loss decide: larger is better."""
    network.eval()
    correct = loss = 0
    for start in range(0, len(samples.held), size):
        inputs, labels = samples.plain(samples.held[start:start + size])
        scores = network(inputs)
        correct += (scores.argmax(1) == labels).sum().item()
        loss += functional.cross_entropy(scores, labels, reduction="sum").item()
    return correct / len(samples.held), -loss


def optimizer(network, rate, decay=5e-4):
    """SGD with Nesterov's momentum; biases and normalization are not decayed."""
    weights = [parameter for parameter in network.parameters() if parameter.ndim > 1]
    others = [parameter for parameter in network.parameters() if parameter.ndim <= 1]
    return torch.optim.SGD(
        [{"params": weights, "weight_decay": decay}, {"params": others, "weight_decay": 0}], lr=rate, momentum=0.9,
        nesterov=True, fused=True)


def fit(network, samples, loss, *, epochs, rate, batch, seed, warmup=0.05, clip=None):
    """Trains, and leaves the weights of the epoch that does best on held-out samples. Returns each one's accuracy."""
    random = numpy.random.default_rng(seed)
    torch.manual_seed(seed)
    steps = len(samples.kept) // batch
    rising = round(warmup * steps * epochs)
    rule = optimizer(network, rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        rule, lambda step: (step + 1) / (rising + 1) if step < rising
        else (1 + math.cos(math.pi * (step - rising) / (steps * epochs - rising))) / 2)
    best, weights, history = (-1, 0), None, []
    for _ in range(epochs):
        network.train()
        order = random.permutation(samples.kept)
        for step in range(steps):
            indices = order[step * batch:(step + 1) * batch]
            inputs, labels = samples.changed(indices, random)
            rule.zero_grad()
            loss(network(inputs), inputs, labels).backward()
            if clip:
                torch.nn.utils.clip_grad_norm_(network.parameters(), clip)
            rule.step()
            schedule.step()
        score = judge(network, samples)
        history.append(score[0])
        if score > best:
            best, weights = score, copy.deepcopy(network.state_dict())
    network.load_state_dict(weights)
    return history


def export(network, preprocessing, path):
    torch.onnx.export(
        network.eval(), (torch.zeros(1, 3, *preprocessing.extent),), path, dynamo=False, opset_version=17,
        input_names=["input"], output_names=["scores"], dynamic_axes={"input": {0: "N"}, "scores": {0: "N"}})
