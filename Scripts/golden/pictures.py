"""Makes Tests/Fixtures/pictures: one small picture in each format and orientation that Bantam reads.

Needs pillow==13.0.0. Run: python3 Scripts/golden/pictures.py Tests/Fixtures/pictures

Pixel (x, y) of the 6x4 picture is (40 x, 60 y, 100); of several pictures in a file the first is this one, and the
second is white. Orientations are stored beside the same pixels; those of the JPEG files are enlarged ten times.
"""

import os
import sys

from PIL import Image

folder = sys.argv[1]
picture = Image.new("RGB", (6, 4))
for y in range(4):
    for x in range(6):
        picture.putpixel((x, y), (40 * x, 60 * y, 100))
white = Image.new("RGB", (6, 4), (255, 255, 255))
see_through = picture.convert("RGBA")
see_through.putalpha(200)
several = {"save_all": True, "append_images": [white], "duration": 100}


def save(image, name, **options):
    image.save(os.path.join(folder, name), **options)


save(picture, "exact.webp", lossless=True)
save(picture, "lossy.webp", quality=95)
save(see_through, "see-through.webp", quality=95)
save(picture, "moving.webp", lossless=True, **several)
save(picture, "moving-lossy.webp", quality=95, **several)
save(see_through, "moving-see-through.webp", quality=95, **several)
save(picture, "exact.bmp")
save(picture, "exact.tif")
save(picture, "exact-lzw.tif", compression="tiff_lzw")
save(picture, "exact-deflate.tiff", compression="tiff_deflate")
save(picture, "exact-pages.tiff", save_all=True, append_images=[white])
save(picture, "exact.gif")
save(picture, "moving.gif", **several)
save(picture.convert("P", palette=Image.Palette.ADAPTIVE), "exact-palette.png")
save(picture.convert("P", palette=Image.Palette.ADAPTIVE), "exact-palette.bmp")
for extension in ["tif", "bmp", "png"]:
    save(picture.convert("L"), f"gray.{extension}")

large = picture.resize((60, 40), Image.Resampling.NEAREST)
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    save(large, f"turned-{orientation}.jpg", exif=exif, quality=95)
    for extension, options in {"png": {}, "webp": {"lossless": True}, "tif": {}}.items():
        save(picture, f"turned-{orientation}.{extension}", exif=exif, **options)
