"""The commands, each in its main forms, with default options; and what is asked of each beside `judging.written`.

A form is listed here once and then runs on every model. A command of `bantam --help` without a form is a red cell.
"""

import fnmatch
import json
import re
from dataclasses import dataclass
from typing import Callable

import judging
import runtimes
from models import accuracy, answers, original


@dataclass(frozen=True)
class Form:
    """A command as a user types it: only the target, the data and the output."""

    name: str
    command: str
    judge: Callable
    options: tuple = ()
    # `labelled`, `unlabelled`, `any` or nothing.
    data: str = "any"
    # Of a number of bytes, MACs, ...: the key in `inspect` and the share to keep.
    target: tuple = ()
    shrinks: bool = False
    # Patterns of models' names, where a form is too slow for all.
    only: tuple = ("*",)

    def applies(self, model):
        if not any(fnmatch.fnmatchcase(model.name, pattern) for pattern in self.only):
            return False
        if self.name == "create":
            return model.architecture is not None
        return self.samples(model) is not None or self.data == ""

    def samples(self, model):
        if self.data == "labelled":
            return model.labelled
        if self.data == "unlabelled":
            return model.unlabelled if model.labelled else None
        return model.samples

    def arguments(self, model, *rest):
        samples = self.samples(model) if self.data else None
        data = ["--data", samples.folder] if samples else []
        return [self.command, model.path, *self.options, *data, *(model.options if samples else ()), *rest]


# What each judges


def change(cell, form, model, scene):
    """`prune`, `quantize`, `restructure`: a file made from the model."""
    path = cell.folder / "model.onnx"
    arguments = form.arguments(model, "-o", path)
    run = cell.bantam(*arguments)
    if not cell.succeeded(run):
        if run.status:
            cell.check("nothing left", not path.exists(), "it failed, and a file is there")
        return
    data = form.samples(model) or model.samples
    repeats = scene.repeats(run.seconds)
    file = judging.written(
        cell, run, arguments, path, model, data, scene.floors, form.shrinks, times=scene.times, repeats=repeats)
    if form.target and file:
        key, share = form.target
        before, after = (judging.figures(cell, each) for each in (model.path, path))
        if cell.check("inspected", before and after, "inspect has no figures of it"):
            judging.target_met(cell, run, amount(before, key), amount(after, key), share, scene.floors, key)
    if file and form.name in NEVER_WORSE:
        never_worse(cell, form, model, scene, file, data)


def amount(figures, key):
    """MACs are counted for the batch that a file fixes, and what is made from it may leave that free."""
    return figures[key] / figures["batch"] if key == "macs" else figures[key]


def never_worse(cell, form, model, scene, file, data):
    """What costs more than the default quantization leaves no larger error."""
    path = cell.folder / "default.onnx"
    default = first("quantize")
    plain = judging.loaded(cell, path) if cell.succeeded(cell.bantam(*default.arguments(model, "-o", path))) else None
    if plain:
        files = model.held_out(data)
        reference = original(model.path).outputs(model, files)
        levels = [runtimes.worst_decibels(reference, each.outputs(model, files)) for each in (plain, file)]
        floors = scene.floors["never_worse_db"]
        told = f"{levels[1]:.1f} dB, the default {levels[0]:.1f}"
        is_kept = levels[1] >= min(levels[0] - floors["allowance"], floors["sufficient"])
        cell.check("never worse", is_kept, told)


def create(cell, form, model, scene):
    kind, path = model.architecture, cell.folder / "model.onnx"
    classes = len(model.labelled.classes)
    arguments = [*kind.creation(classes), "-o", path]
    run = cell.bantam(*arguments)
    if not cell.succeeded(run):
        return
    file = judging.loaded(cell, path)
    if not file:
        return
    shape = file.onnx_runtime.inputs[0].shape[1:]
    cell.check("input", tuple(shape) == tuple(kind.input_shape), f"{shape}, asked for {kind.input_shape}")
    outputs = judging.same_in_both(cell, file, model, model.held_out(), scene.floors)
    if outputs:
        cell.check("classes", outputs[0].shape[1:] == (classes,), f"outputs {outputs[0].shape}")
    judging.repeated(cell, arguments, path)


def train(cell, form, model, scene):
    """From random weights for a family; further, from what it can, for a file from elsewhere."""
    start = scene.start(model)
    path = cell.folder / "model.onnx"
    arguments = ["train", start, "--data", model.labelled.folder, *model.options, "-o", path]
    run = cell.bantam(*arguments)
    if not cell.succeeded(run):
        return
    file = judging.loaded(cell, path)
    if not file or judging.same_in_both(cell, file, model, model.held_out(), scene.floors) is None:
        return
    floors = scene.floors["trained_accuracy"].get(model.labelled.kind, {})
    for split, floor in floors.items() if start != model.path else ():
        share, count = accuracy(file, model, split)
        cell.check(f"accuracy on {split}", share >= floor, f"{share:.1%} of {count}, floor {floor:.0%}")
    if start == model.path:
        before, after = accuracy(original(model.path), model)[0], accuracy(file, model)[0]
        allowed = scene.floors["accuracy_drop_points"]["train-again"]
        cell.check("accuracy", (before - after) * 100 <= allowed, f"{before:.1%} to {after:.1%}")
    if start != model.path:
        # The model that all its other cells are given was made by the same command.
        cell.check("same file twice", path.read_bytes() == model.path.read_bytes(), "the bytes differ")
    elif scene.repeats(run.seconds):
        judging.repeated(cell, arguments, path)


def distill(cell, form, model, scene):
    """A model with itself as teacher must not lose; a family's starts from random weights."""
    path = cell.folder / "model.onnx"
    samples = form.samples(model)
    arguments = [
        "distill", scene.start(model), "--teacher", model.path, "--data", samples.folder, *model.options, "-o", path]
    run = cell.bantam(*arguments)
    if cell.succeeded(run):
        repeats = scene.repeats(run.seconds)
        judging.written(cell, run, arguments, path, model, samples, scene.floors, times=False, repeats=repeats)


def slim(cell, form, model, scene):
    folder = cell.folder / "slim"
    run = cell.bantam(*form.arguments(model, "-o", folder))
    if not cell.succeeded(run):
        return
    files = sorted(folder.rglob("*.onnx"))
    cell.check("models", len(files) >= 2, f"{len(files)} in the folder")
    cell.check("report", (folder / "report.md").exists() and (folder / "report.json").exists(), "no report")
    for path in files:
        file = judging.loaded(cell, path)
        outputs = file and judging.same_in_both(cell, file, model, model.held_out(), scene.floors)
        if outputs:
            judging.quality(cell, run, file, outputs, model, model.labelled, scene.floors)


def sensitivity(cell, form, model, scene):
    run = cell.bantam(*form.arguments(model, "--json"))
    if not cell.succeeded(run):
        return
    report = parsed(cell, run)
    groups = (report or {}).get("sensitivity", {}).get("groups", [])
    shares = [point.get("agreement", point.get("accuracy")) for group in groups for point in group["points"]]
    cell.check("layers", shares and all(share is not None and 0 <= share <= 1 for share in shares), shares[:5])


def verify(cell, form, model, scene):
    """A model against itself: nothing may differ."""
    # Only class scores are answers that agree.
    agreement = ["--min-agreement", 100] if form.samples(model).is_labelled else []
    run = cell.bantam(
        "verify", model.path, model.path, "--data", form.samples(model).folder, *model.options, *agreement,
        "--min-snr", 60, "--json")
    if run.status == 75:
        cell.check("same as itself", False, "; ".join(re.findall("limit broken.*", run.errors)) or run.last_words)
    elif cell.succeeded(run):
        cell.check("report", parsed(cell, run) is not None)


def evaluate(cell, form, model, scene):
    samples = form.samples(model)
    against = [] if samples.is_labelled else ["--against", model.path]
    run = cell.bantam(*form.arguments(model, *against, "--json"))
    if not cell.succeeded(run):
        return
    report = parsed(cell, run)
    if not report:
        return
    if against:
        agreement, outputs = report.get("agreement", 1), report.get("outputs", [])
        is_same = bool(outputs) and agreement == 1 and not any("decibels" in output for output in outputs)
        cell.check("same as itself", is_same, f"{agreement:.1%}, {outputs}")
    else:
        share, count = accuracy(original(model.path), model)
        limits = scene.floors["evaluation_points"]
        allowed = limits["images_as_they_are" if samples.is_to_scale else "scaled"] + 100 / count
        top1 = report.get("top1") or 0
        cell.check("accuracy", abs(top1 - share) * 100 <= allowed, f"says {top1:.1%}, ONNX Runtime has {share:.1%}")


def inspect(cell, form, model, scene):
    run = cell.bantam("inspect", model.path, "--json")
    report = parsed(cell, run) if cell.succeeded(run) else None
    if report:
        cell.check("parameters", report.get("parameters", 0) > 0, report.get("parameters"))
        cell.check("MACs", report.get("macs", 0) > 0, report.get("macs"))
        cell.check("file", report.get("fileBytes") == model.path.stat().st_size, report.get("fileBytes"))


def bench(cell, form, model, scene):
    run = cell.bantam(*form.arguments(model, "--json"))
    report = parsed(cell, run) if cell.succeeded(run) else None
    if report:
        cell.check("latency", report.get("latency"), "no latency")
        cell.check("throughput", report.get("throughput"), "no throughput")


def predict(cell, form, model, scene):
    """The first class that it prints is the one that ONNX Runtime computes."""
    files = model.held_out()[:4]
    run = cell.bantam("predict", model.path, *files, *model.options, "--json")
    if not cell.succeeded(run):
        return
    given = answers(original(model.path).outputs(model, files))
    # A file that has no names for its classes has their numbers.
    names = model.class_names or [str(number) for number in range(len(model.labelled.classes))]
    firsts = [entry["classes"][0]["class"] for entry in json.loads(run.output)["predictions"]]
    expected = [names[answer] for answer in given]
    cell.check("classes", firsts == expected, f"{firsts}, ONNX Runtime has {expected}")


def parsed(cell, run):
    """The object on standard output, or `None` with a finding."""
    try:
        return json.loads(run.output)
    except ValueError:
        cell.check("JSON", False, f"standard output holds none: {run.output[:80]!r}")
        return None


WEIGHTS = {"data": "", "shrinks": True}
FORMS = [
    Form("create", "create", create, data=""),
    Form("train", "train", train, data="labelled"),
    Form("prune", "prune", change, ("--target-macs", "0.5"), target=("macs", 0.5), shrinks=True),
    Form("prune-unlabelled", "prune", change, ("--target-macs", "0.5"), "unlabelled", ("macs", 0.5), True),
    Form("prune-half-size", "prune", change, ("--target-file-size", "0.5"), target=("fileBytes", 0.5), shrinks=True),
    Form("prune-sparse", "prune", change, ("--sparsity", "0.5")),
    Form("quantize", "quantize", change, shrinks=True),
    Form("quantize-unlabelled", "quantize", change, (), "unlabelled", shrinks=True),
    Form("quantize-dynamic", "quantize", change, ("--dynamic",), **WEIGHTS),
    Form("quantize-float16", "quantize", change, ("--weights-only", "float16"), **WEIGHTS),
    Form("quantize-bfloat16", "quantize", change, ("--weights-only", "bfloat16"), **WEIGHTS),
    Form("quantize-int8-weights", "quantize", change, ("--weights-only", "int8"), **WEIGHTS),
    Form("quantize-int4-weights", "quantize", change, ("--weights-only", "int4"), **WEIGHTS),
    Form("quantize-auto", "quantize", change, ("--scheme", "auto"), shrinks=True),
    Form("quantize-gptq", "quantize", change, ("--rounding", "gptq"), shrinks=True),
    Form(
        "quantize-adaround", "quantize", change, ("--rounding", "adaround"), shrinks=True,
        only=("simple_cnn", "wide_cnn", "cifar_resnet20*", "batch-1", "segmenter", "~untold")),
    Form("quantize-percentile", "quantize", change, ("--calibrator", "percentile"), shrinks=True),
    Form("quantize-equalize", "quantize", change, ("--equalize",), shrinks=True),
    Form("quantize-uint8", "quantize", change, ("--input", "uint8"), shrinks=True),
    Form("quantize-aware", "quantize", change, ("--aware",), shrinks=True),
    Form(
        "quantize-mixed-size", "quantize", change, ("--target-file-size", "0.45"), target=("fileBytes", 0.45),
        shrinks=True),
    Form("distill", "distill", distill),
    Form("restructure", "restructure", change, data="labelled"),
    Form("slim", "slim", slim, data="labelled"),
    Form("sensitivity", "sensitivity", sensitivity),
    Form("verify", "verify", verify),
    Form("evaluate", "evaluate", evaluate),
    Form("predict", "predict", predict, data="labelled"),
    Form("inspect", "inspect", inspect, data=""),
    Form("bench", "bench", bench, data=""),
]
NEVER_WORSE = {"quantize-auto", "quantize-gptq", "quantize-adaround", "quantize-equalize"}
# Judged once, not for each model.
ALONE = {"doctor"}


def first(command):
    """A command's main form."""
    return next(form for form in FORMS if form.command == command)


def of_binary(binary_help):
    """The names of the commands that `bantam --help` lists."""
    section = binary_help.split("SUBCOMMANDS:", 1)[-1]
    return re.findall(r"^  ([a-z][a-z-]*)(?: |$)", section, flags=re.MULTILINE)
