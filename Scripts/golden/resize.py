"""Prints the reference pixels of Tests/BantamMediaTests/Images/ImageResizeTests.swift.

    pip install pillow==11.3.0 numpy && python3 Scripts/golden/resize.py
"""

import numpy
import PIL
from PIL import Image

print("Pillow", PIL.__version__)

# `patternImage(width: 7, height: 5)` of the tests.
pattern = numpy.array(
    [[(37 * x + 59 * y + 11 * c + x * y * c * 3) % 256 for c in range(3)] for y in range(5) for x in range(7)],
    dtype=numpy.uint8,
).reshape(5, 7, 3)
image = Image.fromarray(pattern)
for size in [(3, 2), (4, 9), (14, 3)]:
    print("RGB to", size, numpy.asarray(image.resize(size, Image.BILINEAR)).flatten().tolist())

gray = image.convert("L")
print("grey", numpy.asarray(gray).flatten().tolist())
print("grey to (3, 2)", numpy.asarray(gray.resize((3, 2), Image.BILINEAR)).flatten().tolist())

large = numpy.array([[(x * x * 7 + y * 13 + x * y * 5) % 256 for x in range(61)] for y in range(47)], dtype=numpy.uint8)
small = numpy.asarray(Image.fromarray(large).resize((17, 13), Image.BILINEAR)).astype(numpy.int64)
print("61x47 to 17x13: sum", small.sum(), "weighted sum", (small.flatten() * numpy.arange(small.size)).sum())
