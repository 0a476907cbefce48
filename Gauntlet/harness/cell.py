"""One cell of the table: a model under a command, what was run, and what was found."""

import ctypes
import re
import shlex
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

# Texts that only another library's inside, or a crash, writes; and files that the user has never seen.
RAW = re.compile(
    r"aten::|c10::|at::|Exception from|Check '|src/(core|plugins|inference)|Fatal error|Stack dump|Backtrace|"
    r"/bantam-\d+-\d+/|\*\*\* |This is a fault of Bantam's|precondition|Swift runtime failure")
PROCESS = ctypes.CDLL(None)
# Of the kernel's prctl.h.
PR_SET_PDEATHSIG = 1
REFUSALS = {64: "usage", 65: "bad input", 69: "missing runtime", 75: "budget unmet"}


@dataclass(frozen=True)
class Run:
    """What a process left."""

    arguments: tuple
    status: int
    output: str
    errors: str
    seconds: float

    @property
    def command(self):
        return shlex.join(self.arguments)

    @property
    def warns(self):
        """Whether it says of its own outcome that it is poor."""
        return "warning: " in self.output + self.errors

    def without_paths(self, text):
        """A text without the files that were named to it: their names say what they are about."""
        for argument in sorted(self.arguments, key=len, reverse=True):
            if "/" in argument:
                text = text.replace(argument, "FILE")
        return text

    @property
    def messages(self):
        """What it says is wrong; the argument parser says `Error:`."""
        return [
            line.split("error: ", 1)[-1].removeprefix("Error: ").strip() for line in self.errors.splitlines()
            if line.startswith(("bantam: error: ", "Error: "))]

    @property
    def raw_text(self):
        found = RAW.search(self.errors) or RAW.search(self.output if self.status else "")
        return found.group(0) if found else None

    @property
    def last_words(self):
        lines = [line for line in self.errors.strip().splitlines() if line.strip()]
        return (self.messages or lines or ["(nothing on standard error)"])[-1][:240]


def die_with_parent():
    """An interrupted gauntlet leaves nothing running that would take the next one's time."""
    PROCESS.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def sentences(text):
    """How many a message has; points in numbers, names of files and abbreviations end none."""
    ends = re.findall(r"[.!?][\"')]?\s+[A-Z/]", text.replace("e.g. ", "").replace("i.e. ", ""))
    return len(ends) + 1 if text.strip() else 0


@dataclass
class Cell:
    model: str
    command: str
    folder: Path
    binary: Path
    seconds_allowed: float
    sentences_allowed: int
    runs: list = field(default_factory=list)
    findings: list = field(default_factory=list)
    refusal: str | None = None

    def bantam(self, *arguments, timeout=None):
        """Runs the binary; every run's command stands in the outcome, so that a person can repeat it."""
        command = [str(self.binary), *map(str, arguments)]
        started = time.monotonic()
        try:
            ended = subprocess.run(
                command, capture_output=True, timeout=timeout or self.seconds_allowed, stdin=subprocess.DEVNULL,
                preexec_fn=die_with_parent)
            status, output, errors = ended.returncode, ended.stdout, ended.stderr
        except subprocess.TimeoutExpired as late:
            status, output, errors = -1, late.stdout or b"", late.stderr or b""
        run = Run(
            tuple(command), status, output.decode(errors="replace"), errors.decode(errors="replace"),
            time.monotonic() - started)
        self.runs.append(run)
        return run

    def check(self, name, is_right, detail=""):
        # What was looked at last says how to see it again; `inspect` only looks at what a run before it wrote.
        commands = [run.command for run in self.runs]
        shown = [command for command in commands if " inspect " not in command] or commands
        self.findings.append({
            "name": name, "right": bool(is_right), "detail": str(detail)[:400], "run": shown[-1] if shown else ""})
        return is_right

    def succeeded(self, run, accepts=(0,)):
        """Whether a run did its work. A refusal is kept for the list of refusals to judge; all else is a finding."""
        if run.status in accepts and not run.raw_text:
            return True
        if run.status == -1:
            self.check("time", False, f"not done after {run.seconds:.0f} s")
        elif run.raw_text:
            self.check("message", False, f"status {run.status}, raw text \"{run.raw_text}\": {run.last_words}")
        elif run.status not in REFUSALS:
            self.check("exit", False, f"status {run.status}: {run.last_words}")
        elif len(run.messages) != 1 or not 0 < sentences(run.messages[0]) <= self.sentences_allowed:
            self.check("message", False, f"status {run.status}, not one sentence: {' / '.join(run.messages)[:300]}")
        else:
            self.refusal = run.without_paths(run.messages[0])
        return False

    def refused(self, run, *words):
        """For what must be refused: in a sentence that holds each of the words (regular expressions)."""
        if self.succeeded(run, accepts=()):
            return
        if run.status == 0:
            self.findings.pop()
            self.check("refused", False, "accepted without a word")
        elif self.refusal:
            missing = [word for word in words if not re.search(word, self.refusal)]
            self.check("refused", not missing, f"says nothing of {', '.join(missing)}: {self.refusal}")
            self.refusal = None

    def noted(self, run, *words):
        """For what must be said though the work is done."""
        text = run.without_paths(run.output + run.errors).replace(str(self.folder), "")
        missing = [word for word in words if not re.search(word, text)]
        self.check("said", not missing, f"nothing of {', '.join(missing)}")

    @property
    def outcome(self):
        return {
            "model": self.model, "command": self.command, "findings": self.findings, "refusal": self.refusal,
            "runs": [run.command for run in self.runs], "seconds": round(sum(run.seconds for run in self.runs), 2),
        }
