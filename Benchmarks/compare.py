"""Runs every comparison and prints one table."""

import argparse
import os
from pathlib import Path

import inspect_model
import training_step
from measuring import HEADER


def line(cells):
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True, help="the folder of the release binaries")
    parser.add_argument("--threads", default=str(os.cpu_count()), help="threads on both sides")
    options = parser.parse_args()
    print(line(HEADER))
    print(line(["---"] * len(HEADER)), flush=True)
    for result in inspect_model.measure(options.build / "bantam"):
        print(line(result.row), flush=True)
    for result in training_step.measure(options.build / "BantamBenchmarks", options.threads):
        print(line(result.row), flush=True)


if __name__ == "__main__":
    main()
