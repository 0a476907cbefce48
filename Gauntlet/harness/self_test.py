"""The judge's own test: damaged files must come out red, and a sound one must not."""

import json
import shutil

import numpy
import onnx
from onnx import numpy_helper

import judging
import report
from cell import Cell, sentences
from places import CASES, HERE
from commands import FORMS
from zoo import case


def _weights_changed(change):
    def damage(path):
        model = onnx.load(path)
        for tensor in model.graph.initializer:
            values = numpy_helper.to_array(tensor)
            if values.ndim == 4:
                tensor.CopyFrom(numpy_helper.from_array(change(values.copy()), tensor.name))
        onnx.save(model, path)
    return damage


def _cut_off(path):
    path.write_bytes(path.read_bytes()[:-2000])


def _grown(path):
    model = onnx.load(path)
    model.graph.initializer.append(numpy_helper.from_array(numpy.zeros(40000, numpy.float32), "ballast"))
    onnx.save(model, path)


def _not_finite(values):
    values[0] = numpy.nan
    return values


DAMAGES = {
    "sound": (lambda path: None, None),
    "cut off": (_cut_off, "loads"),
    "missing": (lambda path: path.unlink(), "written"),
    "other weights": (_weights_changed(lambda values: values[::-1]), "signal to noise"),
    "not finite": (_weights_changed(_not_finite), "finite"),
    "larger": (_grown, "size"),
}


def run(binary, folder):
    """Prints a line for each, and returns the exit status."""
    floors = json.loads((HERE / "floors.json").read_text())
    model = case("no-metadata", CASES / "no-metadata.onnx", set(), "case")
    form = next(form for form in FORMS if form.name == "quantize-float16")
    failed = 0
    for name, (damage, expected) in DAMAGES.items():
        work = folder / "self-test"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        path = work / "model.onnx"
        shutil.copy(model.path, path)
        damage(path)
        cell = Cell(model.name, form.name, work, binary, 60, 1)
        judging.written(cell, None, [], path, model, model.unlabelled, floors, shrinks=True, times=False, repeats=False)
        wrong = [finding["name"] for finding in cell.findings if not finding["right"]]
        is_red = report.verdict(cell.outcome | {"runs": ["-"]}, [])[0] == report.RED
        is_right = is_red == (expected is not None) and (expected is None or expected in wrong)
        failed += not is_right
        print(f"{'right' if is_right else 'WRONG'}: {name}: {', '.join(wrong) or 'green'}")
    texts = {"It is 0.5 of a.png: use b.": 1, "It is not. Take another.": 2, "": 0}
    failed += sum(sentences(text) != count for text, count in texts.items())
    unlisted = {"model": "m", "command": "c", "findings": [], "refusal": "No.", "runs": ["-"]}
    failed += report.verdict(unlisted, report.listed_refusals())[0] != report.RED
    print(f"{failed} of the judge's answers are wrong" if failed else "the judge is right")
    return 1 if failed else 0
