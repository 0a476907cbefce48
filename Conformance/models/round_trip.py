"""Runs what Bantam wrote again in ONNX Runtime and OpenVINO, against ONNX Runtime's numbers for the original."""

import numpy
import onnxruntime
import openvino
import torch
from exporting import difference
from safetensors.numpy import load_file


def in_onnxruntime(path, inputs):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, {slot.name: value for slot, value in zip(session.get_inputs(), inputs)})


def in_openvino(path, inputs):
    core = openvino.Core()
    # As exact as it gets: by default it may compute in bfloat16.
    settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": torch.get_num_threads()}
    results = core.compile_model(core.read_model(path), "CPU", settings)(inputs)
    return [results[index] for index in range(len(results))]


def run(folder):
    """What each runtime made of the written model: the relative difference, or why there is none."""
    reference = load_file(folder / "reference.safetensors")

    def tensors(kind):
        return [reference[f"{kind}.{index}"] for index in range(sum(name.startswith(kind) for name in reference))]

    inputs, expected = tensors("input"), tensors("output")
    report = {}
    for name, runtime in (("onnxruntime", in_onnxruntime), ("openvino", in_openvino)):
        try:
            outputs = runtime(folder / "written.onnx", inputs)
            shapes = [output.shape for output in outputs], [output.shape for output in expected]
            report[name] = difference(outputs, expected) if shapes[0] == shapes[1] else f"shapes {shapes}"
        except Exception as error:
            report[name] = f"{type(error).__name__}: {error}"[:300]
    return report


def yardstick(folder):
    """How far OpenVINO is from ONNX Runtime with the original model."""
    reference = load_file(folder / "reference.safetensors")
    inputs = [reference[name] for name in sorted(reference) if name.startswith("input")]
    expected = [reference[name] for name in sorted(reference) if name.startswith("output")]
    try:
        return difference(in_openvino(folder / "model.onnx", inputs), expected)
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:300]
