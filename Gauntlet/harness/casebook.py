"""What is right for each case, and for its kin: trials beside the commands that every model goes through.

A trial is a function and the models it is about; a name with `~` is a variant's. It makes one cell for each.
"""

import json
import re
import shutil

import numpy
import onnx
from onnx import numpy_helper

import judging
import runtimes
from models import accuracy, answers, original
from places import CASES
from zoo import CIFAR, case_images

TRIALS = []
LABELLED, UNLABELLED = case_images(True), case_images(False)
U, L = ("--data", UNLABELLED.folder), ("--data", LABELLED.folder)


def trial(name, *models):
    def register(judge):
        TRIALS.append((name, models, judge))
        return judge
    return register


def written(cell, *arguments, name="model.onnx"):
    """The file that a command leaves, loaded, or `None`."""
    path = cell.folder / name
    return judging.loaded(cell, path) if cell.succeeded(cell.bantam(*arguments, "-o", path)) else None


def level(model, file, reference=None):
    """The signal-to-noise ratio of a file to its original on the case's images."""
    files = model.held_out(UNLABELLED)
    expected = (reference or original(model.path)).outputs(model, files)
    return runtimes.worst_decibels(expected, file.outputs(model, files))


def with_model(cell, model, change, name="changed.onnx"):
    """The model's file after `change(onnx model)`."""
    file = onnx.load(model.path)
    change(file)
    path = cell.folder / name
    onnx.save(file, path)
    return path


# Outputs that are no class scores


@trial("fine-tuning-helps", "detector-head", "shared-head", "segmenter", "~two-heads", "~depth-map", "~embedding")
def fine_tuning_helps(cell, model, scene):
    """Learning from the original, on every output, leaves it no farther away than fitting alone."""
    arguments = ["prune", model.path, "--target-macs", "0.6", *U, *model.options]
    fitted = written(cell, *arguments, "--epochs", 0, name="fitted.onnx")
    tuned = fitted and written(cell, *arguments)
    if tuned:
        before, after = level(model, fitted), level(model, tuned)
        cell.check("no worse than fitting", after >= min(before - 1, 40), f"{before:.1f} to {after:.1f} dB")


@trial("train-on-classes", "segmenter", "detector-head", "~two-heads", "~depth-map")
def train_on_classes(cell, model, scene):
    """Labels of images say nothing about such outputs."""
    run = cell.bantam("train", model.path, *L, *model.options, "-o", cell.folder / "model.onnx")
    cell.refused(run, "output|scores|class")


@trial("one-score", "binary", "~one-score")
def one_score(cell, model, scene):
    """The threshold of a single score is a half; a model that is stuck agrees as often as it does."""
    stuck = scene.path_of("binary-dead" if model.name == "binary" else "~one-score-stuck")
    run = cell.bantam("verify", model.path, stuck, "--min-agreement", 99, *U, *model.options, "--json")
    cell.check("not kept", run.status == 75, f"status {run.status}: {run.last_words}")
    files = model.held_out(UNLABELLED)
    agreement = numpy.mean(
        answers(original(model.path).outputs(model, files)) == answers(original(stuck).outputs(model, files)))
    run = cell.bantam("evaluate", stuck, "--against", model.path, *U, *model.options, "--json")
    said = json.loads(run.output).get("agreement", -1) if run.status == 0 else -1
    cell.check("agreement", abs(said - agreement) < 0.011, f"says {said:.0%}, is {agreement:.0%}")


@trial("scores-of-ones", "fully-convolutional-teacher", "~scores-in-a-map")
def scores_of_ones(cell, model, scene):
    """`[N, classes, 1, 1]` are scores, of a teacher too."""
    student = scene.path_of("no-metadata")
    written(cell, "distill", student, "--teacher", model.path, *U, *model.options)


@trial("teacher-of-other-outputs", "segmenter", "~depth-map", "detector-head")
def teacher_of_other_outputs(cell, model, scene):
    student = scene.path_of("no-metadata")
    run = cell.bantam("distill", student, "--teacher", model.path, *U, *CIFAR, "-o", cell.folder / "model.onnx")
    cell.refused(run, "output|scores|shape|class")


@trial("teacher-of-other-classes", "binary", "three-classes", "~five-classes", "~one-score")
def teacher_of_other_classes(cell, model, scene):
    counts = {"binary": 1, "three-classes": 3, "~five-classes": 5, "~one-score": 1}
    teacher, count = ("three-classes", 3) if counts[model.name] != 3 else ("no-metadata", 10)
    run = cell.bantam("distill", model.path, "--teacher", scene.path_of(teacher), *U, *CIFAR, "-o",
                      cell.folder / "model.onnx")
    cell.refused(run, rf"\b{counts[model.name]}\b", rf"\b{count}\b")


# Inputs, and what samples become


@trial("raw-pixels", "uint8-classifier", "~pixels-by-scale", "~pixels-last")
def raw_pixels(cell, model, scene):
    """An integer input takes pixels as they are: all answers are right, and stay so after fine-tuning."""
    run = cell.bantam("evaluate", model.path, *L, "--json")
    top1 = json.loads(run.output).get("top1", 0) if cell.succeeded(run) else None
    cell.check("accuracy", top1 == 1, f"says {top1}, is 100 %")
    file = written(cell, "prune", model.path, "--target-macs", 0.6, "--epochs", 3, *L)
    if file:
        share, count = accuracy(file, model)
        cell.check("pruned", share >= 0.9, f"{share:.1%} of {count} after pruning")


@trial("same-as-itself", "no-metadata", "~untold", "three-classes", "nhwc", "~channels-last", "float16", "batch-4",
       "~six-at-a-time")
def same_as_itself(cell, model, scene):
    """One preprocessing for both models where only one is told."""
    run = cell.bantam("evaluate", model.path, "--against", model.path, *U, *model.options, "--json")
    if cell.succeeded(run):
        agreement = json.loads(run.output).get("agreement", 0)
        cell.check("agreement", agreement == 1, f"{agreement:.1%}")


@trial("own-teacher", "teacher-no-metadata", "three-classes", "~one-at-a-time", "batch-1", "~untold")
def own_teacher(cell, model, scene):
    """A teacher that says nothing of its preprocessing sees what the student sees: no loss."""
    data = L if model.labelled else U
    run = cell.bantam(
        "distill", model.path, "--teacher", model.path, "--alpha", 1, "--learning-rate", "1e-10", "--epochs", 1, *data,
        *CIFAR, "-o", cell.folder / "model.onnx")
    losses = re.findall(r"loss (-?[\d.e-]+)", run.errors + run.output) if cell.succeeded(run) else None
    if losses is not None:
        cell.check("loss", losses and abs(float(losses[-1])) < 1e-4, f"{losses[-1:]} of a model from itself")


@trial("free-extent", "free-height-and-width", "~free-extent")
def free_extent(cell, model, scene):
    """Height and width come from the data, or are asked for; a million MACs are less than there are."""
    run = cell.bantam("inspect", model.path)
    if run.status == 0:
        cell.noted(run, r"\d+ ?[x×] ?\d+|size of|height|extent")
    else:
        cell.refused(run, "size|height|shape")
    path = cell.folder / "model.onnx"
    run = cell.bantam("prune", model.path, "--target-macs", "1M", *U, *model.options, "-o", path)
    if cell.succeeded(run):
        cell.check("smaller", path.stat().st_size < model.path.stat().st_size * 0.8, "nothing was removed")


@trial("batch-in-figures", "batch-4", "~six-at-a-time")
def batch_in_figures(cell, model, scene):
    for command in ("inspect", "bench"):
        run = cell.bantam(command, model.path)
        if cell.succeeded(run):
            claim = re.search(r"batch of 1\b|batch 1\b", run.output)
            cell.check(f"{command} batch", not claim, f"calls its figures those of a {claim and claim.group(0)}")


# Numbers


@trial("own-copy", "softmax-opset-11", "~softmax-over-channels", "average-pool-ceil", "~average-pools-ceil",
       "local-function", "~function-in-function")
def own_copy(cell, model, scene):
    """A model agrees with its own float16 copy, whatever the runtime makes of the original."""
    file = written(cell, "quantize", model.path, "--weights-only", "float16", name="half.onnx")
    if file:
        cell.check("copy", level(model, file) > 40, f"{level(model, file):.1f} dB")
        run = cell.bantam("verify", model.path, file.path, "--min-agreement", 97, "--min-snr", 35, *U, *model.options)
        cell.check("verified", run.status == 0, f"status {run.status}: {run.last_words}")


@trial("as-defined", "average-pool-ceil", "~average-pools-ceil", "softmax-opset-11", "~softmax-over-channels")
def as_defined(cell, model, scene):
    """What is written computes in OpenVINO what ONNX defines, as ONNX Runtime has it: onnx's own reference knows no
    Softmax of an opset before 13."""
    file = written(cell, "quantize", model.path, "--weights-only", "float16")
    if file:
        files = model.held_out(UNLABELLED)
        exact = original(model.path).outputs(model, files)
        reached = runtimes.worst_decibels(exact, file.outputs_in_openvino(model, files))
        cell.check("OpenVINO", reached > 40, f"{reached:.1f} dB to the definition")


@trial("size-reached", "deconvolution", "~deconvolutions", "no-metadata", "~untold")
def size_reached(cell, model, scene):
    """A little more than INT8 takes is a size that can be had."""
    whole = written(cell, "quantize", model.path, *U, *model.options, name="int8.onnx")
    if whole:
        target = whole.path.stat().st_size + 330
        file = written(cell, "quantize", model.path, *U, *model.options, "--target-file-size", target)
        cell.check("size", file and file.path.stat().st_size <= target, f"INT8 takes {target - 330}, asked {target}")


@trial("dead-channels", "sum-of-clip", "~sum-of-softplus")
def dead_channels(cell, model, scene):
    """Filters that are zero, before a function that is not zero at zero, still count in a sum."""
    def kill(file):
        first = next(node for node in file.graph.node if node.op_type == "Conv")
        for tensor in file.graph.initializer:
            if tensor.name in first.input[1:]:
                values = numpy_helper.to_array(tensor).copy()
                values[: len(values) // 2] = 0
                tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    path, changed = with_model(cell, model, kill), cell.folder / "model.onnx"
    run = cell.bantam("prune", path, "--target-macs", 0.8, "-o", changed)
    if cell.succeeded(run):
        file = judging.loaded(cell, changed)
        reached = level(model, file, original(path)) if file else -numpy.inf
        are_gone = filters_of_first(changed) < filters_of_first(path)
        cell.check("signal to noise", not are_gone or reached >= 40, f"{reached:.1f} dB without the dead channels")
    elif cell.refusal:
        cell.refused(run, "channel")


def filters_of_first(path):
    """How many the first convolution has."""
    graph = onnx.load(path).graph
    first = next(node for node in graph.node if node.op_type == "Conv")
    return next(tensor.dims[0] for tensor in graph.initializer if tensor.name == first.input[1])


@trial("inference", "training-batchnorm", "~norm-that-trains")
def inference(cell, model, scene):
    """A BatchNorm that was left in training is said, and what is written does not depend on the batch."""
    path = cell.folder / "model.onnx"
    run = cell.bantam("quantize", model.path, "--weights-only", "float16", "-o", path)
    if not cell.succeeded(run):
        return
    cell.noted(run, "(?i)training")
    file, files = judging.loaded(cell, path), model.held_out(UNLABELLED)[:4]
    if file:
        together = file.outputs(model, files)
        apart = [numpy.concatenate(parts) for parts in zip(*(file.outputs(model, [each]) for each in files))]
        reached = runtimes.worst_decibels(together, apart)
        cell.check("one by one", reached > 60, f"{reached:.1f} dB between a batch and its samples")


@trial("quantized-already", "quantized-already", "~quantized-elsewhere")
def quantized_already(cell, model, scene):
    for command in (["prune", "--target-macs", 0.5], ["quantize", "--dynamic"], ["quantize", *U], ["restructure"]):
        run = cell.bantam(command[0], model.path, *command[1:], "-o", cell.folder / "model.onnx")
        cell.refused(run, "quantized")


@trial("negative-variance", "training-batchnorm", "two-readers")
def negative_variance(cell, model, scene):
    def spoil(file):
        norm = next(node for node in file.graph.node if node.op_type == "BatchNormalization")
        for tensor in file.graph.initializer:
            if tensor.name == norm.input[4]:
                values = numpy_helper.to_array(tensor).copy()
                values[0] = -2
                tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
        del norm.output[1:]
        del norm.attribute[:]
    path = with_model(cell, model, spoil)
    cell.refused(cell.bantam("prune", path, "--target-macs", 0.5, "-o", cell.folder / "model.onnx"), "variance")


# A pair that must not be taken for one another


@trial("renamed-class", "uint8-classifier-float-twin")
def renamed_class(cell, model, scene):
    """Labels go by name, not by position."""
    folder = cell.folder / "renamed"
    shutil.copytree(CASES / "images/labelled", folder)
    for split in ("train", "test"):
        (folder / split / "a").rename(folder / split / "zebra")
    run = cell.bantam("evaluate", model.path, "--data", folder)
    if run.status == 0:
        cell.noted(run, "note.*zebra|zebra.*class")
    else:
        cell.refused(run, "zebra")
