"""Samples to give to Bantam: drawn by the gauntlet, so that a fresh machine has them, or real ones where they lie here.

A folder of samples is made once, in the cache, under a name that says what is in it.
"""

import csv
import functools
import math
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy
from PIL import Image

from places import CACHE, REPOSITORY, SHARED

sys.path.append(str(REPOSITORY / "Conformance/models"))
from videos import write_video  # noqa: E402

IMAGES, VIDEOS = {".png", ".jpg", ".jpeg"}, {".mp4", ".avi", ".mkv"}


@dataclass(frozen=True)
class Samples:
    """A folder as `--data` takes it; `kind` is the key of its floors."""

    folder: Path
    kind: str
    is_labelled: bool = True
    # Whether pictures have the model's size, so that no two ways of scaling can differ.
    is_to_scale: bool = True

    def files(self, split=None):
        root = self.folder / split if split else self.folder
        return sorted(path for path in root.rglob("*") if path.suffix.lower() in IMAGES | VIDEOS)

    @property
    def classes(self):
        return sorted({path.name for part in ("train", "test") for path in (self.folder / part).iterdir()})

    def labelled(self, split):
        """Pairs of a file and the number of its class."""
        return [(path, self.classes.index(path.parent.name)) for path in self.files(split)]


def made(name, fill):
    """The folder of this name, which `fill` has filled once."""
    folder = CACHE / "samples" / name
    if not folder.exists():
        unfinished = folder.with_name(folder.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        fill(unfinished)
        unfinished.rename(folder)
    return folder


# Drawn pictures


SHAPES = ("disc", "frame", "stripes", "cross")
_TINTS = numpy.array([(230, 60, 50), (60, 200, 80), (70, 90, 230), (220, 200, 60)], numpy.float32)


def picture(random, kind, channels, height, width, shift=0.0):
    """One shape, of its own tint, on noise. uint8 `[H, W, C]`; `shift` moves it sideways by a share of the width."""
    y, x = numpy.mgrid[0:height, 0:width].astype(numpy.float32)
    y, x = y / height - 0.5 - random.uniform(-0.1, 0.1), x / width - 0.5 - random.uniform(-0.1, 0.1) - shift
    radius = random.uniform(0.22, 0.34)
    inside = [
        x * x + y * y < radius * radius,
        (numpy.maximum(abs(x), abs(y)) < radius) & (numpy.maximum(abs(x), abs(y)) > radius - 0.12),
        numpy.sin((x + y) * 24) > 0,
        (abs(x) < 0.08) | (abs(y) < 0.08),
    ][kind]
    background = random.uniform(70, 120) + random.normal(0, 14, (height, width, channels))
    tint = _TINTS[kind][:channels] if channels == 3 else numpy.full(1, 120 + 40 * kind)
    drawn = tint + random.normal(0, 14, (height, width, channels))
    return numpy.clip(numpy.where(inside[..., None], drawn, background), 0, 255).astype(numpy.uint8)


def shapes(shape, per_class=80, test_per_class=20):
    """Labelled pictures of a network's input shape, `[C, H, W]`."""
    channels, height, width = shape

    def fill(folder):
        random = numpy.random.default_rng(7)
        for split, count in (("train", per_class), ("test", test_per_class)):
            for kind, name in enumerate(SHAPES):
                (folder / split / name).mkdir(parents=True)
                for index in range(count):
                    drawn = picture(random, kind, channels, height, width).squeeze()
                    Image.fromarray(drawn).save(folder / split / name / f"{index:03}.png")

    return Samples(made(f"shapes-{channels}x{height}x{width}-{per_class}", fill), "shapes")


def moving(shape, per_class=16, test_per_class=5):
    """Labelled clips of a network's input shape, `[C, T, H, W]`: shapes that rest, or move to the right."""
    _, frames, height, width = shape

    def fill(folder):
        random = numpy.random.default_rng(8)
        for split, count in (("train", per_class), ("test", test_per_class)):
            for kind, name in enumerate(SHAPES):
                (folder / split / name).mkdir(parents=True)
                for index in range(count):
                    seed = random.integers(1 << 30)
                    clip = [
                        picture(numpy.random.default_rng(seed), kind, 3, height, width, (kind % 2) * 0.3 * t / frames)
                        for t in range(frames)]
                    write_video(folder / split / name / f"{index:03}.avi", numpy.stack(clip))

    return Samples(made(f"moving-{frames}x{height}x{width}-{per_class}", fill), "moving")


# Real samples, where they are


def real_images(count=96):
    """Photographs without labels, or `None`."""
    source = SHARED / "data/imagenette/train"
    if not source.exists():
        return None

    def fill(folder):
        files = sorted(source.rglob("*.JPEG"))
        for path in files[:: max(1, len(files) // count)][:count]:
            shutil.copy(path, folder / path.with_suffix(".jpg").name)

    return Samples(made(f"imagenette-{count}", fill), "photographs", is_labelled=False, is_to_scale=False)


def real_clips(count=12):
    """Clips of cameras without labels, or `None`."""
    source = SHARED / "data/behaviour/fights"
    if not (source / "clips.csv").exists():
        return None

    def fill(folder):
        with open(source / "clips.csv") as lines:
            paths = [row["path"] for row in csv.DictReader(lines)]
        for path in paths[:: max(1, len(paths) // count)][:count]:
            shutil.copy(source / path, folder / Path(path).name)

    return Samples(made(f"fights-{count}", fill), "camera clips", is_labelled=False, is_to_scale=False)


def cifar10(per_class=40, test_per_class=20):
    """CIFAR-10 as it is published, a part of it, or `None`."""
    archives = [SHARED / "data/cifar10" / name for name in ("train.zip", "test-half.zip")]
    if not all(path.exists() for path in archives):
        return None

    def fill(folder):
        import zipfile
        for path, count in zip(archives, (per_class, test_per_class)):
            with zipfile.ZipFile(path) as archive:
                taken = {}
                for name in sorted(entry for entry in archive.namelist() if entry.endswith(".png")):
                    parent = str(Path(name).parent)
                    taken[parent] = taken.get(parent, 0) + 1
                    if taken[parent] <= count:
                        archive.extract(name, folder)

    return Samples(made(f"cifar10-{per_class}", fill), "cifar10")


# As a network's input


@functools.lru_cache(maxsize=None)
def moments(samples):
    """Mean and deviation of each channel of the pictures or first frames, of 0 to 1."""
    import av
    totals = []
    for path in samples.files("train" if samples.is_labelled else None):
        if path.suffix.lower() in VIDEOS:
            with av.open(str(path)) as container:
                image = next(container.decode(video=0)).to_image()
        else:
            image = Image.open(path)
        pixels = numpy.asarray(image.convert("RGB"), numpy.float64) / 255
        totals.append([pixels.mean(axis=(0, 1)), numpy.square(pixels).mean(axis=(0, 1))])
    mean, squares = numpy.mean(totals, axis=0)
    return {"mean": mean.tolist(), "std": numpy.sqrt(squares - mean * mean).tolist()}


def as_tensors(files, slot, preprocessing, rank_hint=None):
    """The files as values for an input, `[N, ...]`, in the input's layout and type.

    `preprocessing`: what the model's metadata says, or a preset; integers are given raw pixels.
    """
    shape = list(slot.shape[1:])
    is_last = len(shape) >= 3 and shape[-1] in (1, 3) and shape[0] not in (1, 3)
    if is_last:
        shape = [shape[-1], *shape[:-1]]
    shape = [size or fallback for size, fallback in zip(shape, [3, *(rank_hint or [32] * (len(shape) - 1))])]
    values = []
    for path in files:
        if len(shape) == 4:
            pixels = numpy.stack(_frames(path, shape, preprocessing))
            value = numpy.moveaxis(pixels, -1, 0)  # [C, T, H, W]
        else:
            value = numpy.moveaxis(_scaled(Image.open(path), shape, preprocessing), -1, 0)  # [C, H, W]
        values.append(_normalized(value, slot.dtype, preprocessing))
    result = numpy.stack(values)
    return numpy.ascontiguousarray(numpy.moveaxis(result, 1, -1) if is_last else result)


def _normalized(value, dtype, preprocessing):
    if numpy.issubdtype(dtype, numpy.integer):
        return value.astype(dtype)
    ones = [1] * (value.ndim - 1)
    mean, deviation = (
        numpy.array(preprocessing.get(key, [default]), numpy.float32).reshape(-1, *ones)
        for key, default in (("mean", 0), ("std", 1)))
    if preprocessing.get("colorOrder") == "bgr":
        value = value[::-1]
    return ((value * numpy.float32(preprocessing.get("scale", 1 / 255)) - mean) / deviation).astype(dtype)


def _scaled(image, shape, preprocessing):
    """`[H, W, C]` of the size that `shape` says: cut out of the middle of a larger one where the preprocessing does so."""
    image = image.convert("L" if shape[0] == 1 else "RGB")
    height, width = shape[-2:]
    shorter = preprocessing.get("resize", {}).get("shorterSide", {}).get("pixels")
    if shorter and preprocessing.get("crop") == {"height": height, "width": width}:
        factor = shorter / min(image.size)
        image = image.resize([round(side * factor) for side in image.size], Image.BILINEAR)
        left, top = ((whole - kept) // 2 for whole, kept in zip(image.size, (width, height)))
        image = image.crop((left, top, left + width, top + height))
    elif image.size != (width, height):
        image = image.resize((width, height), Image.BILINEAR)
    pixels = numpy.asarray(image, numpy.float32)
    return pixels if pixels.ndim == 3 else pixels[..., None]


def _frames(path, shape, preprocessing):
    """As many frames as the input takes, spread evenly over the file."""
    import av
    with av.open(str(path)) as container:
        frames = [frame.to_image() for frame in container.decode(video=0)]
    count = shape[1]
    picked = [frames[math.floor(index * (len(frames) - 1) / max(count - 1, 1))] for index in range(count)]
    return [_scaled(frame, shape, preprocessing) for frame in picked]
