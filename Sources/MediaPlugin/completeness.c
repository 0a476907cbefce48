// Whether picture files were cut off.

#include "media.h"

#include <string.h>

static int png_ends(const uint8_t *bytes, size_t count) {
    static const uint8_t end[] = {0, 0, 0, 0, 'I', 'E', 'N', 'D'};
    // Chunk by chunk: length, type, content, checksum.
    for (size_t at = 8; count - at >= 12;) {
        if (!memcmp(bytes + at, end, sizeof end)) return 1;
        size_t length = (size_t)bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3];
        if (length > count - at - 12) return 0;
        at += length + 12;
    }
    return 0;
}

static int jpeg_ends(const uint8_t *bytes, size_t count) {
    for (size_t at = count - 1; at > 2; at -= 1) {
        if (bytes[at] == 0xd9 && bytes[at - 1] == 0xff) return 1;
    }
    return 0;
}

/// Passes over blocks of up to 255 bytes, which an empty one ends; `count` or more where the end is missing.
static size_t after_blocks(const uint8_t *bytes, size_t count, size_t at) {
    while (at < count && bytes[at]) at += (size_t)bytes[at] + 1;
    return at + 1;
}

static size_t palette_bytes(uint8_t flags) { return flags & 0x80 ? (size_t)6 << (flags & 7) : 0; }

static int gif_ends(const uint8_t *bytes, size_t count) {
    if (count < 13) return 0;
    for (size_t at = 13 + palette_bytes(bytes[10]); at < count;) {
        switch (bytes[at]) {
        case 0x3b: return 1;
        case 0x21: at = after_blocks(bytes, count, at + 2); break;
        case 0x2c:
            if (count - at < 11) return 0;
            at = after_blocks(bytes, count, at + 11 + palette_bytes(bytes[at + 9]));
            break;
        // Decoders know best what to make of other bytes.
        default: return 1;
        }
    }
    return 0;
}

static size_t little_endian(const uint8_t *bytes) {
    return bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16 | (size_t)bytes[3] << 24;
}

int media_is_complete(enum AVCodecID codec, const uint8_t *bytes, size_t count) {
    switch (codec) {
    case AV_CODEC_ID_PNG: return png_ends(bytes, count);
    case AV_CODEC_ID_MJPEG: return jpeg_ends(bytes, count);
    case AV_CODEC_ID_GIF: return gif_ends(bytes, count);
    // Both tell their length at the start.
    case AV_CODEC_ID_WEBP: return little_endian(bytes + 4) <= count - 8;
    case AV_CODEC_ID_BMP: return count >= 6 && little_endian(bytes + 2) <= count;
    // The decoder itself misses what a directory of TIFF points to.
    default: return 1;
    }
}
