// Short videos, for synthetic data, tests and reports.

#include "media.h"

#include <errno.h>
#include <libavutil/opt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct cmedia_writer {
    char *path;
    AVFormatContext *format;
    AVCodecContext *encoder;
    AVStream *stream;
    AVPacket *packet;
    AVFrame *picture;
    cmedia_converter *converter;
    /// The time of the next frame, and how long the last one stays, in frame intervals.
    int64_t time;
    int32_t intervals;
};

static void free_writer(cmedia_writer *writer) {
    media_free_converter(writer->converter);
    av_frame_free(&writer->picture);
    av_packet_free(&writer->packet);
    avcodec_free_context(&writer->encoder);
    if (writer->format) avio_closep(&writer->format->pb);
    avformat_free_context(writer->format);
    free(writer->path);
    free(writer);
}

void media_discard_writer(cmedia_writer *writer) {
    if (!writer) return;
    // Nothing was created when the container was refused.
    if (writer->format && writer->format->pb) unlink(writer->path);
    free_writer(writer);
}

static int is_offered(const AVCodec *codec, enum AVPixelFormat format) {
    for (const enum AVPixelFormat *each = codec->pix_fmts; each && *each != AV_PIX_FMT_NONE; each += 1) {
        if (*each == format) return 1;
    }
    return 0;
}

/// Lossless encoders take RGB as it is; the others take 4:2:0, which every player reads.
static enum AVPixelFormat encoded_format(const AVCodec *codec) {
    if (is_offered(codec, AV_PIX_FMT_YUV420P) && codec->id != AV_CODEC_ID_FFV1) return AV_PIX_FMT_YUV420P;
    if (is_offered(codec, AV_PIX_FMT_BGR0)) return AV_PIX_FMT_BGR0;
    return codec->pix_fmts ? codec->pix_fmts[0] : AV_PIX_FMT_YUV420P;
}

static enum cmedia_code open_encoder(
    cmedia_writer *writer, const char *name, int32_t width, int32_t height, double rate, cmedia_status *status
) {
    const AVCodec *codec = avcodec_find_encoder_by_name(name);
    if (!codec) return media_fail(status, CMEDIA_UNSUPPORTED, "this FFmpeg has no encoder \"%s\"", name);
    writer->encoder = avcodec_alloc_context3(codec);
    writer->stream = avformat_new_stream(writer->format, NULL);
    writer->packet = av_packet_alloc();
    writer->picture = av_frame_alloc();
    writer->converter = media_make_converter();
    if (!writer->encoder || !writer->stream || !writer->packet || !writer->picture || !writer->converter)
        return media_fail(status, CMEDIA_OUT_OF_MEMORY, "no memory for an encoder");

    AVCodecContext *encoder = writer->encoder;
    encoder->width = width;
    encoder->height = height;
    encoder->pix_fmt = encoded_format(codec);
    encoder->framerate = av_d2q(rate, 60000);
    encoder->time_base = av_inv_q(encoder->framerate);
    encoder->gop_size = 12;
    encoder->thread_count = 1;
    encoder->flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
    encoder->global_quality = 2 * FF_QP2LAMBDA;
    if (writer->format->oformat->flags & AVFMT_GLOBALHEADER) encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    int error = avcodec_open2(encoder, codec, NULL);
    if (error >= 0) error = avcodec_parameters_from_context(writer->stream->codecpar, encoder);
    if (error < 0) return media_fail_av(status, error, CMEDIA_UNSUPPORTED, "opening the encoder");
    writer->stream->time_base = encoder->time_base;
    writer->stream->avg_frame_rate = encoder->framerate;

    writer->picture->width = width;
    writer->picture->height = height;
    writer->picture->format = encoder->pix_fmt;
    error = av_frame_get_buffer(writer->picture, 0);
    return error < 0 ? media_fail_av(status, error, CMEDIA_OUT_OF_MEMORY, "making room for a frame") : CMEDIA_OK;
}

static enum cmedia_code open_container(cmedia_writer *writer, cmedia_status *status) {
    size_t length = strlen(writer->path) + sizeof "file:";
    char *url = malloc(length);
    if (!url) return media_fail(status, CMEDIA_OUT_OF_MEMORY, "no memory for a path");
    snprintf(url, length, "file:%s", writer->path);
    int error = avio_open(&writer->format->pb, url, AVIO_FLAG_WRITE);
    free(url);
    if (error >= 0) error = avformat_write_header(writer->format, NULL);
    return error < 0 ? media_fail_av(status, error, CMEDIA_CANNOT_WRITE, "writing the file's header") : CMEDIA_OK;
}

enum cmedia_code media_open_writer(
    const char *path, const char *codec, int32_t width, int32_t height, double frames_per_second,
    cmedia_writer **writer, cmedia_status *status
) {
    cmedia_writer *result = calloc(1, sizeof *result);
    if (result) result->path = strdup(path);
    if (!result || !result->path) {
        free(result);
        return media_fail(status, CMEDIA_OUT_OF_MEMORY, "no memory for a writer");
    }
    enum cmedia_code code = CMEDIA_OK;
    if (avformat_alloc_output_context2(&result->format, NULL, NULL, path) < 0)
        code = media_fail(status, CMEDIA_UNSUPPORTED, "no video container has this file extension");
    if (!code) {
        // The same frames give the same file.
        result->format->flags |= AVFMT_FLAG_BITEXACT;
        code = open_encoder(result, codec, width, height, frames_per_second, status);
    }
    if (!code) code = open_container(result, status);
    if (code) {
        media_discard_writer(result);
        return code;
    }
    *writer = result;
    return CMEDIA_OK;
}

static enum cmedia_code drain(cmedia_writer *writer, cmedia_status *status) {
    for (;;) {
        int error = avcodec_receive_packet(writer->encoder, writer->packet);
        if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return CMEDIA_OK;
        if (error < 0) return media_fail_av(status, error, CMEDIA_UNSUPPORTED, "encoding");
        writer->packet->duration = writer->intervals;
        av_packet_rescale_ts(writer->packet, writer->encoder->time_base, writer->stream->time_base);
        writer->packet->stream_index = writer->stream->index;
        error = av_interleaved_write_frame(writer->format, writer->packet);
        if (error < 0) return media_fail_av(status, error, CMEDIA_CANNOT_WRITE, "writing");
    }
}

enum cmedia_code media_write_frame(
    cmedia_writer *writer, const cmedia_pixels *pixels, int32_t intervals, cmedia_status *status
) {
    AVFrame *source = NULL;
    enum cmedia_code code = media_picture_from(pixels, &source, status);
    if (code) return code;
    // The encoder may still hold the last picture.
    int error = av_frame_make_writable(writer->picture);
    if (error < 0) {
        code = media_fail_av(status, error, CMEDIA_OUT_OF_MEMORY, "making room for a frame");
    } else {
        code = media_convert(writer->converter, source, writer->picture, CMEDIA_BILINEAR, status);
    }
    av_frame_free(&source);
    if (code) return code;
    writer->picture->pts = writer->time;
    writer->picture->quality = writer->encoder->global_quality;
    writer->time += intervals;
    writer->intervals = intervals;
    error = avcodec_send_frame(writer->encoder, writer->picture);
    if (error < 0) return media_fail_av(status, error, CMEDIA_UNSUPPORTED, "encoding");
    return drain(writer, status);
}

enum cmedia_code media_finish_writer(cmedia_writer *writer, cmedia_status *status) {
    enum cmedia_code code = CMEDIA_OK;
    int error = avcodec_send_frame(writer->encoder, NULL);
    if (error < 0) code = media_fail_av(status, error, CMEDIA_UNSUPPORTED, "encoding");
    if (!code) code = drain(writer, status);
    if (!code) {
        error = av_write_trailer(writer->format);
        // Data still in the buffer can fail here, when the disk is full.
        if (error >= 0) avio_flush(writer->format->pb);
        if (error >= 0) error = writer->format->pb->error;
        if (error < 0) code = media_fail_av(status, error, CMEDIA_CANNOT_WRITE, "completing the file");
    }
    if (code) {
        media_discard_writer(writer);
    } else {
        free_writer(writer);
    }
    return code;
}
