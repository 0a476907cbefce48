"""The cells there are, and the running of those that have no outcome yet."""

import fnmatch
import functools
import json
import multiprocessing
import shutil
import subprocess
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import casebook
import casebook_data
import commands
import quick
import zoo
from cell import Cell, die_with_parent
from places import CASES, HERE

# Of these there are a hundred: each command once, in its main form.
ONE_FORM_EACH = {"import", "elsewhere"}
# Cells of no model.
NONE = "-"


@dataclass
class Scene:
    """What all cells share."""

    binary: Path
    folder: Path
    is_quick: bool
    times: bool
    floors: dict

    @functools.cached_property
    def models(self):
        return {model.name: model for model in zoo.everything(self.binary, self.folder / "models", self.is_quick)}

    def path_of(self, name):
        return self.models[name].path

    def repeats(self, seconds):
        """Whether a command is cheap enough to be run twice."""
        return seconds < (0.5 if self.is_quick else 5)

    def start(self, model):
        """The file that a training starts from: of random weights, where the model is built in."""
        if model.architecture is None or model.architecture.weights:
            return model.path
        return model.path.parents[1] / "created/model.onnx"

    def prepare(self, model):
        """Makes a built-in network's file, by `create` and `train`; where training fails, it stays as created."""
        if model.architecture is None or model.path.exists():
            return
        start = self.start(model)
        for path in (start, model.path):
            path.parent.mkdir(parents=True, exist_ok=True)
        is_created = self._bantam(*model.architecture.creation(len(model.labelled.classes)), "-o", start)
        if is_created and start != model.path:
            trained = self._bantam("train", start, "--data", model.labelled.folder, "-o", model.path)
            if not trained:
                shutil.copy(start, model.path)

    def _bantam(self, *arguments):
        ended = subprocess.run([self.binary, *map(str, arguments)], capture_output=True, preexec_fn=die_with_parent)
        return ended.returncode == 0


def scene(options, folder):
    floors = json.loads((HERE / "floors.json").read_text())
    return Scene(options.binary, folder, options.quick, options.jobs == 1 and not options.quick, floors)


# Which there are


def _forms(model, is_quick):
    for form in commands.FORMS:
        if not form.applies(model):
            continue
        if model.group in ONE_FORM_EACH and form is not commands.first(form.command):
            continue
        if is_quick and not quick.has_time_for(model, form):
            continue
        yield form.name


def all_cells(stage):
    """Pairs of a model's and a command's name, model by model."""
    models = stage.models
    for name, model in models.items():
        yield from ((name, form) for form in _forms(model, stage.is_quick))
        yield from ((name, trial) for trial, names, _ in casebook.TRIALS if name in names)
    files = {path.name for path in CASES.iterdir()} | set(casebook_data.MADE)
    for trial, names, _ in casebook.TRIALS:
        yield from ((name, trial) for name in names if name in files)
        # A name that is neither is a mistake of the gauntlet's, and shows as a cell that cannot run.
        yield from ((name, trial) for name in names if name not in files and name not in models)
    for name in sorted(commands.ALONE):
        yield NONE, name
    known = {form.command for form in commands.FORMS} | commands.ALONE
    offered = set(_offered(stage.binary))
    yield from ((NONE, f"{name} (no form)") for name in sorted(offered - known))
    yield from ((NONE, f"{name} (no command)") for name in sorted(known - offered))


def _offered(binary):
    helped = subprocess.run([binary, "--help"], capture_output=True, text=True)
    return commands.of_binary(helped.stdout)


def wanted(options, folder):
    """The cells that the options name, in the order of the zoo."""
    part, parts = map(int, options.shard.split("/"))

    def fits(name, patterns):
        return not patterns or any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)

    stage = scene(options, folder)
    pairs = [
        pair for pair in all_cells(stage) if fits(pair[0], options.only) and fits(pair[1], options.command)]
    # Whole models, as a family's training serves all its cells; dealt out, as they go from cheap to dear.
    order = list(dict.fromkeys(model for model, _ in pairs))
    mine = set(order[part - 1::parts])
    offered = set(_offered(options.binary))
    missing = {form.name for form in commands.FORMS if form.command not in offered}
    return [pair for pair in pairs if pair[0] in mine and pair[1] not in missing]


# Running


def path_of(folder, pair):
    return folder / "cells" / ("_".join(pair).replace("/", "_").replace(" ", "-") + ".json")


def run(options, folder, pairs):
    """Runs the cells without an outcome, models side by side as `--jobs` says."""
    todo = {}
    for pair in pairs:
        if options.fresh:
            path_of(folder, pair).unlink(missing_ok=True)
        if not path_of(folder, pair).exists():
            todo.setdefault(pair[0], []).append(pair)
    (folder / "cells").mkdir(parents=True, exist_ok=True)
    deadline = time.time() + options.budget if options.budget else None
    groups = list(todo.values())
    _in_processes(options, folder, groups, deadline)
    # A runtime that crashes over a written file takes its process along: those cells run again, each by itself.
    for pair in (pair for group in groups for pair in group):
        if _is_late(deadline):
            return
        if not path_of(folder, pair).exists():
            _in_processes(options, folder, [[pair]], deadline)
            if not path_of(folder, pair).exists():
                _keep(folder, _crashed(pair))


def _in_processes(options, folder, groups, deadline):
    if not groups:
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(options.jobs, len(groups)), mp_context=context) as pool:
        for work in [pool.submit(run_group, options, folder, group, deadline) for group in groups]:
            try:
                work.result()
            except BrokenProcessPool:
                return


def _is_late(deadline):
    return deadline is not None and time.time() > deadline


def _crashed(pair):
    finding = {"name": "crash", "right": False, "detail": "a runtime crashed over what was written", "run": ""}
    return {"model": pair[0], "command": pair[1], "findings": [finding], "refusal": None, "runs": [], "seconds": 0}


def _keep(folder, outcome):
    path = path_of(folder, (outcome["model"], outcome["command"]))
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(outcome, indent=1))
    unfinished.rename(path)


def run_group(options, folder, pairs, deadline):
    """One model's cells, in a process of their own, which ends with the one that started it."""
    die_with_parent()
    stage = scene(options, folder)
    for pair in pairs:
        if _is_late(deadline):
            return
        outcome = one(stage, pair)
        _keep(folder, outcome)
        wrong = [finding["name"] for finding in outcome["findings"] if not finding["right"]]
        state = "refused" if outcome["refusal"] else f"RED ({', '.join(wrong)})" if wrong else "right"
        print(f"{outcome['seconds']:6.1f} s  {pair[0]}  {pair[1]}  {state}", file=sys.stderr, flush=True)


def one(stage, pair):
    """A cell's outcome, whatever happens."""
    name, command = pair
    work = stage.folder / "work" / path_of(stage.folder, pair).stem
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    seconds = stage.floors["seconds"]
    allowed = seconds["quick"] if stage.is_quick else seconds.get(command, seconds["default"])
    cell = Cell(name, command, work, stage.binary, allowed, stage.floors["refusal"]["sentences"])
    try:
        _perform(stage, cell)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        cell.check("judged", False, f"{type(error).__name__}: {' '.join(str(error).split())[:200]} "
                                    f"({Path(place.filename).name}:{place.lineno})")
    if all(finding["right"] for finding in cell.findings):
        # What came out wrong is left for a person to look at.
        shutil.rmtree(work, ignore_errors=True)
    return cell.outcome


def _perform(stage, cell):
    if cell.command.endswith(")"):
        cell.check("listed", False, "the gauntlet's forms and the binary's commands differ")
        return
    if cell.model == NONE:
        cell.succeeded(cell.bantam(cell.command))
        return
    model = stage.models.get(cell.model)
    if model:
        stage.prepare(model)
    for trial, names, judge in casebook.TRIALS:
        if trial == cell.command and cell.model in names:
            judge(cell, model, stage)
            return
    form = next(form for form in commands.FORMS if form.name == cell.command)
    form.judge(cell, form, model, stage)


def outcomes(folder, pairs):
    """What the cells came to, and how many have not run."""
    paths = [path_of(folder, pair) for pair in pairs]
    found = [json.loads(path.read_text()) for path in paths if path.exists()]
    return found, len(paths) - len(found)
