"""Prunes models to half of their MACs and compares their speed on OpenVINO with that of the whole models.

The weights are random: which channels go does not matter here, how many stay of each layer does. Every layer loses about
the same share (`--scope local`), and `bantam prune` times the two files in turns, as it does for every user.
"""

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

MODELS = ("resnet50", "shufflenet_v2_x1_0", "mobilenet_v3_large", "r2plus1d_18", "x3d_s", "slowfast_r50_4x16")
BAR = 1.6


@dataclass
class Speedup:
    """How many times as fast a pruned model is as the one it came from."""

    name: str
    value: float
    macs: float

    @property
    def row(self):
        return [
            self.name, f"{self.value:.2f}x", f"{self.macs:.2f} of the MACs", "median of 5 pairs", f"at least {BAR}x",
            "reached" if self.value >= BAR else "missed", "the unpruned model",
        ]


def measure(bantam, threads):
    """Yields the speedup of each model."""
    with tempfile.TemporaryDirectory() as folder:
        for model in MODELS:
            whole, half = Path(folder, f"{model}.onnx"), Path(folder, f"{model}-half.onnx")
            subprocess.run([bantam, "create", model, "--classes", "400", "-o", whole], check=True, capture_output=True)
            command = [bantam, "prune", whole, "--target-macs", "0.5", "--scope", "local", "--threads", str(threads),
                       "--json", "-o", half]
            record = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            macs = record["after"]["macs"] / record["before"]["macs"]
            yield Speedup(f"half the MACs, {model}", record["speed"]["speedup"], macs)
            whole.unlink()
            half.unlink()
