"""Quantizes models with Bantam and with NNCF on the same samples, and compares time, memory, answers and speed.

The weights are random: the work is the same, and how far INT8 strays from float32 is measured by the
difference of the outputs on other samples. Needs the images and clips of ../shared/data; without them there
is nothing to compare on.
"""

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy
import onnx
import openvino

import nncf_quantize
from images import SHARED
from measuring import Comparison, Limit, process
from training_step import Stepper

DATA = SHARED / "data"
# Calibrated on so many samples; as many others judge the result.
SAMPLES = {"images": 300, "clips": 32}
JUDGES = {"images": 64, "clips": 8}
TIMED = {"resnet50": "images", "r3d_18": "clips"}
FAST = ("resnet50", "efficientnet_lite0", "r3d_18", "r2plus1d_18", "slowfast_r50_4x16")
PAIRS = 3
LATENCY_PAIRS = 21
TIME_BAR, SPEED_BAR = 2.0, 1.0


def run(command):
    """Seconds, and what was printed."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    output, problem = process.communicate()
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {problem[-500:]}")
    return time.perf_counter() - started, output


def chosen_files(kind):
    """Files to calibrate on, in a folder of their own as Bantam takes them, and others to judge by."""
    folder = DATA / ("imagenette/train" if kind == "images" else "behaviour/fights")
    files = sorted(path for path in folder.glob("*/*") if path.suffix in (".jpg", ".JPEG", ".png", ".mp4"))
    random.Random(0).shuffle(files)
    count = SAMPLES[kind]
    return files[:count], files[count:count + JUDGES[kind]]


def open_branches(path):
    """Sets the scales of BatchNorms that are all zero to one.

    SlowFast's residual branches end in such before they are trained. They give nothing then, and OpenVINO leaves
    them out of NNCF's file, whose ranges tell so: a comparison of models that nobody has.
    """
    model = onnx.load(path)
    scales = {node.input[1] for node in model.graph.node if node.op_type == "BatchNormalization"}
    for tensor in model.graph.initializer:
        if tensor.name in scales and not onnx.numpy_helper.to_array(tensor).any():
            ones = numpy.ones(list(tensor.dims), numpy.float32)
            tensor.CopyFrom(onnx.numpy_helper.from_array(ones, tensor.name))
    onnx.save(model, path)


class Task:
    """One model, to be quantized by both."""

    def __init__(self, bantam, model, kind, threads, folder):
        self.kind, self.threads, self.folder = kind, threads, Path(folder)
        self.files, self.judges = chosen_files(kind)
        self.whole = self.folder / f"{model}.onnx"
        self.ours, self.theirs = self.folder / f"{model}-bantam.onnx", self.folder / f"{model}-nncf.xml"
        run([bantam, "create", model, "--classes", "400", "-o", self.whole])
        open_branches(self.whole)
        samples = self.folder / f"{model}-samples"
        samples.mkdir()
        for index, path in enumerate(self.files):
            (samples / f"{index:03}{path.suffix}").symlink_to(path)
        listed = self.folder / f"{model}.txt"
        listed.write_text("\n".join(map(str, self.files)))
        convention = "imagenet" if kind == "images" else "kinetics"
        self.our_command = [
            bantam, "quantize", self.whole, "--data", samples, "--samples", str(len(self.files)), "--preprocessing",
            convention, "--threads", str(threads), "-o", self.ours]
        self.their_command = [
            sys.executable, nncf_quantize.__file__, self.whole, listed, self.theirs, str(threads)]

    def seconds(self):
        """Ours from start to end; theirs without the time to import Python's libraries."""
        ours, theirs = [], []
        for pair in range(PAIRS):
            turns = [lambda: ours.append(run(self.our_command)[0]),
                     lambda: theirs.append(float(run(self.their_command)[1].split()[-1]))]
            for turn in turns if pair % 2 == 0 else reversed(turns):
                turn()
        return ours, theirs

    def error(self, path):
        """The difference from the float model's outputs, in percent of them."""
        core = openvino.Core()
        load = nncf_quantize.image if self.kind == "images" else nncf_quantize.clip
        outputs = []
        for file in (self.whole, path):
            model = core.read_model(file)
            shape = [1] + [dimension.get_length() for dimension in list(model.inputs[0].partial_shape)[1:]]
            model.reshape(shape)
            compiled = core.compile_model(
                model, "CPU", {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": self.threads})
            outputs.append(numpy.stack([compiled([load(judge, shape)])[0] for judge in self.judges]))
        whole, quantized = outputs
        return 100 * float(numpy.sqrt(numpy.square(quantized - whole).sum() / numpy.square(whole).sum()))


def compare_speed(benchmarks, task, name):
    """The latency of both INT8 files in turns."""
    times = {task.ours: [], task.theirs: []}
    with Stepper(benchmarks, "run", task.ours, task.threads) as ours, \
            Stepper(benchmarks, "run", task.theirs, task.threads) as theirs:
        turns = [(task.ours, ours), (task.theirs, theirs)]
        steps = max(int(400 / ours.milliseconds(4)), 4)
        theirs.milliseconds(4)
        for _ in range(LATENCY_PAIRS):
            for path, side in turns:
                times[path].append(side.milliseconds(steps))
            turns.reverse()
    return Comparison(f"INT8 {name}, a sample", "ms", times[task.ours], times[task.theirs], SPEED_BAR, "NNCF's file")


def measure(bantam, benchmarks, threads):
    """Yields time, memory, error and speed."""
    if not DATA.is_dir():
        print(f"INT8 against NNCF: skipped, {DATA} is not there", flush=True)
        return
    for model in FAST:
        kind = "images" if model in ("resnet50", "efficientnet_lite0") else "clips"
        with tempfile.TemporaryDirectory() as folder:
            task = Task(bantam, model, kind, threads, folder)
            setting = f"NNCF 3.4 on OpenVINO's model, {len(task.files)} {kind}, without its imports"
            if model in TIMED:
                ours, theirs = task.seconds()
                yield Comparison(f"quantize {model}", "s", ours, theirs, TIME_BAR, setting)
                peak = process(*task.their_command)[1] / 2**20
                own = process(*task.our_command)[1] / 2**20
                yield Limit(f"quantize {model}, memory", "MB", [own], [peak], peak, setting)
            else:
                run(task.our_command)
                run(task.their_command)
            ours, theirs = task.error(task.ours), task.error(task.theirs)
            yield Comparison(f"INT8 {model}, error of the outputs", "%", [ours], [theirs], 1.0, setting)
            yield compare_speed(benchmarks, task, model)
