"""Quantizes an ONNX model with NNCF: `nncf_quantize.py MODEL FILES OUTPUT THREADS`, FILES a text file with a path a line.

Prints the seconds that it took from the model's file to the written one, without the time to import the libraries.
"""

import sys
import time
from pathlib import Path

import av
import nncf
import numpy
import openvino
from PIL import Image

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
KINETICS = ((0.45, 0.45, 0.45), (0.225, 0.225, 0.225))


def normalized(pixels, convention):
    """`[..., H, W, C]` bytes as numbers, channels first: `[1, C, ..., H, W]`."""
    mean, deviation = (numpy.asarray(values, numpy.float32) for values in convention)
    return numpy.moveaxis((pixels.astype(numpy.float32) / 255 - mean) / deviation, -1, 0)[None]


def image(path, shape):
    return normalized(numpy.asarray(Image.open(path).convert("RGB").resize(shape[:1:-1])), IMAGENET)


def clip(path, shape):
    """As many frames as the model takes, at even distances."""
    count, height, width = shape[2:]
    with av.open(path) as video:
        frames = [frame.to_image() for frame in video.decode(video=0)]
    chosen = [frames[int((index + 0.5) * len(frames) / count)] for index in range(count)]
    return normalized(numpy.stack([numpy.asarray(frame.resize((width, height))) for frame in chosen]), KINETICS)


def main():
    model_path, list_path, output, threads = sys.argv[1:]
    started = time.perf_counter()
    core = openvino.Core()
    core.set_property("CPU", {"INFERENCE_NUM_THREADS": int(threads)})
    model = core.read_model(model_path)
    shape = [1] + [dimension.get_length() for dimension in list(model.inputs[0].partial_shape)[1:]]
    model.reshape(shape)
    files = Path(list_path).read_text().split("\n")
    load = image if len(shape) == 4 else clip
    quantized = nncf.quantize(model, nncf.Dataset(files, lambda path: load(path, shape)), subset_size=len(files))
    openvino.save_model(quantized, output)
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main()
