"""Trains networks from random weights with Bantam's defaults, and by the same recipe with PyTorch and torchvision.

Ten classes of ImageNet with 100 images each, of which a tenth is held out to choose the epoch by; 128 pixels, so that
it takes minutes. Both: SGD with Nesterov's momentum, a rate of 0.05 after a short warm-up that falls by a cosine,
batches of 32, weight decay 0.0005, gradients clipped at 5, images mirrored by half and shifted by up to a fourteenth.
ONNX Runtime judges both's files.

Bantam's file is also compared with its own weights under the statistics of large batches: BatchNorm's stored ones
must fit the weights. That, too, is computed in ONNX Runtime: `train` wires channel shuffles away, and the file's
weights are then no longer torchvision's, though names and shapes are.
"""

import sys

import numpy
import onnx
from onnx import helper, numpy_helper

import images
from measuring import Comparison, Difference
from workbench import BENCHMARKS, Workbench

MODELS = ("mobilenet_v3_small", "shufflenet_v2_x1_0", "resnet18")
SEEDS = (0, 1, 2)
SHAPE = "3x128x128"
EPOCHS = 10
SCRIPTS = ("torch_training.py", "images.py", "cpu_torchvision.py")
# For statistics that are no longer blurred by the choice of a batch: 250 images each.
BATCHES = 4
# Points that the test accuracy may be below PyTorch's, and the file's beside the batches' statistics.
TEST_BAR, STATISTICS_BAR = -2, -1


def files(bench, bantam, model, seed, threads):
    """Trains with both, and returns the files and what each took, Bantam's first."""
    folder = bench.folder / model / str(seed)
    folder.mkdir(parents=True, exist_ok=True)
    start, ours, theirs = (folder / f"{name}.onnx" for name in ("start", "bantam", "peer"))
    common = "--seed", seed, "--threads", threads
    bench.make(start, bantam, "create", model, "--classes", 10, "--input-shape", SHAPE, *common, "-o", start)
    turns = {
        ours: lambda: bench.make(
            ours, bantam, "train", start, "--data", images.IMAGENETTE, "--epochs", EPOCHS, *common, "-o", ours),
        theirs: lambda: bench.make(
            theirs, sys.executable, BENCHMARKS / "torch_scratch.py", model, start, theirs, EPOCHS, seed, threads,
            scripts=SCRIPTS),
    }
    took = {path: turns[path]() for path in (list(turns) if seed % 2 == 0 else reversed(turns))}
    return (ours, theirs), (took[ours], took[theirs])


def normalized_by_batch(node, weights):
    """A BatchNormalization spelled out, with the batch's own mean and deviation: its nodes and their constants."""
    x, scale, bias = node.input[:3]
    name, epsilon = node.output[0], next(item.f for item in node.attribute if item.name == "epsilon")
    constants = {"scale": weights[scale][:, None, None], "bias": weights[bias][:, None, None],
                 "epsilon": numpy.float32([epsilon])}
    steps = (("ReduceMean", (x,), "mean"), ("Sub", (x, "mean"), "centred"), ("Mul", ("centred", "centred"), "square"),
             ("ReduceMean", ("square",), "variance"), ("Add", ("variance", "epsilon"), "raised"),
             ("Sqrt", ("raised",), "deviation"), ("Div", ("centred", "deviation"), "whitened"),
             ("Mul", ("whitened", "scale"), "scaled"), ("Add", ("scaled", "bias"), ""))

    def full(word):
        return word if word == x else f"{name}.batch.{word}" if word else name

    nodes = [helper.make_node(kind, [full(word) for word in inputs], [full(output)],
                              **({"axes": [0, 2, 3]} if kind == "ReduceMean" else {}))
             for kind, inputs, output in steps]
    return nodes, [numpy_helper.from_array(value, full(word)) for word, value in constants.items()]


def by_batches(path, output):
    """Writes the model with the statistics of each batch in place of the stored ones."""
    model = onnx.load(path)
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        if node.op_type == "BatchNormalization":
            added, constants = normalized_by_batch(node, weights)
            nodes += added
            model.graph.initializer.extend(constants)
        else:
            nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    read = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in model.graph.initializer if tensor.name in read]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    onnx.save(model, output)


def training_hits(path, preprocessing, batches, seed, threads):
    """Which training images a file answers rightly, in so many batches, mixed: one class has other statistics."""
    files, labels = images.listed("train")
    order = numpy.random.default_rng(seed).permutation(len(files))
    mixed = [files[index] for index in order]
    size = len(files) // batches
    return images.scores(path, preprocessing, mixed, threads, size).argmax(1) == labels[order]


def compare(bench, bantam, model, threads):
    paths, took = zip(*(files(bench, bantam, model, seed, threads) for seed in SEEDS))
    preprocessing = images.Preprocessing(paths[0][0])
    ours, theirs = ([images.hits(pair[side], preprocessing, threads) for pair in paths] for side in range(2))
    yield Difference(f"{model} from scratch, accuracy", ours, theirs, "PyTorch, the same recipe", TEST_BAR)
    stored, measured = [], []
    for seed, (path, _) in zip(SEEDS, paths):
        other = path.with_name("bantam-by-batches.onnx")
        by_batches(path, other)
        for file, hits in ((path, stored), (other, measured)):
            hits.append(training_hits(file, preprocessing, BATCHES, seed, threads))
    yield Difference(
        f"{model} from scratch, training images", stored, measured, "the same weights, statistics of 250 images",
        STATISTICS_BAR)
    seconds = ([pair[side]["processor"] for pair in took] for side in range(2))
    yield Comparison(f"{model} from scratch, processor time", "s", *seconds, 1, "PyTorch, without its imports")


def measure(bantam, benchmarks, threads):
    """Yields accuracies and times of each network."""
    if not images.IMAGENETTE.is_dir():
        print(f"scratch: {images.ABSENT}", flush=True)
        return
    bench = Workbench("scratch")
    for model in MODELS:
        yield from compare(bench, bantam, model, threads)
