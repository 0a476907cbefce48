"""Trials about samples: what is passed over, unreadable, turned, cut off, or too few; and how it is said."""

import json
import re
import shutil
from fractions import Fraction

import av
import numpy
import onnx
from onnx import helper, numpy_helper
from PIL import Image

from casebook import L, UNLABELLED, trial
from places import CASES
from samples import write_video
from zoo import CIFAR


def folder_of(cell, count=8):
    """A folder with some of the case's images."""
    folder = cell.folder / "data"
    folder.mkdir()
    for index, path in enumerate(UNLABELLED.files()[:count]):
        shutil.copy(path, folder / f"{index}.png")
    return folder


@trial("passed-over", "no-metadata")
def passed_over(cell, model, scene):
    """Images of formats that are read count as samples, others are counted by format."""
    folder = folder_of(cell)
    for suffix in ("webp", "bmp", "tif"):
        Image.open(UNLABELLED.files()[9]).save(folder / f"other.{suffix}")
    for suffix in ("heic", "txt"):
        (folder / f"other.{suffix}").write_bytes(b"none of these")
    run = cell.bantam("quantize", model.path, "--data", folder, *model.options, "-o", cell.folder / "model.onnx")
    if cell.succeeded(run):
        cell.noted(run, r"\b11 samples", "heic", "txt")


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


@trial("foreign-checkpoints", "three-classes", "~one-at-a-time")
def foreign_checkpoints(cell, model, scene):
    """A training does not go on from another model's checkpoints."""
    start, rest = scene.path_of("teacher-no-metadata"), [*L, *CIFAR, "--checkpoints", cell.folder / "checkpoints"]
    if cell.succeeded(cell.bantam("train", start, "--epochs", 2, *rest, "-o", cell.folder / "first.onnx")):
        run = cell.bantam("train", model.path, "--epochs", 2, *rest, "-o", cell.folder / "model.onnx")
        cell.refused(run, "checkpoint", "another|other|different|not of")


# Pictures and videos that a model's answer tells about


def probe(path, weights, threshold, sampling=""):
    """Writes a model of class 1 where the weighted sum over its input, shaped as the weights, is above it."""
    values = numpy.stack([numpy.zeros_like(weights), weights]).reshape(2, -1).T.astype(numpy.float32)
    shape = ["N", *weights.shape]
    nodes = [
        helper.make_node("Flatten", ["seen"], ["flat"]), helper.make_node("MatMul", ["flat", "weights"], ["sums"]),
        helper.make_node("Sub", ["sums", "threshold"], ["scores"])]
    constants = [
        numpy_helper.from_array(values, "weights"),
        numpy_helper.from_array(numpy.array([0, threshold], numpy.float32), "threshold")]
    graph = helper.make_graph(
        nodes, "probe", [helper.make_tensor_value_info("seen", onnx.TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("scores", onnx.TensorProto.FLOAT, ["N", 2])], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    told = {"mean": [0], "std": [1], "resize": {"exact": {"height": weights.shape[-2], "width": weights.shape[-1]}}}
    if sampling:
        told["clip"] = {"frameCount": weights.shape[1], "stride": 1, "clipCount": 1, "cropCount": 1} | sampling
    helper.set_model_props(model, {"bantam.preprocessing": json.dumps(told)})
    onnx.save(model, path)
    return path


def asked(cell, file, weights, threshold, sampling=""):
    """Whether the probe says class 1 of a file; `None` where it was not asked. Also what it was asked by."""
    for label in ("no", "yes"):
        (cell.folder / "asked/test" / label).mkdir(parents=True, exist_ok=True)
        shutil.copy(file, cell.folder / "asked/test" / label)
    run = cell.bantam("evaluate", probe(cell.folder / "probe.onnx", weights, threshold, sampling), "--data",
                      cell.folder / "asked", "--json")
    if not cell.succeeded(run):
        return None, run
    return {entry["name"]: entry["correct"] for entry in json.loads(run.output)["classes"]}.get("yes") == 1, run


def corner(frames=None):
    """Weights that tell red in the upper right corner."""
    weights = numpy.zeros((3, 64, 64))
    weights[0, :8, -8:], weights[1, :8, -8:] = 1 / 64, -1 / 64
    return weights if frames is None else numpy.repeat(weights[:, None], frames, axis=1) / frames


def brightness(frame, frames=4):
    """Weights that tell how bright a frame's green is."""
    weights = numpy.zeros((3, frames, 64, 64))
    weights[1, frame] = 1 / 4096
    return weights


def uneven(path):
    """Seven grey frames in 0.6 seconds, then one every four: each a tenth brighter than the one before."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for index, tenths in enumerate([0, 1, 2, 3, 4, 5, 6, 46, 86, 126]):
            frame = av.VideoFrame.from_ndarray(numpy.full((64, 64, 3), 25 * index, numpy.uint8), format="rgb24")
            # The stream's own becomes the container's with the first packet.
            frame.pts, frame.time_base = tenths, Fraction(1, 10)
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def half(path):
    """The first half of a file of 24 frames."""
    write_video(path, numpy.full((24, 64, 64, 3), 90, numpy.uint8))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def turned_photo(path):
    """A picture whose red corner is at the upper right once its EXIF orientation is applied."""
    pixels = numpy.full((64, 64, 3), 60, numpy.uint8)
    pixels[:16, :16] = (250, 0, 0)
    exif = Image.Exif()
    exif[0x0112] = 6  # turned clockwise to be seen
    Image.fromarray(pixels).save(path, exif=exif, quality=95)


MADE = {"~uneven.mkv": uneven, "~half.avi": half, "~turned-photo.jpg": turned_photo}


def media(cell):
    """The file that the cell is named after."""
    if cell.model not in MADE:
        return CASES / cell.model
    path = cell.folder / cell.model.removeprefix("~")
    MADE[cell.model](path)
    return path


@trial("even-in-time", "variable-rate.mp4", "~uneven.mkv")
def even_in_time(cell, model, scene):
    """Most frames lie in the first 0.6 seconds; of four that are seconds apart, the third is a late one."""
    sampling = {"framesPerSecond": 0.25 if cell.model in MADE else 0.15}
    file = media(cell)
    is_late, _ = asked(cell, file, brightness(2), 0.45, sampling)
    if is_late is not None:
        cell.check("third frame", is_late, "shows the first second where ten are to have passed")
        is_early, _ = asked(cell, file, -brightness(1), -0.78, sampling)
        cell.check("second frame", is_early, "shows the end where a third of the time is to have passed")


@trial("turned", "rotated.mp4", "~turned-photo.jpg")
def turned(cell, model, scene):
    """The red corner is at the upper left in the file, and at the upper right as it is shown."""
    is_clip = cell.model.endswith("mp4")
    is_there, _ = asked(cell, media(cell), corner(4 if is_clip else None), 0.03, {"stride": 2} if is_clip else "")
    if is_there is not None:
        cell.check("corner", is_there, "the red corner is not at the upper right")


@trial("cut-off", "cut-off.mkv", "~half.avi")
def cut_off(cell, model, scene):
    """A file that ends too early is named."""
    _, run = asked(cell, media(cell), brightness(0), 0.5, {"stride": 3})
    name = re.escape(cell.model.removeprefix("~"))
    if run.status == 0:
        cell.noted(run, name)
    elif cell.refusal:
        cell.refused(run, name)
