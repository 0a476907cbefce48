"""Compares a training step with PyTorch eager's, in alternating pairs.

A step is forward, cross-entropy, backward and SGD with Nesterov's momentum and weight decay, on a batch that stays the
same. Bantam's steps are those of its `Trainer`. PyTorch is given the fastest of its settings: each memory format, with
ReLU in place or not, SGD fused or by `foreach`.
"""

import itertools
import subprocess
import sys
import time
from pathlib import Path

from measuring import Comparison

BAR = 1.3
MODELS = ("simple_cnn", "conv_stack")
PRECISIONS = ("float32", "bfloat16")
SETTINGS = list(itertools.product(("contiguous", "channels_last"), ("out_of_place", "in_place"), ("fused", "foreach")))
# Steps in one measurement, so that it takes a quarter of a second or more.
STEPS = {"simple_cnn": 60, "conv_stack": 1}
PAIRS = {"simple_cnn": 15, "conv_stack": 7}
# Seconds before each measurement: OpenMP's threads go on spinning for a while when their work is done.
PAUSE = 0.03


class Stepper:
    """A process that takes steps on request."""

    def __init__(self, *command):
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.version = self.answer().split()[1]

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(self.process.args)} ended with status {self.process.wait()}")
        return line.strip()

    def milliseconds(self, count):
        """The time of a step, averaged over `count` steps."""
        time.sleep(PAUSE)
        self.process.stdin.write(f"step {count}\n")
        return float(self.answer())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def pytorch(model, precision, threads, setting):
    return Stepper(sys.executable, Path(__file__).with_name("pytorch_step.py"), model, precision, threads, *setting)


def fastest_setting(model, precision, threads):
    """The best of PyTorch's settings, by the least of a few measurements of each."""
    # Next to the stack's convolutions the optimizer does not show.
    settings = [setting for setting in SETTINGS if model == "simple_cnn" or setting[2] == "fused"]

    def least(setting):
        with pytorch(model, precision, threads, setting) as peer:
            return min([peer.milliseconds(STEPS[model]) for _ in range(4)][1:])

    return min(settings, key=least)


def compare(executable, model, precision, threads):
    setting = fastest_setting(model, precision, threads)
    steps = STEPS[model]
    ours, theirs = [], []
    with Stepper(executable, model, precision, threads) as bantam, pytorch(model, precision, threads, setting) as peer:
        turns = [(bantam, ours), (peer, theirs)]
        for side, _ in turns:
            side.milliseconds(steps)
        for _ in range(PAIRS[model]):
            for side, times in turns:
                times.append(side.milliseconds(steps))
            turns.reverse()
        name = f"training step, {model}, {precision}"
        return Comparison(name, "ms", ours, theirs, BAR, f"PyTorch {peer.version}, {', '.join(setting)}")


def measure(executable, threads):
    """Yields a comparison for each model and precision."""
    for model, precision in itertools.product(MODELS, PRECISIONS):
        yield compare(executable, model, precision, threads)
