"""Quantizes an ONNX file with NNCF's ONNX backend: nncf_file.py MODEL ORIGIN OUTPUT SEED.

ORIGIN is a file of Bantam's, which says how images are prepared. Prints the time that it took, without the imports.
"""

import json
import random
import sys

import nncf
import onnx

import images
from torch_training import Clock

SAMPLES = 300


def main():
    path, origin, output, seed = sys.argv[1:]
    clock = Clock()
    preprocessing = images.Preprocessing(origin)
    files = random.Random(int(seed)).sample(images.listed("train")[0], SAMPLES)
    model = onnx.load(path)
    name = model.graph.input[0].name
    data = nncf.Dataset(files, lambda file: {name: preprocessing.batch([file])})
    onnx.save(nncf.quantize(model, data, subset_size=SAMPLES), output)
    print(json.dumps(clock.read()))


if __name__ == "__main__":
    main()
