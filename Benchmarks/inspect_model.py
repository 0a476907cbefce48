"""Measures `bantam inspect` of a 100 MB ResNet-50 as a whole process: seconds, and memory against the file's size."""

import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from measuring import Limit, process

RUNS = 9
SECONDS = 0.3
FILE_SIZES = 2.5


def measure(bantam):
    """Yields the time and the memory of `bantam inspect`, beside `onnx.load` and `onnx.checker`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "resnet50.onnx")
        subprocess.run([sys.executable, Path(__file__).with_name("resnet50.py"), path], check=True)
        size = path.stat().st_size
        check = f"import onnx; onnx.checker.check_model(onnx.load({str(path)!r}))"
        ours, theirs = [], []
        for _ in range(RUNS):
            ours.append(process(bantam, "inspect", path))
            theirs.append(process(sys.executable, "-c", check))
        name, peer = f"inspect, {size / 1e6:.0f} MB ResNet-50", f"onnx {version('onnx')}: load and check"
        yield Limit(f"{name}, time", "s", [x[0] for x in ours], [x[0] for x in theirs], SECONDS, peer)
        yield Limit(
            f"{name}, memory", "file sizes", [x[1] / size for x in ours], [x[1] / size for x in theirs], FILE_SIZES, peer
        )
