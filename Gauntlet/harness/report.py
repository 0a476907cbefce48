"""What became of the cells: which are red, and the table."""

import datetime
import fnmatch
import json
import platform
import re
import subprocess

from places import HERE, REPOSITORY

RED, REFUSED, GREEN = "red", "refused", "right"


def listed_refusals():
    return json.loads((HERE / "refusals.json").read_text())["refusals"]


def verdict(outcome, refusals):
    """A cell's colour, and why."""
    wrong = [entry for entry in outcome["findings"] if not entry["right"]]
    if wrong:
        return RED, "; ".join(f"{entry['name']}: {entry['detail']}" for entry in wrong)
    if outcome["refusal"]:
        for entry in refusals:
            fits = fnmatch.fnmatchcase(outcome["model"], entry["model"])
            fits = fits and fnmatch.fnmatchcase(outcome["command"], entry["command"])
            if fits and re.search(entry["says"], outcome["refusal"]):
                return REFUSED, entry["why"]
        return RED, f"skipped, refused and not listed: {outcome['refusal']}"
    if not outcome["findings"] and not outcome["runs"]:
        return RED, "nothing was run"
    return GREEN, f"{len(outcome['findings'])} checks"


def _escaped(text):
    return " ".join(str(text).split()).replace("|", "\\|")[:300]


def _repeat(outcome):
    """The run that the first wrong finding is about."""
    wrong = [entry["run"] for entry in outcome["findings"] if not entry["right"]]
    return (wrong or outcome["runs"] or [""])[0]


def _machine():
    with open("/proc/cpuinfo") as lines:
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {len(names)} processors"


def _git(*arguments):
    ended = subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True)
    return ended.stdout.strip()


def text(outcomes, missing, command, binary):
    """Markdown: what it was run on, the totals, the red cells with a command to repeat each, and the others."""
    refusals = listed_refusals()
    judged = [(outcome, *verdict(outcome, refusals)) for outcome in outcomes]
    red, refused, right = ([row for row in judged if row[1] == colour] for colour in (RED, REFUSED, GREEN))
    changed = " with changes" if _git("status", "--porcelain") else ""
    lines = [
        "# The gauntlet", "",
        f"{datetime.date.today()}, commit {_git('rev-parse', '--short', 'HEAD')}{changed}, {_machine()}", "",
        f"`{command}`, binary {binary}", "",
        f"**{len(judged)} cells: {len(red)} red, {len(refused)} refused as listed, {len(right)} right"
        + (f"; {missing} not run" if missing else "") + ".**",
        f"{sum(outcome['seconds'] for outcome, *_ in judged):.0f} seconds in Bantam.", ""]
    if red:
        lines += ["## Red", "", "| model | command | why | repeat |", "| --- | --- | --- | --- |"]
        lines += [
            f"| {outcome['model']} | {outcome['command']} | {_escaped(why)} | `{_escaped(_repeat(outcome))}` |"
            for outcome, _, why in red]
        lines.append("")
    for title, rows in (("Refused as listed", refused), ("Right", right)):
        if rows:
            lines += [f"## {title}", "", "| model | command | | seconds |", "| --- | --- | --- | ---: |"]
            lines += [
                f"| {outcome['model']} | {outcome['command']} | {_escaped(why)} | {outcome['seconds']:.1f} |"
                for outcome, _, why in rows]
            lines.append("")
    return "\n".join(lines), len(red)
