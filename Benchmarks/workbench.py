"""Steps of long comparisons, each kept when it is done: an interrupted run goes on where it was."""

import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

BENCHMARKS = Path(__file__).parent
FOLDER = BENCHMARKS.parent / ".build/bench"
# Freed blocks are kept, as Bantam keeps them by itself and PyTorch's tuning guide advises: a step takes 2.1 s, not 3.5.
KEEPING = {"MALLOC_TRIM_THRESHOLD_": "-1", "MALLOC_MMAP_THRESHOLD_": str(1 << 32)}


@cache
def digest(path, _):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def content(path):
    """What tells whether a file is still the same."""
    state = path.stat()
    return digest(path, (state.st_mtime_ns, state.st_size))


class Workbench:
    """A folder of files that commands make, and of what each command took."""

    def __init__(self, name):
        self.folder = FOLDER / name
        self.folder.mkdir(parents=True, exist_ok=True)

    def make(self, output, *command, scripts=()):
        """Runs a command that writes `output`, unless what it makes of the same files is there already.

        The answer is what it took: `processor` and `seconds`. A peer prints its own as a line of JSON, with whatever
        else it has to say, so that the time to import Python's libraries is left out.
        """
        command = [str(word) for word in command]
        read = [Path(word) for word in command if word != str(output) and Path(word).is_file()]
        contents = [content(path) for path in (*read, *(BENCHMARKS / name for name in scripts))]
        key = hashlib.sha256(json.dumps([command, contents]).encode()).hexdigest()
        record = output.with_suffix(".json")
        if record.exists() and output.exists():
            known = json.loads(record.read_text())
            if known["key"] == key:
                return known
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        with output.with_suffix(".log").open("w") as log:
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ | KEEPING)
        seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode:
            sys.exit(f"{' '.join(command)} ended with status {done.returncode}:\n{log_end(output)}")
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        taken = {"key": key, "command": command, "processor": processor, "seconds": seconds}
        lines = done.stdout.splitlines()
        if lines and lines[-1].startswith("{"):
            taken |= json.loads(lines[-1])
        else:
            taken["printed"] = done.stdout
        record.write_text(json.dumps(taken, indent=1))
        print(f"  {output.relative_to(self.folder)}: {taken['processor']:.0f} s of the processor", flush=True)
        return taken


def log_end(output):
    return output.with_suffix(".log").read_text()[-1000:]
