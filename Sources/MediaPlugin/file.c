// Whole files in memory, gzipped or not.

#include "media.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

void media_free_bytes(cmedia_bytes bytes) { free(bytes.bytes); }

static enum cmedia_code fail_reading(gzFile file, cmedia_status *status) {
    int number = Z_OK;
    int reason = errno;
    const char *text = gzerror(file, &number);
    if (number == Z_ERRNO) return media_fail(status, CMEDIA_CANNOT_OPEN, "%s", strerror(reason));
    if (number == Z_MEM_ERROR) return media_fail(status, CMEDIA_OUT_OF_MEMORY, "no memory to expand it");
    // zlib puts the path in front of its text; the caller names the file already.
    const char *end = text ? strrchr(text, ':') : NULL;
    return media_fail(status, CMEDIA_CORRUPT, "the gzip data are damaged (%s)", end ? end + 2 : "unknown reason");
}

/// Reads to the end; `content` grows by doubling, so that a small file never asks for the limit.
static enum cmedia_code read_all(gzFile file, size_t max_bytes, cmedia_bytes *content, cmedia_status *status) {
    size_t capacity = 0;
    for (;;) {
        if (content->count == capacity) {
            capacity = capacity ? capacity * 2 : 64 << 10;
            // One byte beyond the limit tells a file of exactly that length from a longer one.
            if (capacity > max_bytes) capacity = max_bytes + 1;
            uint8_t *larger = realloc(content->bytes, capacity);
            if (!larger) return media_fail(status, CMEDIA_OUT_OF_MEMORY, "no memory for %zu bytes", capacity);
            content->bytes = larger;
        }
        size_t room = capacity - content->count;
        int count = gzread(file, content->bytes + content->count, room < 1 << 30 ? (unsigned)room : 1u << 30);
        if (count < 0) return fail_reading(file, status);
        if (count == 0) {
            int number = Z_OK;
            gzerror(file, &number);
            return number == Z_OK || number == Z_STREAM_END ? CMEDIA_OK : fail_reading(file, status);
        }
        content->count += (size_t)count;
        if (content->count > max_bytes)
            return media_fail(status, CMEDIA_TOO_LARGE, "it holds more than %zu bytes", max_bytes);
    }
}

enum cmedia_code media_read_file(
    const char *path, size_t max_bytes, int32_t *was_compressed, cmedia_bytes *content, cmedia_status *status
) {
    gzFile file = gzopen(path, "rb");
    if (!file) return media_fail(status, CMEDIA_CANNOT_OPEN, "%s", strerror(errno));
    gzbuffer(file, 256 << 10);
    cmedia_bytes result = {0};
    enum cmedia_code code = read_all(file, max_bytes, &result, status);
    *was_compressed = !gzdirect(file);
    gzclose(file);
    if (code) {
        free(result.bytes);
        return code;
    }
    *content = result;
    return CMEDIA_OK;
}
