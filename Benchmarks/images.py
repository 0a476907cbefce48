"""The images that trainings are compared on, as a model's file says that it wants them, and what it makes of them.

Ten classes of ImageNet, 100 images each to train on and 25 of the validation set to judge by. They are in the folder
that BANTAM_SHARED names, ../shared unless it is set.
"""

import json
import math
import os
from functools import cache
from pathlib import Path

import numpy
import onnx
import onnxruntime
import openvino
from PIL import Image

SHARED = Path(os.environ.get("BANTAM_SHARED", Path(__file__).parents[2] / "shared"))
IMAGENETTE = SHARED / "data/imagenette"
ABSENT = f"skipped: {IMAGENETTE} is not there; BANTAM_SHARED names the folder that data/imagenette is in"


@cache
def listed(split):
    """The files of a split, and the class of each: its folder's place in the alphabet."""
    folders = sorted(path for path in (IMAGENETTE / split).iterdir() if path.is_dir())
    files = [(path, label) for label, folder in enumerate(folders) for path in sorted(folder.iterdir())]
    return [path for path, _ in files], numpy.array([label for _, label in files])


class Preprocessing:
    """What the metadata of a file of Bantam's say."""

    def __init__(self, model):
        facts = {entry.key: entry.value for entry in onnx.load(model, load_external_data=False).metadata_props}
        self.stored = facts["bantam.preprocessing"]
        said = json.loads(self.stored)
        self.resize = said["resize"]
        shape = said.get("crop") or self.resize["exact"]
        self.extent = shape["height"], shape["width"]
        self.mean, self.deviation = numpy.float32(said["mean"]), numpy.float32(said["std"])
        self.scale = numpy.float32(said["scale"])

    def resized(self, path):
        """The pixels before the crop: `[H, W, C]` bytes."""
        image = Image.open(path).convert("RGB")
        if "exact" in self.resize:
            size = self.resize["exact"]["width"], self.resize["exact"]["height"]
        else:
            factor = self.resize["shorterSide"]["pixels"] / min(image.size)
            size = tuple(round(side * factor) for side in image.size)
        return numpy.asarray(image.resize(size, Image.Resampling.BILINEAR))

    def centre(self, pixels):
        """The centre crop of `[..., H, W, C]`."""
        (height, width), (rows, columns) = pixels.shape[-3:-1], self.extent
        top, left = (height - rows) // 2, (width - columns) // 2
        return pixels[..., top:top + rows, left:left + columns, :]

    def normalized(self, pixels):
        """Bytes `[..., H, W, C]` as the model's numbers, `[..., C, H, W]`."""
        return numpy.moveaxis((pixels * self.scale - self.mean) / self.deviation, -1, -3)

    def batch(self, files):
        """`[N, C, H, W]`"""
        return numpy.stack([self.normalized(self.centre(self.resized(path))) for path in files])


def scores(model, preprocessing, files, threads, size=1):
    """What ONNX Runtime computes of images, in batches of one size: `[N, classes]`."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return numpy.concatenate([
        session.run(None, {name: preprocessing.batch(files[start:start + size])})[0]
        for start in range(0, len(files), size)])


def hits(model, preprocessing, threads):
    """Which of the test images a file answers rightly."""
    files, labels = listed("test")
    return scores(model, preprocessing, files, threads).argmax(1) == labels


def macs(model, extent):
    """Multiplications of the convolutions and matrix products for one image, whoever wrote the file."""
    network = openvino.Core().read_model(model)
    network.reshape([1, 3, *extent])
    total = 0
    for node in network.get_ordered_ops():
        if node.get_type_name() in ("Convolution", "GroupConvolution"):
            outputs = node.get_output_shape(0)
            total += math.prod(outputs) * math.prod(node.get_input_shape(1)) // outputs[1]
        elif node.get_type_name() == "MatMul":
            total += math.prod(node.get_output_shape(0)) * node.get_input_shape(0)[-1]
    return total
