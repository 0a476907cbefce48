"""A model of the zoo: its file, its samples, and what it computes of them."""

import functools
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy
import onnx

import runtimes
import samples as sampling
from samples import Samples

# The presets that the gauntlet names; the others are what a file's metadata says.
PRESETS = {
    "cifar10": {"mean": [0.4914, 0.4822, 0.4465], "std": [0.247, 0.2435, 0.2616]},
}
# Samples that are compared, at most.
SAMPLES = 64


@dataclass(frozen=True)
class Architecture:
    """What `create` makes a model of."""

    name: str
    input_shape: tuple
    weights: Path | None = None

    @property
    def size(self):
        return "x".join(map(str, self.input_shape))

    def creation(self, classes):
        """The arguments of `create`, but for the output."""
        weights = ["--weights", self.weights] if self.weights else []
        return ["create", self.name, "--classes", classes, "--input-shape", self.size, *weights]


@dataclass(frozen=True)
class Model:
    """`path` is the file that commands are given; a family's is made by `create` and `train` before its cells."""

    name: str
    group: str
    path: Path
    labelled: Samples | None = None
    unlabelled: Samples | None = None
    # What the file does not say of itself, as options.
    options: tuple = ()
    architecture: Architecture | None = None
    is_quick: bool = False
    # Rough seconds of a training, to give cheap models their turn first.
    weight: float = 1

    @property
    def samples(self):
        return self.labelled or self.unlabelled

    @property
    def preprocessing(self):
        if "--preprocessing" in self.options:
            told = self.options[self.options.index("--preprocessing") + 1]
            return PRESETS[told] if told in PRESETS else json.loads(Path(told).read_text())
        metadata = {entry.key: entry.value for entry in onnx.load(self.path, load_external_data=False).metadata_props}
        if "bantam.preprocessing" in metadata:
            return json.loads(metadata["bantam.preprocessing"])
        # Where nobody says how to normalize, Bantam takes what the samples have.
        return sampling.moments(self.samples) if self.samples else {"mean": [0.5], "std": [0.25]}

    @property
    def class_names(self):
        """As the file has them; empty where it has none."""
        metadata = {entry.key: entry.value for entry in onnx.load(self.path, load_external_data=False).metadata_props}
        return json.loads(metadata.get("bantam.classes", "[]"))

    def held_out(self, data=None):
        """Files that judge a result."""
        data = data or self.samples
        files = data.files("test") if data.is_labelled else data.files()
        return files[:: max(1, len(files) // SAMPLES)]

    def values(self, inputs, files):
        """Values for each of a file's inputs; a second picture is another sample than the first."""
        result = []
        for index, slot in enumerate(inputs):
            if len(slot.shape) in (4, 5):
                turned = files[index:] + files[:index]
                result.append(sampling.as_tensors(turned, slot, self.preprocessing))
            else:
                result.append(numpy.zeros([size or 1 for size in slot.shape], slot.dtype))
        return result


class Loaded:
    """A written file in both runtimes."""

    def __init__(self, path, needs_openvino=True):
        self.path = path
        self.onnx_runtime = runtimes.OnnxRuntime(path)
        self.openvino = runtimes.OpenVino(path, self.onnx_runtime.inputs) if needs_openvino else None

    def openvino_for(self, values):
        """The file in OpenVINO for inputs of these shapes."""
        inputs = self.onnx_runtime.inputs
        return runtimes.OpenVino(self.path, inputs, [value.shape for value in values])

    def inputs_of(self, model, files):
        return model.values(self.onnx_runtime.inputs, files)

    def outputs(self, model, files):
        """What ONNX Runtime computes."""
        return runtimes.in_batches(self.onnx_runtime, self.inputs_of(model, files))

    def outputs_in_openvino(self, model, files):
        return runtimes.in_batches(self.openvino, self.inputs_of(model, files))


def answers(outputs):
    """The class of each sample by the first output; of a single score, whether it is above a half."""
    scores = outputs[0].astype(numpy.float64).reshape(len(outputs[0]), -1)
    return (scores[:, 0] > 0.5).astype(int) if scores.shape[1] == 1 else scores.argmax(axis=1)


def accuracy(loaded, model, split="test"):
    """Share of right answers on all labelled samples of a split, and their number."""
    pairs = model.labelled.labelled(split)
    given = answers(loaded.outputs(model, [path for path, _ in pairs]))
    return float(numpy.mean(given == numpy.array([label for _, label in pairs]))), len(pairs)


@functools.lru_cache(maxsize=4)
def original(path):
    """The model as it was given, for inference, in ONNX Runtime and, where that can read it, in OpenVINO."""
    model = onnx.load(path)
    with tempfile.TemporaryDirectory() as folder:
        for node in model.graph.node:
            training = [entry for entry in node.attribute if entry.name == "training_mode" and entry.i]
            if training:
                training[0].i = 0
                del node.output[1:]
                path = Path(folder) / "inference.onnx"
        if path.parent == Path(folder):
            onnx.save(model, path)
        try:
            return Loaded(path)
        except Exception:
            return Loaded(path, needs_openvino=False)
