"""Compares reading a 100 MB ResNet-50, as ONNX and as `.pth`, with onnx and PyTorch, in alternating pairs.

Both sides start with the file in the page cache, and libraries loaded. Bantam's time includes reading every byte of
every tensor once.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from measuring import Comparison, Limit, process
from training_step import Stepper

PAIRS = 15
PROCESSES = 5
# Reads in one measurement, so that it takes a tenth of a second or so.
LOADS = 3
# One copy in memory, and the empty program.
FILE_SIZES = 1.5

PTH = """
import sys, onnx, torch
from onnx import numpy_helper
weights = onnx.load(sys.argv[1]).graph.initializer
torch.save({x.name: torch.from_numpy(numpy_helper.to_array(x).copy()) for x in weights}, sys.argv[2])
"""


def peer(way, path):
    return Stepper(sys.executable, Path(__file__).with_name("python_load.py"), way, path)


def least(way, path):
    with peer(way, path) as side:
        return min([side.milliseconds(LOADS) for _ in range(5)][1:])


def compare(benchmarks, path, way, name, bar, description):
    ours, theirs = [], []
    with Stepper(benchmarks, "load", path) as bantam, peer(way, path) as other:
        turns = [(bantam, ours), (other, theirs)]
        for side, _ in turns:
            side.milliseconds(LOADS)
        for _ in range(PAIRS):
            for side, times in turns:
                times.append(side.milliseconds(LOADS))
            turns.reverse()
        return Comparison(name, "ms", ours, theirs, bar, description.format(other.version))


def once(*command):
    """The largest size of a process that loads once."""
    return process("sh", "-c", 'echo step 1 | "$@"', "sh", *command)[1]


def memory(benchmarks, path, way, name, description):
    size = path.stat().st_size
    script = Path(__file__).with_name("python_load.py")
    ours = [once(benchmarks, "load", path) / size for _ in range(PROCESSES)]
    theirs = [once(sys.executable, script, way, path) / size for _ in range(PROCESSES)]
    return Limit(name, "file sizes", ours, theirs, FILE_SIZES, description)


def measure(benchmarks):
    """Yields the times to read both files, and the memory that a process needs for each."""
    with tempfile.TemporaryDirectory() as folder:
        onnx, pth = Path(folder, "resnet50.onnx"), Path(folder, "resnet50.pth")
        subprocess.run([sys.executable, Path(__file__).with_name("resnet50.py"), onnx], check=True)
        subprocess.run([sys.executable, "-c", PTH, onnx, pth], check=True)
        size = f"{onnx.stat().st_size / 1e6:.0f} MB"
        checked = "onnx {}: load and check"
        yield compare(benchmarks, onnx, "checked", f"read {size} ONNX, verified", 2, checked)
        way = min(("read", "mapped"), key=lambda way: least(way, pth))
        torch = "PyTorch {}: torch.load" + (", mmap=True, each byte read" if way == "mapped" else "")
        yield compare(benchmarks, pth, way, f"read {size} .pth", 1, torch)
        yield memory(benchmarks, onnx, "checked", f"read {size} ONNX, memory", "onnx: load and check, with Python")
        yield memory(benchmarks, pth, way, f"read {size} .pth, memory", "torch.load, with Python and libtorch")
