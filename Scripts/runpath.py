"""Changes where ELF files look for their libraries, in place: RUNPATH FILE ...

The new text must not be longer than the old one, since it takes its place. Files without a run path are left as they are.
"""

import struct
import sys
from pathlib import Path

PT_LOAD, PT_DYNAMIC = 1, 2
DT_NULL, DT_STRTAB, DT_RPATH, DT_RUNPATH = 0, 5, 15, 29


def change(path, runpath):
    data = bytearray(path.read_bytes())
    if data[:6] != b"\x7fELF\x02\x01":
        sys.exit(f"runpath: {path} is no 64-bit little-endian ELF file")
    (offset,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    segments = [struct.unpack_from("<IIQQQQ", data, offset + size * each) for each in range(count)]

    def place(address):
        """Where in the file lies what is loaded at an address."""
        for kind, _, start, virtual, _, length in segments:
            if kind == PT_LOAD and virtual <= address < virtual + length:
                return address - virtual + start
        sys.exit(f"runpath: {path} names an address that it does not load")

    entries = []
    for kind, _, start, _, _, length in segments:
        if kind == PT_DYNAMIC:
            entries += [struct.unpack_from("<QQ", data, each) for each in range(start, start + length, 16)]
    entries = entries[: next(i for i, (tag, _) in enumerate(entries) if tag == DT_NULL)] if entries else []
    texts = next((place(value) for tag, value in entries if tag == DT_STRTAB), None)
    for tag, value in entries:
        if tag in (DT_RPATH, DT_RUNPATH):
            start = texts + value
            old = data[start : data.index(0, start)]
            if len(runpath) > len(old):
                sys.exit(f"runpath: {path} has room for {len(old)} bytes only, {old.decode()!r}")
            data[start : start + len(old)] = runpath.encode().ljust(len(old), b"\0")
    path.write_bytes(data)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    for name in sys.argv[2:]:
        change(Path(name), sys.argv[1])
