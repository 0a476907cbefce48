"""Runs every comparison and prints one table."""

import argparse
import datetime
import os
import platform
from pathlib import Path

import defaults
import delete_channels
import half_macs
import inspect_model
import load_model
import quantize_int8
import scratch
import training_step
from measuring import table


# Each is given the two programs and the threads to use.
PARTS = {
    "inspect": lambda bantam, benchmarks, threads: inspect_model.measure(bantam),
    "load": lambda bantam, benchmarks, threads: load_model.measure(benchmarks),
    "channels": lambda bantam, benchmarks, threads: delete_channels.measure(benchmarks),
    "macs": half_macs.measure,
    "int8": quantize_int8.measure,
    "training": lambda bantam, benchmarks, threads: training_step.measure(benchmarks, threads),
}
# Of an hour and more: only where they are named.
LONG_PARTS = {"defaults": defaults.measure, "scratch": scratch.measure}
ALL_PARTS = PARTS | LONG_PARTS


def conditions(threads):
    """The day, the processor, and what of it is used."""
    lines = [line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines() if ":" in line]
    facts = {key.strip(): value.strip() for key, value in lines}
    flags = facts.get("flags", "").split()
    sets = [name for name in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8") if name in flags]
    return (
        f"{datetime.date.today()}, {facts.get('model name', platform.machine())} with {', '.join(sets)}, "
        f"{os.cpu_count()} cores, {threads} threads on both sides"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True, help="the folder of the release binaries")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads on both sides")
    parser.add_argument("--record", type=Path, help="a Markdown file to write the table to, too")
    parser.add_argument(
        "--only", choices=ALL_PARTS, action="append", help="a part of the comparisons; several make more")
    options = parser.parse_args()
    rows = []
    for name in options.only or PARTS:
        for result in ALL_PARTS[name](options.build / "bantam", options.build / "BantamBenchmarks", options.threads):
            rows.append(result.row)
            name, ours, other, measured, bar, verdict, _ = result.row
            print(f"{name}: {ours} beside {other}, {measured}, {bar}: {verdict}", flush=True)
    text = f"{table(rows)}\n\n{conditions(options.threads)}"
    print(text)
    if options.record:
        options.record.write_text(f"# What `make bench` printed\n\n{text}\n")


if __name__ == "__main__":
    main()
