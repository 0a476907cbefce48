"""Compares finding coupled channels and deleting half of them with Torch-Pruning, in alternating pairs.

Torch-Pruning traces a forward pass to find them, as its documentation shows; Bantam reads them off the graph. Neither
side chooses channels by a criterion. Bantam's time on chains of growing length shows that it grows with the nodes.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from measuring import Comparison, Limit
from training_step import Stepper

MODELS = ("resnet50", "densenet201", "vit_b_16")
BAR = 10
PAIRS = 7
# Repetitions of Bantam's side in one measurement.
STEPS = 5
CHAIN = 2_500, 10_000
# The time of a node in the longer chain may be this many times that in the shorter, whose data fit the caches better.
GROWTH = 1.5


def compare(benchmarks, model, folder):
    path = Path(folder, f"{model}.onnx")
    script = Path(__file__).with_name("torch_pruning_step.py")
    ours, theirs = [], []
    with Stepper(sys.executable, script, model, path) as other, Stepper(benchmarks, "delete", path) as bantam:
        turns = [(bantam, ours, STEPS), (other, theirs, 1)]
        for side, _, steps in turns:
            side.milliseconds(steps)
        for _ in range(PAIRS):
            for side, times, steps in turns:
                times.append(side.milliseconds(steps))
            turns.reverse()
        return Comparison(f"delete channels, {model}", "ms", ours, theirs, BAR, f"Torch-Pruning {other.version}")


def measure(benchmarks):
    """Yields the times for each model, and the growth with the number of nodes."""
    with tempfile.TemporaryDirectory() as folder:
        for model in MODELS:
            yield compare(benchmarks, model, folder)
    with Stepper(benchmarks, "delete", f"chain:{CHAIN[0]}") as short, Stepper(
        benchmarks, "delete", f"chain:{CHAIN[1]}"
    ) as long:
        ratios = []
        for _ in range(PAIRS):
            times = short.milliseconds(STEPS), long.milliseconds(STEPS)
            ratios.append(times[1] / CHAIN[1] / (times[0] / CHAIN[0]))
    yield Limit(
        f"delete channels, time a node: {CHAIN[1]} to {CHAIN[0]} nodes", "x", ratios, [statistics.median(ratios)],
        GROWTH, "Bantam itself")
