"""Prunes models to half of their MACs and compares their throughput on OpenVINO with that of the whole models.

The weights are random: which channels go does not matter here, how many stay of each layer does. Every layer loses about
the same share (`--scope local`); otherwise `bantam prune` does what it does for every user. Both files then run in turns,
each with as many runs at once as OpenVINO finds best, on all threads.
"""

import subprocess
import tempfile
from pathlib import Path

from measuring import Comparison
from training_step import Stepper

MODELS = ("resnet50", "shufflenet_v2_x1_0", "mobilenet_v3_large", "r2plus1d_18", "x3d_s", "slowfast_r50_4x16")
BAR = 1.6
PAIRS = 7
# About the milliseconds of one measurement; a slow model takes four runs all the same.
TURN = 400
FEWEST = 4


def compare(bantam, benchmarks, model, threads, folder):
    whole, half = Path(folder, f"{model}.onnx"), Path(folder, f"{model}-half.onnx")
    subprocess.run([bantam, "create", model, "--classes", "400", "-o", whole], check=True, capture_output=True)
    subprocess.run(
        [bantam, "prune", whole, "--target-macs", "0.5", "--scope", "local", "-o", half], check=True,
        capture_output=True)
    times = {whole: [], half: []}
    with Stepper(benchmarks, "run", whole, threads) as before, Stepper(benchmarks, "run", half, threads) as after:
        turns = [(whole, before), (half, after)]
        steps = max(int(TURN / before.milliseconds(FEWEST)), FEWEST)
        after.milliseconds(FEWEST)
        for _ in range(PAIRS):
            for path, side in turns:
                times[path].append(side.milliseconds(steps))
            turns.reverse()
    whole.unlink()
    half.unlink()
    return Comparison(
        f"half the MACs, {model}, a sample", "ms", times[half], times[whole], BAR, "the unpruned model, all runs at once")


def measure(bantam, benchmarks, threads):
    """Yields the throughput of each model."""
    with tempfile.TemporaryDirectory() as folder:
        for model in MODELS:
            yield compare(bantam, benchmarks, model, threads, folder)
