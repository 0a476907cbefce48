// From FFmpeg's pictures to packed 8-bit pixels.

#include "media.h"

#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <stdlib.h>
#include <string.h>

struct cmedia_converter {
    struct SwsContext *context;
    // Room for one result with padded rows: swscale may write past the end of a row.
    AVFrame *scratch;
};

cmedia_converter *media_make_converter(void) { return calloc(1, sizeof(cmedia_converter)); }

void media_free_converter(cmedia_converter *converter) {
    if (!converter) return;
    sws_freeContext(converter->context);
    av_frame_free(&converter->scratch);
    free(converter);
}

static int is_gray(enum AVPixelFormat format) {
    const AVPixFmtDescriptor *description = av_pix_fmt_desc_get(format);
    return description && description->nb_components <= 2 && !(description->flags & AV_PIX_FMT_FLAG_PAL);
}

void media_frame_facts(const cmedia_frame *frame, cmedia_frame_facts *facts) {
    facts->width = frame->picture->width;
    facts->height = frame->picture->height;
    facts->orientation = frame->orientation;
    facts->is_gray = is_gray(frame->picture->format);
    facts->is_damaged = frame->picture->flags & AV_FRAME_FLAG_CORRUPT || frame->picture->decode_error_flags;
    facts->seconds = frame->seconds;
    facts->duration_seconds = frame->duration_seconds;
}

void media_free_frame(cmedia_frame *frame) {
    if (!frame) return;
    av_frame_free(&frame->picture);
    free(frame);
}

static int flags_of(enum cmedia_filter filter) {
    // Rounding and chroma in full, and the same result on every processor: what a model is trained on is what it
    // sees when deployed.
    int accurate = SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_BITEXACT;
    switch (filter) {
    case CMEDIA_NEAREST: return SWS_POINT | accurate;
    case CMEDIA_BICUBIC: return SWS_BICUBIC | accurate;
    case CMEDIA_AREA: return SWS_AREA | accurate;
    case CMEDIA_BILINEAR: return SWS_BILINEAR | accurate;
    }
    return SWS_BILINEAR | accurate;
}

static int is_full_range(const AVFrame *frame) {
    const AVPixFmtDescriptor *description = av_pix_fmt_desc_get(frame->format);
    if (description && (description->flags & AV_PIX_FMT_FLAG_RGB)) return 1;
    if (frame->color_range != AVCOL_RANGE_UNSPECIFIED) return frame->color_range == AVCOL_RANGE_JPEG;
    switch (frame->format) {
    case AV_PIX_FMT_YUVJ411P:
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ440P:
    case AV_PIX_FMT_YUVJ444P: return 1;
    default: return is_gray(frame->format);
    }
}

enum cmedia_code media_convert(
    cmedia_converter *converter, const AVFrame *source, AVFrame *target, enum cmedia_filter filter,
    cmedia_status *status
) {
    if (source->format == target->format && source->width == target->width && source->height == target->height) {
        int error = av_frame_copy(target, source);
        return error < 0 ? media_fail_av(status, error, CMEDIA_UNSUPPORTED, "copying the picture") : CMEDIA_OK;
    }
    converter->context = sws_getCachedContext(
        converter->context, source->width, source->height, source->format, target->width, target->height,
        target->format, flags_of(filter), NULL, NULL, NULL);
    if (!converter->context) {
        const char *name = av_get_pix_fmt_name(source->format);
        return media_fail(
            status, CMEDIA_UNSUPPORTED, "no conversion from %dx%d pixels of format %s to %dx%d", source->width,
            source->height, name ? name : "unknown", target->width, target->height);
    }
    // A stream that does not name its matrix gets swscale's default, BT.601. Formats without a matrix refuse the
    // call, which is of no consequence.
    int matrix = source->colorspace == AVCOL_SPC_UNSPECIFIED ? SWS_CS_DEFAULT : (int)source->colorspace;
    const int *coefficients = sws_getCoefficients(matrix);
    sws_setColorspaceDetails(
        converter->context, coefficients, is_full_range(source), sws_getCoefficients(SWS_CS_DEFAULT),
        is_full_range(target), 0, 1 << 16, 1 << 16);
    int rows = sws_scale(
        converter->context, (const uint8_t *const *)source->data, source->linesize, 0, source->height, target->data,
        target->linesize);
    if (rows < 0) return media_fail_av(status, rows, CMEDIA_UNSUPPORTED, "converting the picture");
    return CMEDIA_OK;
}

static enum cmedia_code make_picture(
    AVFrame **picture, int width, int height, enum AVPixelFormat format, cmedia_status *status
) {
    *picture = av_frame_alloc();
    if (!*picture) return media_fail(status, CMEDIA_OUT_OF_MEMORY, "no memory for a picture");
    (*picture)->width = width;
    (*picture)->height = height;
    (*picture)->format = format;
    int error = av_frame_get_buffer(*picture, 0);
    if (error < 0) {
        av_frame_free(picture);
        return media_fail_av(status, error, CMEDIA_TOO_LARGE, "making room for a picture");
    }
    return CMEDIA_OK;
}

enum cmedia_code media_convert_frame(
    cmedia_converter *converter, const cmedia_frame *frame, int32_t width, int32_t height, enum cmedia_format format,
    enum cmedia_filter filter, uint8_t *destination, cmedia_status *status
) {
    enum AVPixelFormat target = media_pixel_format(format);
    AVFrame *scratch = converter->scratch;
    if (!scratch || scratch->width != width || scratch->height != height || scratch->format != (int)target) {
        av_frame_free(&converter->scratch);
        enum cmedia_code code = make_picture(&converter->scratch, width, height, target, status);
        if (code) return code;
        scratch = converter->scratch;
    }
    enum cmedia_code code = media_convert(converter, frame->picture, scratch, filter, status);
    if (code) return code;
    int row_bytes = width * (format == CMEDIA_GRAY8 ? 1 : 3);
    av_image_copy_plane(destination, row_bytes, scratch->data[0], scratch->linesize[0], row_bytes, height);
    return CMEDIA_OK;
}

enum cmedia_code media_picture_from(const cmedia_pixels *pixels, AVFrame **picture, cmedia_status *status) {
    enum cmedia_code code =
        make_picture(picture, pixels->width, pixels->height, media_pixel_format(pixels->format), status);
    if (code) return code;
    int row_bytes = pixels->width * (pixels->format == CMEDIA_GRAY8 ? 1 : 3);
    av_image_copy_plane(
        (*picture)->data[0], (*picture)->linesize[0], pixels->bytes, row_bytes, row_bytes, pixels->height);
    return CMEDIA_OK;
}
