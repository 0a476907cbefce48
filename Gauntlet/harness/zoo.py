"""The models: every built-in family, published weights and files from elsewhere where they lie here, exports, cases."""

import fnmatch
import json
import re
import shutil
import subprocess

import quick
import samples
import variants
import variants_numbers  # noqa: F401  (registers its kinds)
from models import Architecture, Model
from places import CACHE, CASES, HERE, MODELS, SHARED
from samples import Samples

CIFAR = ("--preprocessing", "cifar10")
# Networks as large as published would take hours; of these sizes every stage still has something to do.
SIZES = {"simple_cnn": (1, 28, 28), "wide_cnn": (1, 28, 28), "cifar_*": (3, 32, 32)}
IMAGE = (3, 64, 64)
# The fewest frames and pixels that each takes, nearly.
CLIP_FRAMES = {"r3d*": 8, "mc3*": 8, "r2plus1d*": 8, "slowfast_*": 16, "*": 4}
CLIP_SIDE = {"video_transformer_window": 96, "video_transformer*": 48, "tsm_mobilenet*": 48, "*": 32}
# Networks of more parameters are given half as many clips, as a step of theirs takes seconds; a plain ResNet of frames learns
# so little from so few that whatever is changed in it costs answers.
MANY = 10e6
CLIPS = {"tsm_resnet*": 16}
# Attention of another kind is another family, for all that shares its name.
APART = ("video_transformer_divided", "video_transformer_window", "video_transformer_axial", "tsm_mobilenet_v3")
# Names whose number or letter is a size, as `resnet18`; what remains is the family.
_SIZE = re.compile(r"(_?x?\d+(_\d+)?(x\d+)?|_(small|large|xs|s|m|l)|_x\d_\d|_r\d+.*)$")


def family(name):
    return name if name in APART else _SIZE.sub("", name)


def input_shape(name, published):
    """`published`: as `create --list` has it."""
    if len(published) == 3:
        return next((size for pattern, size in SIZES.items() if fnmatch.fnmatch(name, pattern)), IMAGE)
    frames, side = (
        next(value for pattern, value in table.items() if fnmatch.fnmatch(name, pattern))
        for table in (CLIP_FRAMES, CLIP_SIDE))
    return (3, min(frames, published[1]), side, side)


def families(binary, folder):
    """The smallest of each built-in family, so that a new architecture is tried by being listed."""
    listed = subprocess.run([binary, "create", "--list", "--json"], capture_output=True, text=True, check=True)
    smallest = {}
    for entry in json.loads(listed.stdout)["architectures"]:
        name = family(entry["name"])
        if name not in smallest or entry["parameters"] < smallest[name]["parameters"]:
            smallest[name] = entry
    for entry in smallest.values():
        name, shape = entry["name"], input_shape(entry["name"], entry["input"])
        is_clip, is_quick = len(shape) == 4, entry["name"] in quick.NETWORKS
        if is_quick and is_clip:
            shape = (3, 4, 48, 48)
        usual = 8 if is_quick or entry["parameters"] > MANY else 16
        clips = next((count for pattern, count in CLIPS.items() if fnmatch.fnmatch(name, pattern)), usual)
        yield Model(
            name, "family", folder / name / "trained/model.onnx",
            labelled=samples.moving(shape, clips) if is_clip else samples.shapes(shape),
            unlabelled=samples.real_clips() if is_clip else samples.real_images() if shape[0] == 3 else None,
            architecture=Architecture(name, shape), is_quick=is_quick,
            weight=entry["parameters"] / 1e6 * (8 if is_clip else 1))


def published(folder):
    """Networks with their published weights on the data they were trained for, where these are here."""
    data, weights = samples.cifar10(), SHARED / "weights/resnet20-12fca82f.th"
    if data and weights.exists():
        yield Model(
            "cifar_resnet20-published", "published", folder / "cifar_resnet20-published/created/model.onnx",
            labelled=data,
            options=("--preprocessing", str(HERE / "imagenet-statistics.json")), architecture=Architecture(
                "cifar_resnet20", (3, 32, 32), weights), weight=3)


def elsewhere():
    """Detectors, segmenters and others from other projects: their outputs are no class scores."""
    photographs = samples.real_images(24)
    for path in sorted((SHARED / "weights").glob("*.onnx")):
        if photographs:
            yield Model(path.stem, "elsewhere", path, unlabelled=photographs, weight=30)


def imports():
    """What `make imports` exported: the smallest file of each family, by either exporter in turn."""
    photographs, clips = samples.real_images(24), samples.real_clips(8)
    smallest = {}
    for path in sorted(MODELS.glob("*/model.onnx")):
        name, _, exporter = path.parent.name.rpartition(".")
        largest = sum(each.stat().st_size for each in path.parent.glob("model.onnx*"))
        key = (family(name), exporter)
        if largest < smallest.get(key, (None, 30e6))[1]:
            smallest[key] = (path, largest)
    turns = {}
    for (name, exporter), (path, size) in sorted(smallest.items()):
        turns.setdefault(name, []).append((path, size))
    for index, name in enumerate(sorted(turns)):
        path, size = turns[name][index % len(turns[name])]
        is_clip = any(part in name for part in ("3d", "video", "mvit", "mc3", "2plus1d"))
        data = clips if is_clip else photographs
        if data:
            yield Model(
                f"import-{path.parent.name}", "import", path, unlabelled=data,
                weight=size / 4e6 * (4 if is_clip else 1))


# Cases, and others of their kinds


LABELLED = {
    "batch-1", "batch-4", "three-classes", "teacher-no-metadata", "uint8-classifier", "uint8-classifier-float-twin"}
# These say themselves how they want their samples, or take pixels.
KNOWING = {"uint8-classifier", "uint8-classifier-float-twin", "quantized-already"}


def case_images(is_labelled):
    """48 images of 32x32 in three classes, or the same in one folder: class folders would be labels to a model of as many."""
    if is_labelled:
        return Samples(CASES / "images/labelled", "cases")

    def fill(folder):
        for path in sorted((CASES / "images/unlabelled").glob("*/*")):
            shutil.copy(path, folder / f"{path.parent.name}-{path.name}")
    return Samples(samples.made("case-images", fill), "cases", is_labelled=False)


def case(name, path, traits, group):
    return Model(
        name, group, path, labelled=case_images(True) if "labelled" in traits else None,
        unlabelled=case_images(False), options=() if "knowing" in traits else CIFAR, is_quick=True, weight=0.02)


def cases():
    for path in sorted(CASES.glob("*.onnx")):
        name = path.stem
        traits = {trait for trait, names in (("labelled", LABELLED), ("knowing", KNOWING)) if name in names}
        yield case(name, path, traits, "case")


def kin():
    """The variants: models of the cases' kinds, of another architecture, size or name."""
    for name, path, traits in variants.write(CACHE / "variants"):
        yield case(f"~{name}", path, traits, "variant")


def everything(binary, folder, is_quick):
    """Cheap ones first, so that a budget of time ends with the fewest left."""
    models = [*cases(), *kin(), *families(binary, folder)]
    if is_quick:
        return [model for model in models if model.is_quick]
    models += [*published(folder), *elsewhere(), *imports()]
    return sorted(models, key=lambda model: model.weight)
