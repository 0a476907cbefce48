"""What is asked of every file that a command writes."""

import json

import numpy

import runtimes
from models import Loaded, accuracy, original

# From so many decibels on, outputs are as good as equal, whatever the labels say.
EXACT = 30
# These learn labels where there are some: what they make of a model that only guesses is another function, and should be.
LEARNING = {"prune", "prune-half-size", "prune-sparse", "quantize-aware", "distill", "restructure", "slim"}


def loaded(cell, path):
    """The written file in both runtimes, or `None` with a finding."""
    if not cell.check("written", path.exists(), path):
        return None
    try:
        return Loaded(path)
    except Exception as error:
        cell.check("loads", False, f"{type(error).__name__}: {' '.join(str(error).split())[:200]}")
        return None


def same_in_both(cell, file, model, files, floors):
    """The outputs, where both runtimes compute the same finite numbers."""
    try:
        own, other = file.outputs(model, files), file.outputs_in_openvino(model, files)
    except Exception as error:
        cell.check("runs", False, f"{type(error).__name__}: {' '.join(str(error).split())[:200]}")
        return None
    finite = all(numpy.isfinite(value.astype(numpy.float64)).all() for value in own)
    cell.check("finite", finite, "outputs are NaN or infinite")
    is_rounded = cell.command.startswith("quantize") or cell.command in ("slim",)
    floor = floors["runtimes_agree_db"]["int8" if is_rounded else "float"]
    level = runtimes.worst_decibels(own, other)
    cell.check("runtimes agree", level >= floor, f"{level:.1f} dB, floor {floor}")
    return own if finite else None


def quality(cell, run, file, outputs, model, data, floors):
    """Accuracy on held-out samples with labels, otherwise the signal-to-noise ratio; both of what must be exact."""
    reference, files = original(model.path), model.held_out(data)
    allowed = floors["accuracy_drop_points"].get(cell.command) if data.is_labelled else None
    is_telling = False
    if allowed is not None:
        before, count = accuracy(reference, model)
        after, _ = accuracy(file, model)
        chance = 1 / len(data.classes)
        is_telling = before >= 1.5 * chance
        if model.group == "published" and run and run.warns:
            allowed = floors["warned_points"].get(cell.command, allowed)
        allowed += floors["sampling_points"]["answers"] * 100 / count
        # From a model that guesses nothing can be lost but what guessing has.
        guessed = chance - 2 * (chance * (1 - chance) / count) ** 0.5
        is_kept = (before - after) * 100 <= allowed + 1e-6 or not is_telling and after >= guessed
        cell.check("accuracy", is_kept, f"{before:.1%} to {after:.1%} of {count}, {allowed:.1f} points allowed")
    floor = floors["snr_db"].get(cell.command)
    is_judged = is_telling or allowed is not None and cell.command in LEARNING
    if floor is not None and (not is_judged or floor >= EXACT):
        level = runtimes.worst_decibels(reference.outputs(model, files), outputs)
        if model.group == "elsewhere" and run and run.warns:
            floor = floors["warned_db"].get(cell.command, floor)
        is_kept = level >= floor - floors["sampling_db"]["allowance"]
        cell.check("signal to noise", is_kept, f"{level:.1f} dB, floor {floor}")


def not_larger(cell, path, model, floors):
    before, after = model.path.stat().st_size, path.stat().st_size
    cell.check("size", after <= before + floors["file_bytes"]["allowance"], f"{before} to {after} bytes")


def not_slower(cell, file, model, files, floors):
    limit = floors["slowdown"].get(cell.command, floors["slowdown"]["default"])
    reference = original(model.path)
    if limit is None or reference.openvino is None:
        return
    # A batch that was fixed may have been freed: both are given as many samples as the one that insists.
    size = max(fixed_batch(reference), fixed_batch(file))
    before, after = (entry.inputs_of(model, files[:size]) for entry in (reference, file))
    # As devices run it, and `bench`: with sizes that are known.
    pair = [entry.openvino_for(values) for entry, values in ((reference, before), (file, after))]
    ratio, low, high, seconds = runtimes.slowdown(*pair, before, after)
    lost = (low - 1) * seconds * 1e6 / size
    is_felt = lost > floors["slowdown_microseconds"]["allowance"]
    text = f"{ratio:.2f} times the original's time, {low:.2f} to {high:.2f}; {lost:.0f} microseconds a sample"
    cell.check("speed", low <= limit or not is_felt, text)


def fixed_batch(file):
    return file.onnx_runtime.inputs[0].shape[0] or 1


def repeated(cell, arguments, path):
    """The same command again, into a file of the same name: the same bytes."""
    folder = path.parent / "again"
    folder.mkdir(exist_ok=True)
    again = folder / path.name
    run = cell.bantam(*[again if str(argument) == str(path) else argument for argument in arguments])
    if cell.check("again", run.status == 0 and again.exists(), f"the second run ended with {run.status}"):
        cell.check("same file twice", again.read_bytes() == path.read_bytes(), "the bytes differ")


def figures(cell, path):
    """What `inspect` says of a file, or `None`."""
    run = cell.bantam("inspect", path, "--json")
    try:
        return json.loads(run.output) if run.status == 0 else None
    except ValueError:
        return None


def target_met(cell, run, before, after, share, floors, what):
    """A target as a share of `before`: not exceeded, and hardly undercut."""
    reached = after / before * 100
    limits = floors["targets"]
    cell.check("target", reached <= share * 100 + limits["exceed_points"] + 1e-6, f"{reached:.1f} % of the {what}")
    says_why = any(word in run.output for word in ("coarse", "finest", "one step", "as far as"))
    is_near = reached >= share * 100 - limits["undercut_points"]
    cell.check("target not undercut", is_near or says_why, f"{reached:.1f} % of the {what} for {share:.0%}, unsaid")


def written(cell, run, arguments, path, model, data, floors, shrinks=False, times=True, repeats=True):
    """All that is asked of a file made from `model`; returns it loaded, or `None`."""
    file = loaded(cell, path)
    if file is None:
        return None
    files = model.held_out(data)
    outputs = same_in_both(cell, file, model, files, floors)
    if outputs is not None:
        quality(cell, run, file, outputs, model, data, floors)
    if shrinks:
        not_larger(cell, path, model, floors)
    if times and outputs is not None:
        not_slower(cell, file, model, files, floors)
    if repeats:
        repeated(cell, arguments, path)
    return file
