// The first directory of TIFF files, which is also the form of EXIF: entries of a tag, a type, a count and a value.

#include "media.h"

#include <string.h>

enum { tag_orientation = 0x0112, tag_sample_format = 0x0153, type_short = 3, entry_bytes = 12 };

typedef struct {
    const uint8_t *bytes;
    int is_little_endian;
    /// Where the entries lie; none where the directory is not whole.
    size_t start;
    size_t count;
} directory;

static uint32_t number(const directory *directory, size_t at, int length) {
    uint32_t value = 0;
    for (int index = 0; index < length; index += 1) {
        size_t place = at + (size_t)(directory->is_little_endian ? length - 1 - index : index);
        value = value << 8 | directory->bytes[place];
    }
    return value;
}

static directory first_directory(const uint8_t *bytes, size_t count) {
    directory result = {bytes, 0, 0, 0};
    if (count < 8 || (memcmp(bytes, "II*\0", 4) && memcmp(bytes, "MM\0*", 4))) return result;
    result.is_little_endian = bytes[0] == 'I';
    size_t start = number(&result, 4, 4);
    if (start > count - 2) return result;
    size_t entries = number(&result, start, 2);
    result.start = start + 2;
    if (entries * entry_bytes <= count - result.start) result.count = entries;
    return result;
}

int media_tiff_orientation(const uint8_t *bytes, size_t count) {
    directory directory = first_directory(bytes, count);
    for (size_t index = 0; index < directory.count; index += 1) {
        size_t entry = directory.start + entry_bytes * index;
        if (number(&directory, entry, 2) != tag_orientation) continue;
        if (number(&directory, entry + 2, 2) != type_short || number(&directory, entry + 4, 4) != 1) return 1;
        uint32_t value = number(&directory, entry + 8, 2);
        return value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}

/// The first value of an entry of short numbers, of which two have room in the entry itself.
static uint32_t first_short(const directory *directory, size_t entry, size_t count) {
    size_t place = number(directory, entry + 4, 4) <= 2 ? entry + 8 : number(directory, entry + 8, 4);
    return place + 2 <= count ? number(directory, place, 2) : 0;
}

static int tells_of_pixels(uint32_t tag) {
    // Extent, bits, compression, photometric meaning, bit order, strips, channels, planes, options of the fax
    // compressions, predictor, palette, tiles, tables of JPEG, subsampling.
    static const uint16_t tags[] = {256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284,
                                    292, 293, 317, 320, 322, 323, 324, 325, 347, 530};
    for (size_t index = 0; index < sizeof tags / sizeof *tags; index += 1) {
        if (tags[index] == tag) return 1;
    }
    return 0;
}

enum cmedia_code media_reduce_tiff(uint8_t *bytes, size_t count, cmedia_status *status) {
    directory directory = first_directory(bytes, count);
    if (!directory.count) return media_fail(status, CMEDIA_CORRUPT, "its directory is cut off");
    size_t kept = 0;
    for (size_t index = 0; index < directory.count; index += 1) {
        size_t entry = directory.start + entry_bytes * index;
        uint32_t tag = number(&directory, entry, 2);
        // Floating-point and signed numbers would be read as if they were pixels.
        if (tag == tag_sample_format && first_short(&directory, entry, count) != 1)
            return media_fail(status, CMEDIA_UNSUPPORTED, "its pixels are no unsigned whole numbers");
        if (!tells_of_pixels(tag)) continue;
        memmove(bytes + directory.start + entry_bytes * kept, bytes + entry, entry_bytes);
        kept += 1;
    }
    // No second directory: one picture is enough.
    memset(bytes + directory.start + entry_bytes * kept, 0, entry_bytes * (directory.count - kept));
    bytes[directory.start - 2] = (uint8_t)(directory.is_little_endian ? kept : kept >> 8);
    bytes[directory.start - 1] = (uint8_t)(directory.is_little_endian ? kept >> 8 : kept);
    return CMEDIA_OK;
}
