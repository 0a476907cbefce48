"""Prunes models to half of their MACs and compares their throughput on OpenVINO with that of the whole models.

The weights are random: which channels go does not matter here, how many stay of each layer does. Every layer loses about
the same share (`--scope local`); otherwise `bantam prune` does what it does for every user. Both files then run in turns,
each with as many runs at once as OpenVINO finds best, on all threads.

`prune` also wires channel shuffles away, which makes a model faster that loses nothing. Where there are any, a second
comparison is with the unpruned model without them: that is what pruning alone has brought.
"""

import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

from measuring import Comparison
from training_step import Stepper

MODELS = ("resnet50", "shufflenet_v2_x1_0", "mobilenet_v3_large", "r2plus1d_18", "x3d_s", "slowfast_r50_4x16")
SHUFFLED = ("shufflenet_v2_x1_0",)
BAR = 1.6
PAIRS = 15
# About the milliseconds of one measurement; a slow model takes four runs all the same.
TURN = 400
FEWEST = 4


def compare(bantam, benchmarks, model, threads, folder):
    """Yields the throughput of the pruned model beside that of each of its rivals."""
    whole, half = Path(folder, f"{model}.onnx"), Path(folder, f"{model}-half.onnx")
    subprocess.run([bantam, "create", model, "--classes", "400", "-o", whole], check=True, capture_output=True)
    subprocess.run(
        [bantam, "prune", whole, "--target-macs", "0.5", "--scope", "local", "-o", half], check=True,
        capture_output=True)
    rivals = {whole: "the unpruned model, all runs at once"}
    if model in SHUFFLED:
        unshuffled = Path(folder, f"{model}-unshuffled.onnx")
        subprocess.run([benchmarks, "prepare", whole, unshuffled], check=True)
        rivals[unshuffled] = "the unpruned model without its shuffles, all runs at once"
    times = {path: [] for path in (*rivals, half)}
    with ExitStack() as stack:
        turns = [(path, stack.enter_context(Stepper(benchmarks, "run", path, threads))) for path in times]
        steps = max(int(TURN / turns[0][1].milliseconds(FEWEST)), FEWEST)
        for _, side in turns[1:]:
            side.milliseconds(FEWEST)
        for _ in range(PAIRS):
            for path, side in turns:
                times[path].append(side.milliseconds(steps))
            turns.reverse()
    for path, setting in rivals.items():
        yield Comparison(f"half the MACs, {model}, a sample", "ms", times[half], times[path], BAR, setting)
    for path in times:
        path.unlink()


def measure(bantam, benchmarks, threads):
    """Yields the throughput of each model."""
    with tempfile.TemporaryDirectory() as folder:
        for model in MODELS:
            yield from compare(bantam, benchmarks, model, threads, folder)
