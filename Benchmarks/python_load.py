"""Loads a file on request, as `BantamBenchmarks load` does: python_load.py checked|read|mapped FILE.

`checked` is `onnx.load` and `onnx.checker`. `read` is `torch.load`, after which every byte is in memory; `mapped` is the
same with `mmap=True`, where every tensor is then summed up, as Bantam's side does, in PyTorch's fastest way: as floats,
on all cores.
"""

import sys
import time

WAY, FILE = sys.argv[1:]

if WAY == "checked":
    import onnx

    VERSION = onnx.__version__
else:
    import torch

    VERSION = torch.__version__


def load():
    if WAY == "checked":
        model = onnx.load(FILE)
        onnx.checker.check_model(model)
    elif WAY == "read":
        torch.load(FILE, weights_only=True)
    else:
        for tensor in torch.load(FILE, weights_only=True, mmap=True).values():
            tensor.sum()


print("ready", VERSION, flush=True)
for line in sys.stdin:
    count = int(line.split()[1])
    start = time.perf_counter()
    for _ in range(count):
        load()
    print((time.perf_counter() - start) * 1000 / count, flush=True)
