"""Uncompressed videos, which need no encoder."""

import struct


def write_video(path, frames, rate=10):
    """Uncompressed AVI. `frames`: [T, H, W, 3] in RGB, W a multiple of 4."""
    count, height, width, _ = frames.shape

    def chunk(name, content):
        return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)

    def group(name, content):
        return chunk(b"LIST", name + content)

    size = height * width * 3
    header = struct.pack("<14I", 1_000_000 // rate, size * rate, 0, 0, count, 0, 1, size, width, height, 0, 0, 0, 0)
    stream = struct.pack("<4s4sIHHIIIIIIIIhhhh", b"vids", b"DIB ", 0, 0, 0, 0, 1, rate, 0, count, size, 0, size,
                         0, 0, width, height)
    bitmap = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, size, 0, 0, 0, 0)
    # Rows from the bottom up, in blue, green, red.
    data = b"".join(chunk(b"00db", frame[::-1, :, ::-1].tobytes()) for frame in frames)
    headers = group(b"hdrl", chunk(b"avih", header) + group(b"strl", chunk(b"strh", stream) + chunk(b"strf", bitmap)))
    path.write_bytes(chunk(b"RIFF", b"AVI " + headers + group(b"movi", data)))
