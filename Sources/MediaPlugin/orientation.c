// How a picture must be turned to be seen: cameras store it as the sensor lay, and note beside it how they were held.

#include "media.h"

#include <stdlib.h>
#include <string.h>

static const int upright = 1;

int media_stream_orientation(const AVStream *stream) {
    const int32_t *matrix = NULL;
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 16, 100)
    const AVPacketSideData *data = av_packet_side_data_get(
        stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
    if (data && data->size >= 9 * sizeof *matrix) matrix = (const int32_t *)data->data;
#else
    size_t size = 0;
    const uint8_t *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    if (data && size >= 9 * sizeof *matrix) matrix = (const int32_t *)data;
#endif
    if (!matrix) return upright;
    // The point (x, y), counted to the right and downwards, goes to (a x + c y, b x + d y). Matrices that turn by
    // other than right angles count as the nearest that does.
    int64_t a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
    if (!a && !b && !c && !d) return upright;
    if (llabs(a) + llabs(d) >= llabs(b) + llabs(c)) {
        if (a >= 0) return d >= 0 ? 1 : 4;
        return d >= 0 ? 2 : 3;
    }
    if (b >= 0) return c >= 0 ? 5 : 6;
    return c >= 0 ? 8 : 7;
}

/// EXIF, with or without the words that introduce it.
static int exif_orientation(const uint8_t *bytes, size_t count) {
    static const uint8_t start[] = {'E', 'x', 'i', 'f', 0, 0};
    if (count >= sizeof start && !memcmp(bytes, start, sizeof start))
        return media_tiff_orientation(bytes + sizeof start, count - sizeof start);
    return media_tiff_orientation(bytes, count);
}

static int jpeg_orientation(const uint8_t *bytes, size_t count) {
    // Marker by marker, up to where the pixels start.
    for (size_t at = 2; at + 4 <= count && bytes[at] == 0xff;) {
        uint8_t marker = bytes[at + 1];
        if (marker == 0xff) {
            at += 1;
            continue;
        }
        if (marker == 0xda || marker == 0xd9) break;
        size_t length = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
        if (length < 2 || length > count - at - 2) break;
        if (marker == 0xe1 && length >= 8 && !memcmp(bytes + at + 4, "Exif", 4))
            return exif_orientation(bytes + at + 4, length - 2);
        at += 2 + length;
    }
    return upright;
}

static int png_orientation(const uint8_t *bytes, size_t count) {
    for (size_t at = 8; count - at >= 12;) {
        size_t length = (size_t)bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3];
        if (length > count - at - 12) break;
        if (!memcmp(bytes + at + 4, "eXIf", 4)) return exif_orientation(bytes + at + 8, length);
        at += length + 12;
    }
    return upright;
}

static size_t riff_length(const uint8_t *bytes) {
    return bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16 | (size_t)bytes[3] << 24;
}

/// Where the content of a chunk of a WebP file begins; 0 where there is none.
static size_t webp_chunk(const uint8_t *bytes, size_t count, size_t at, const char *name, size_t *length) {
    while (at <= count && count - at >= 8) {
        *length = riff_length(bytes + at + 4);
        if (*length > count - at - 8) return 0;
        if (!memcmp(bytes + at, name, 4)) return at + 8;
        // Chunks are padded to an even length.
        at += 8 + *length + (*length & 1);
    }
    return 0;
}

int media_picture_orientation(enum AVCodecID codec, const uint8_t *bytes, size_t count) {
    size_t length = 0;
    switch (codec) {
    case AV_CODEC_ID_MJPEG: return jpeg_orientation(bytes, count);
    case AV_CODEC_ID_PNG: return png_orientation(bytes, count);
    case AV_CODEC_ID_TIFF: return media_tiff_orientation(bytes, count);
    case AV_CODEC_ID_WEBP: {
        size_t start = webp_chunk(bytes, count, 12, "EXIF", &length);
        return start ? exif_orientation(bytes + start, length) : upright;
    }
    default: return upright;
    }
}

size_t media_first_webp_frame(const uint8_t **bytes, size_t *count, uint8_t header[12]) {
    size_t length = 0;
    size_t frame = webp_chunk(*bytes, *count, 12, "ANMF", &length);
    // Place, extent and duration come before the picture's own chunks.
    if (!frame || length < 16 + 8) return 0;
    *bytes += frame + 16;
    *count = length - 16;
    memcpy(header, "RIFF", 4);
    for (int index = 0; index < 4; index += 1) header[4 + index] = (uint8_t)((*count + 4) >> 8 * index);
    memcpy(header + 8, "WEBP", 4);
    return 12;
}
