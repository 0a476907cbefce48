"""Trials about samples: what is passed over, unreadable, turned, cut off, or too few; and how it is said."""

import json
import shutil

import numpy
import onnx
from PIL import Image
from onnx import helper, numpy_helper

from casebook import UNLABELLED, trial
from places import CASES


def folder_of(cell, count=8):
    """A folder with some of the case's images."""
    folder = cell.folder / "data"
    folder.mkdir()
    for index, path in enumerate(UNLABELLED.files()[:count]):
        shutil.copy(path, folder / f"{index}.png")
    return folder


@trial("passed-over", "no-metadata")
def passed_over(cell, model, scene):
    """Images of formats that are not read are counted, by format."""
    folder = folder_of(cell)
    for suffix in ("webp", "bmp", "tif"):
        Image.open(UNLABELLED.files()[9]).save(folder / f"other.{suffix}")
    run = cell.bantam("quantize", model.path, "--data", folder, *model.options, "-o", cell.folder / "model.onnx")
    if cell.succeeded(run):
        cell.noted(run, "webp", "bmp", "tif")


@trial("one-sample", "no-metadata", "~untold")
def one_sample(cell, model, scene):
    """Ranges of one image, or of equal ones, are worth a warning."""
    for name, files in (("one", 1), ("equal", 6)):
        folder = cell.folder / name
        folder.mkdir()
        for index in range(files):
            shutil.copy(UNLABELLED.files()[0], folder / f"{index}.png")
        run = cell.bantam("quantize", model.path, "--data", folder, *model.options, "-o", cell.folder / "model.onnx")
        if cell.succeeded(run):
            cell.noted(run, r"\b1 (sample|image)|one (sample|image)|only|equal|alike|the same")


@trial("extreme-image", "free-height-and-width")
def extreme_image(cell, model, scene):
    """An image that scaling would make huge is refused by that size, at once and by name."""
    wide = cell.folder / "wide.png"
    Image.new("RGB", (32768, 1), (90, 120, 40)).save(wide)
    for image in (CASES / "tall.png", wide):
        folder = cell.folder / image.stem
        folder.mkdir()
        shutil.copy(image, folder)
        run = cell.bantam(
            "quantize", model.path, "--data", folder, "--preprocessing", "imagenet", "-o", cell.folder / "model.onnx",
            timeout=20)
        cell.refused(run, image.name)


@trial("misspelt-key", "no-metadata")
def misspelt_key(cell, model, scene):
    path = cell.folder / "preprocessing.json"
    path.write_text('{"maen": [0.5], "std": [0.2]}')
    run = cell.bantam("quantize", model.path, "--data", UNLABELLED.folder, "--preprocessing", path, "-o",
                      cell.folder / "model.onnx")
    cell.refused(run, "maen", "mean")


# Videos. A model whose answer says which pixels it saw, of clips of four frames.

SAMPLING = '{"mean":[0],"std":[1],"resize":{"exact":{"height":64,"width":64}},"clip":{"frameCount":4,"stride":1,%s' \
           '"clipCount":1,"cropCount":1}}'


def probe(path, weights, threshold, sampling):
    """Class 1 where the weighted sum over `[3, 4, 64, 64]` is above the threshold, else class 0."""
    values = numpy.stack([numpy.zeros_like(weights), weights]).reshape(2, -1).T.astype(numpy.float32)
    nodes = [
        helper.make_node("Flatten", ["clip"], ["flat"]), helper.make_node("MatMul", ["flat", "weights"], ["sums"]),
        helper.make_node("Sub", ["sums", "threshold"], ["scores"])]
    constants = [
        numpy_helper.from_array(values, "weights"),
        numpy_helper.from_array(numpy.array([0, threshold], numpy.float32), "threshold")]
    graph = helper.make_graph(
        nodes, "probe", [helper.make_tensor_value_info("clip", onnx.TensorProto.FLOAT, ["N", 3, 4, 64, 64])],
        [helper.make_tensor_value_info("scores", onnx.TensorProto.FLOAT, ["N", 2])], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {"bantam.preprocessing": sampling})
    onnx.save(model, path)
    return path


def asked(cell, name, video, weights, threshold, sampling):
    """Evaluates a folder in which the video is of class 1."""
    folder = cell.folder / name
    for index, label in enumerate(("no", "yes")):
        (folder / "test" / label).mkdir(parents=True)
        if index or name == "cut-off":
            shutil.copy(CASES / video, folder / "test" / label)
    if name != "cut-off":
        shutil.copy(CASES / video, folder / "test/no")
    path = probe(cell.folder / f"{name}.onnx", weights, threshold, sampling)
    return cell.bantam("evaluate", path, "--data", folder, "--json")


def per_class(run):
    return {entry["name"]: entry["correct"] for entry in json.loads(run.output)["classes"]}


@trial("even-in-time", "variable-rate.mp4")
def even_in_time(cell, model, scene):
    """Seven of twelve frames lie in the first 0.6 of 25.7 seconds; a clip of one frame every five seconds sees others."""
    weights = numpy.zeros((3, 4, 64, 64))
    weights[1, 2] = 1 / 4096  # the mean of the third frame's green, which grows by 0.059 a frame
    sampling = SAMPLING % '"framesPerSecond":0.2,'
    run = asked(cell, "even", "variable-rate.mp4", weights, 0.45, sampling)
    if cell.succeeded(run):
        cell.check("third frame", per_class(run).get("yes") == 1, "shows the first second where ten are to have passed")


@trial("turned", "rotated.mp4")
def turned(cell, model, scene):
    """The red corner is at the upper left in the file, and at the upper right as players show it."""
    weights = numpy.zeros((3, 4, 64, 64))
    weights[0, :, :8, -8:] = 1 / 256
    weights[1, :, :8, -8:] = -1 / 256
    run = asked(cell, "turned", "rotated.mp4", weights, 0.05, SAMPLING % "")
    if cell.succeeded(run):
        cell.check("corner", per_class(run).get("yes") == 1, "the red corner is not at the upper right")


@trial("cut-off", "cut-off.mkv")
def cut_off(cell, model, scene):
    run = asked(cell, "cut-off", "cut-off.mkv", numpy.zeros((3, 4, 64, 64)), 0.5, SAMPLING % "")
    if cell.succeeded(run):
        cell.noted(run, "cut-off.mkv")
