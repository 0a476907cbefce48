// Errors and limits.

#include "media.h"

#include <errno.h>
#include <libavutil/error.h>
#include <libavutil/pixdesc.h>
#include <stdarg.h>
#include <stdio.h>

enum cmedia_code media_fail(cmedia_status *status, enum cmedia_code code, const char *format, ...) {
    status->code = code;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(status->message, sizeof status->message, format, arguments);
    va_end(arguments);
    return code;
}

static enum cmedia_code code_of(int error, enum cmedia_code otherwise) {
    switch (error) {
    case AVERROR(ENOMEM): return CMEDIA_OUT_OF_MEMORY;
    case AVERROR_INVALIDDATA: return CMEDIA_CORRUPT;
    case AVERROR(ERANGE): return CMEDIA_TOO_LARGE;
    case AVERROR(ENOSYS):
    case AVERROR_PATCHWELCOME:
    case AVERROR_DECODER_NOT_FOUND:
    case AVERROR_DEMUXER_NOT_FOUND: return CMEDIA_UNSUPPORTED;
    default: return otherwise;
    }
}

enum cmedia_code media_fail_av(
    cmedia_status *status, int error, enum cmedia_code otherwise, const char *activity
) {
    char reason[AV_ERROR_MAX_STRING_SIZE] = "unknown error";
    if (error == AVERROR(ERANGE)) return media_fail(status, CMEDIA_TOO_LARGE, "the picture is larger than the limit");
    av_strerror(error, reason, sizeof reason);
    return media_fail(status, code_of(error, otherwise), "%s: %s", activity, reason);
}

int media_exceeds(const cmedia_limits *limits, int width, int height) {
    return width > limits->max_dimension || height > limits->max_dimension
        || (int64_t)width * height > limits->max_pixels;
}

// Every decoder asks here for the memory of a picture, once it has read its extent.
static int limited_buffer(AVCodecContext *decoder, AVFrame *frame, int flags) {
    const cmedia_limits *limits = decoder->opaque;
    if (media_exceeds(limits, frame->width, frame->height)) return AVERROR(ERANGE);
    return avcodec_default_get_buffer2(decoder, frame, flags);
}

void media_limit_decoder(AVCodecContext *decoder, const cmedia_limits *limits) {
    decoder->opaque = (void *)limits;
    decoder->get_buffer2 = limited_buffer;
}

enum AVPixelFormat media_pixel_format(enum cmedia_format format) {
    switch (format) {
    case CMEDIA_GRAY8: return AV_PIX_FMT_GRAY8;
    case CMEDIA_BGR24: return AV_PIX_FMT_BGR24;
    case CMEDIA_RGB24: return AV_PIX_FMT_RGB24;
    }
    return AV_PIX_FMT_NONE;
}
