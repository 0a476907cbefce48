"""Where things lie."""

import hashlib
import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
HERE = REPOSITORY / "Gauntlet"
CACHE = Path(os.environ.get("BANTAM_GAUNTLET") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
             / "bantam/gauntlet")
MODELS = Path(os.environ.get("BANTAM_MODELS", Path.home() / ".cache/bantam/models"))
CASES = REPOSITORY / "Tests/Fixtures/cases"
# Real data and weights, which a machine may have; nothing in `make test` needs them.
SHARED = Path(os.environ.get("BANTAM_SHARED", REPOSITORY.parent / "shared"))
if not SHARED.exists():
    SHARED = Path("/work/shared")


def digest(paths):
    """Of the contents of the files, in order."""
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


def key(binary):
    """Of everything that an outcome depends on: the binary, its plugins, and the gauntlet itself."""
    plugins = sorted(binary.resolve().parent.glob("lib*Plugin.so"))
    own = sorted(HERE.rglob("*.py")) + [HERE / "floors.json"]
    return digest([binary, *plugins, *own, *sorted(CASES.glob("*.*"))])
