"""ONNX Runtime and OpenVINO, which judge the files that Bantam writes, and what is compared of their outputs."""

import math
import statistics
import time
from dataclasses import dataclass

import ml_dtypes  # noqa: F401  (gives numpy bfloat16)
import numpy
import onnxruntime
import openvino

THREADS = 2
# A free batch is run in parts of so many samples.
BATCH = 16
_TYPES = {
    "tensor(float)": numpy.float32, "tensor(float16)": numpy.float16, "tensor(double)": numpy.float64,
    "tensor(uint8)": numpy.uint8, "tensor(int8)": numpy.int8, "tensor(int64)": numpy.int64,
    "tensor(int32)": numpy.int32, "tensor(bool)": numpy.bool_,
}


@dataclass(frozen=True)
class Slot:
    """An input: its shape has `None` where a size is free."""

    name: str
    shape: tuple
    dtype: type


class OnnxRuntime:
    name = "ONNX Runtime"

    def __init__(self, path):
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = THREADS
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.inputs = [
            Slot(entry.name, tuple(size if isinstance(size, int) else None for size in entry.shape), _TYPES[entry.type])
            for entry in self.session.get_inputs()]
        self.outputs = [entry.name for entry in self.session.get_outputs()]

    def once(self, values):
        return self.session.run(None, dict(zip((slot.name for slot in self.inputs), values)))


class OpenVino:
    name = "OpenVINO"

    def __init__(self, path, inputs, shapes=None):
        """`inputs`: the slots as ONNX Runtime names them, whose order may differ from OpenVINO's.

        `shapes`: what the inputs will be given, one each; by default sizes that are free stay so.
        """
        core = openvino.Core()
        model = core.read_model(str(path))
        if shapes:
            model.reshape({slot.name: list(shape) for slot, shape in zip(inputs, shapes)})
        # As exact as it gets: by default it may compute in bfloat16.
        settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": THREADS}
        self.compiled = core.compile_model(model, "CPU", settings)
        self.inputs = inputs
        self.request = self.compiled.create_infer_request()

    def once(self, values):
        results = self.request.infer({slot.name: value for slot, value in zip(self.inputs, values)})
        return [numpy.array(results[index]) for index in range(len(results))]


def in_batches(runtime, values):
    """The outputs for all samples; each of `values` is `[N, ...]`. A fixed batch is filled up and cut again."""
    fixed = runtime.inputs[0].shape[0] if runtime.inputs[0].shape else None
    batch, count = fixed or BATCH, len(values[0])
    parts = []
    for start in range(0, count, batch):
        chunk = [value[start:start + batch] for value in values]
        missing = batch - len(chunk[0]) if fixed else 0
        if missing:
            chunk = [numpy.concatenate([part, numpy.repeat(part[-1:], missing, axis=0)]) for part in chunk]
        outputs = runtime.once(chunk)
        kept = batch - missing
        parts.append([part[:kept] if part.ndim and len(part) == batch else part for part in outputs])
    return [numpy.concatenate([numpy.atleast_1d(part[index]) for part in parts]) for index in range(len(parts[0]))]


def decibels(reference, value):
    """Signal-to-noise ratio; infinite where equal, and minus infinity where shapes differ or numbers are not finite."""
    if reference.shape != value.shape:
        return -math.inf
    reference, value = reference.astype(numpy.float64), value.astype(numpy.float64)
    if not numpy.isfinite(value).all():
        return -math.inf
    noise, signal = float(numpy.square(reference - value).sum()), float(numpy.square(reference).sum())
    return math.inf if noise == 0 else -math.inf if signal == 0 else 10 * math.log10(signal / noise)


def worst_decibels(references, values):
    if len(references) != len(values):
        return -math.inf
    return min((decibels(one, other) for one, other in zip(references, values)), default=-math.inf)


def slowdown(original, changed, values, changed_values, pairs=9, seconds=0.02):
    """Time of `changed` over that of `original`, in alternated pairs: the median, its 95 % interval, and the seconds
    that the original takes.

    Each of `original` and `changed` is an `OpenVino` for the shapes of its values; each measurement repeats one batch for at least `seconds`.
    """
    def repeats(runtime, inputs):
        runtime.once(inputs)
        started = time.perf_counter()
        runtime.once(inputs)
        return max(1, math.ceil(seconds / max(time.perf_counter() - started, 1e-6)))

    def measure(runtime, inputs, count):
        started = time.perf_counter()
        for _ in range(count):
            runtime.once(inputs)
        return time.perf_counter() - started

    count = max(repeats(original, values), repeats(changed, changed_values))
    ratios, times = [], []
    for index in range(pairs):
        if index % 2:
            after, before = measure(changed, changed_values, count), measure(original, values, count)
        else:
            before, after = measure(original, values, count), measure(changed, changed_values, count)
        ratios.append(after / before)
        times.append(before / count)
    ratios.sort()
    # Of nine pairs, the second and the eighth enclose the true median with 96 %.
    return statistics.median(ratios), ratios[1], ratios[-2], statistics.median(times)
