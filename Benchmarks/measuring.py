"""What a measurement is, and how it reads in a table."""

import math
import statistics
import subprocess
import sys
from dataclasses import dataclass

import numpy


# A process's peak of memory begins with that of the one which starts it, so a small one does.
LAUNCHER = """
import os, sys, time
started = time.perf_counter()
null = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[null])
_, status, usage = os.wait4(child, 0)
print(time.perf_counter() - started, usage.ru_maxrss * 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def process(*command):
    """Seconds and the largest resident size, in bytes, of a whole process."""
    launched = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LAUNCHER, *map(str, command)], capture_output=True, text=True)
    if launched.returncode:
        raise RuntimeError(f"{command[0]} ended with status {launched.returncode}: {launched.stderr[-500:]}")
    seconds, peak = launched.stdout.split()
    return float(seconds), int(peak)


@dataclass
class Comparison:
    """Alternating measurements of Bantam and of another; entry i of one was taken beside entry i of the other."""

    name: str
    unit: str
    ours: list[float]
    theirs: list[float]
    bar: float
    peer: str

    @property
    def ratios(self):
        return sorted(their / our for our, their in zip(self.ours, self.theirs))

    @property
    def ratio(self):
        return statistics.median(self.ratios)

    @property
    def interval(self):
        """Where the true median of the ratios lies with 95 % confidence; None for too few pairs to tell."""
        count = len(self.ratios)
        # How many pairs of so many lie below the median follows the binomial distribution.
        for rank in range(count // 2, 0, -1):
            outside = 2 * sum(math.comb(count, below) for below in range(rank)) / 2**count
            if outside <= 0.05:
                return self.ratios[rank - 1], self.ratios[count - rank]
        return None

    @property
    def verdict(self):
        if self.interval and self.interval[0] < self.bar < self.interval[1]:
            return "even"
        return "reached" if self.ratio >= self.bar else "missed"

    @property
    def row(self):
        return [
            self.name,
            f"{statistics.median(self.ours):.1f} {self.unit}",
            f"{statistics.median(self.theirs):.1f} {self.unit}",
            f"{self.ratio:.2f}x, median of {len(self.ours)} pairs"
            + (", {:.2f} to {:.2f}".format(*self.interval) if self.interval else ""),
            f"at least {self.bar}x",
            self.verdict,
            self.peer,
        ]


@dataclass
class Limit:
    """Something that must stay below a bar; `other` is the same task done by another, for comparison."""

    name: str
    unit: str
    values: list[float]
    other: list[float]
    bar: float
    peer: str

    @property
    def row(self):
        value = statistics.median(self.values)
        return [
            self.name,
            f"{value:.2f} {self.unit}",
            f"{statistics.median(self.other):.2f} {self.unit}",
            f"median of {len(self.values)}",
            f"under {self.bar:g} {self.unit}",
            "reached" if value < self.bar else "missed",
            self.peer,
        ]


# Of the bootstrap.
DRAWS = 10_000


@dataclass
class Difference:
    """Which of the same test images two answer rightly, `[images]` for each seed."""

    name: str
    ours: list
    theirs: list
    peer: str
    # Percentage points.
    bar: float = 0

    @property
    def points(self):
        return 100 * statistics.mean(our.mean() - their.mean() for our, their in zip(self.ours, self.theirs))

    @property
    def interval(self):
        """Where the difference lies with 95 % confidence, over the choice of images: they are drawn anew, all seeds'
        answers to one together."""
        of_image = numpy.mean([our * 100.0 - their * 100.0 for our, their in zip(self.ours, self.theirs)], axis=0)
        chosen = numpy.random.default_rng(0).integers(len(of_image), size=(DRAWS, len(of_image)))
        return tuple(numpy.percentile(of_image[chosen].mean(1), (2.5, 97.5)))

    @property
    def verdict(self):
        low, high = self.interval
        if low <= self.bar <= high:
            return "even"
        return "reached" if low > self.bar else "missed"

    @property
    def row(self):
        def side(hits):
            rates = [100 * hit.mean() for hit in hits]
            return f"{statistics.mean(rates):.1f} % ({', '.join(f'{rate:.1f}' for rate in rates)})"

        return [
            self.name,
            side(self.ours),
            side(self.theirs),
            "{:+.1f} points, {:+.1f} to {:+.1f}".format(self.points, *self.interval),
            f"no less than {self.bar:g} points",
            self.verdict,
            self.peer,
        ]


HEADER = ["", "Bantam", "other", "measured", "bar", "", "the other and its setting"]


def table(rows):
    """The rows as a Markdown table with aligned columns."""
    rows = [HEADER, *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
