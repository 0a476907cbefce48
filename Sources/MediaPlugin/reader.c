// Video files and cameras.

#include "media.h"

#include <errno.h>
#include <libavdevice/avdevice.h>
#include <libavutil/dict.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cmedia_reader {
    AVFormatContext *format;
    AVCodecContext *decoder;
    AVPacket *packet;
    int stream;
    int is_draining;
    cmedia_limits limits;
};

// Containers that hold their own pictures. Playlists and scripts (hls, concat, ...) are left out: a file that claims
// to be a clip must not make us open others.
static const char containers[] = "mov,avi,matroska,mpegts,mpeg,mpegvideo,m4v,h264,hevc,ogg,flv,asf,ivf,gif,mjpeg";

void media_close(cmedia_reader *reader) {
    if (!reader) return;
    av_packet_free(&reader->packet);
    avcodec_free_context(&reader->decoder);
    avformat_close_input(&reader->format);
    free(reader);
}

static enum cmedia_code open_decoder(cmedia_reader *reader, int32_t threads, cmedia_status *status) {
    const AVCodec *codec = NULL;
    reader->stream = av_find_best_stream(reader->format, AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
    if (reader->stream == AVERROR_DECODER_NOT_FOUND)
        return media_fail(status, CMEDIA_UNSUPPORTED, "this FFmpeg has no decoder for its video stream");
    if (reader->stream < 0) return media_fail(status, CMEDIA_NO_VIDEO_STREAM, "it has no video stream");

    const AVCodecParameters *parameters = reader->format->streams[reader->stream]->codecpar;
    if (media_exceeds(&reader->limits, parameters->width, parameters->height))
        return media_fail(
            status, CMEDIA_TOO_LARGE, "its frames of %dx%d are larger than the limit", parameters->width,
            parameters->height);
    reader->decoder = avcodec_alloc_context3(codec);
    if (!reader->decoder) return media_fail(status, CMEDIA_OUT_OF_MEMORY, "no memory for a decoder");
    int error = avcodec_parameters_to_context(reader->decoder, parameters);
    media_limit_decoder(reader->decoder, &reader->limits);
    reader->decoder->thread_count = threads;
    reader->decoder->pkt_timebase = reader->format->streams[reader->stream]->time_base;
    if (error >= 0) error = avcodec_open2(reader->decoder, codec, NULL);
    if (error < 0) return media_fail_av(status, error, CMEDIA_UNSUPPORTED, "opening the decoder");
    // Other streams would be read only to be thrown away.
    for (unsigned index = 0; index < reader->format->nb_streams; index += 1) {
        if ((int)index != reader->stream) reader->format->streams[index]->discard = AVDISCARD_ALL;
    }
    return CMEDIA_OK;
}

// Decodes first frames where the container tells too little, with decoders of its own: they need the limit, too.
static enum cmedia_code find_streams(cmedia_reader *reader, cmedia_status *status) {
    unsigned count = reader->format->nb_streams;
    AVDictionary **options = calloc(count + 1, sizeof *options);
    if (!options) return media_fail(status, CMEDIA_OUT_OF_MEMORY, "no memory for a reader");
    for (unsigned index = 0; index < count; index += 1)
        av_dict_set_int(&options[index], "max_pixels", reader->limits.max_pixels, 0);
    int error = avformat_find_stream_info(reader->format, options);
    for (unsigned index = 0; index < count; index += 1) av_dict_free(&options[index]);
    free(options);
    return error < 0 ? media_fail_av(status, error, CMEDIA_CORRUPT, "reading its streams") : CMEDIA_OK;
}

static enum cmedia_code open_reader(
    const char *url, const AVInputFormat *input, AVDictionary **options, const cmedia_limits *limits, int32_t threads,
    cmedia_reader **reader, cmedia_status *status
) {
    cmedia_reader *result = calloc(1, sizeof *result);
    if (!result) return media_fail(status, CMEDIA_OUT_OF_MEMORY, "no memory for a reader");
    result->limits = *limits;
    enum cmedia_code code = CMEDIA_OK;
    int error = avformat_open_input(&result->format, url, input, options);
    if (error < 0) code = media_fail_av(status, error, CMEDIA_CANNOT_OPEN, "opening");
    if (!code) code = find_streams(result, status);
    if (!code) code = open_decoder(result, threads, status);
    if (!code) {
        result->packet = av_packet_alloc();
        if (!result->packet) code = media_fail(status, CMEDIA_OUT_OF_MEMORY, "no memory for a packet");
    }
    if (code) {
        media_close(result);
        return code;
    }
    *reader = result;
    return CMEDIA_OK;
}

enum cmedia_code media_open_file(
    const char *path, const cmedia_limits *limits, int32_t threads, cmedia_reader **reader, cmedia_status *status
) {
    // With the scheme spelled out, a name such as "concat:a|b" is a file's name and nothing else.
    size_t length = strlen(path) + sizeof "file:";
    char *url = malloc(length);
    if (!url) return media_fail(status, CMEDIA_OUT_OF_MEMORY, "no memory for a path");
    snprintf(url, length, "file:%s", path);
    AVDictionary *options = NULL;
    av_dict_set(&options, "protocol_whitelist", "file", 0);
    av_dict_set(&options, "format_whitelist", containers, 0);
    enum cmedia_code code = open_reader(url, NULL, &options, limits, threads, reader, status);
    av_dict_free(&options);
    free(url);
    return code;
}

enum cmedia_code media_open_camera(
    const char *device, const cmedia_camera_mode *mode, const cmedia_limits *limits, cmedia_reader **reader,
    cmedia_status *status
) {
    // Only cameras pay for the registration of devices.
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, avdevice_register_all);
    const AVInputFormat *input = av_find_input_format("video4linux2");
    if (!input) return media_fail(status, CMEDIA_UNSUPPORTED, "this FFmpeg has no Video4Linux support");
    AVDictionary *options = NULL;
    char text[48];
    if (mode->width > 0 && mode->height > 0) {
        snprintf(text, sizeof text, "%dx%d", mode->width, mode->height);
        av_dict_set(&options, "video_size", text, 0);
    }
    if (mode->frames_per_second > 0) {
        snprintf(text, sizeof text, "%g", mode->frames_per_second);
        av_dict_set(&options, "framerate", text, 0);
    }
    enum cmedia_code code = open_reader(device, input, &options, limits, 1, reader, status);
    av_dict_free(&options);
    return code;
}

// Matroska notes how long each stream is beside it; the container's own duration is that of the longest.
static double noted_duration(const AVStream *stream) {
    const AVDictionaryEntry *entry = av_dict_get(stream->metadata, "DURATION", NULL, 0);
    int hours, minutes;
    double seconds;
    if (!entry || sscanf(entry->value, "%3d:%2d:%lf", &hours, &minutes, &seconds) != 3) return 0;
    double sum = 3600.0 * hours + 60.0 * minutes + seconds;
    return isfinite(sum) && sum > 0 ? sum : 0;
}

void media_stream_facts(const cmedia_reader *reader, cmedia_stream_facts *facts) {
    AVStream *stream = reader->format->streams[reader->stream];
    AVRational rate = av_guess_frame_rate(reader->format, stream, NULL);
    *facts = (cmedia_stream_facts){
        .width = stream->codecpar->width,
        .height = stream->codecpar->height,
        .orientation = media_stream_orientation(stream),
        .frames_per_second = rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0,
        .average_rate =
            stream->avg_frame_rate.num > 0 && stream->avg_frame_rate.den > 0 ? av_q2d(stream->avg_frame_rate) : 0,
    };
    if (stream->duration > 0) {
        facts->duration_seconds = (double)stream->duration * av_q2d(stream->time_base);
    } else if ((facts->duration_seconds = noted_duration(stream)) > 0) {
        // Found.
    } else if (reader->format->duration > 0) {
        facts->duration_seconds = (double)reader->format->duration / AV_TIME_BASE;
    }
    // A hostile header can claim any number; keep the product within what an integer holds.
    double estimate = facts->duration_seconds * facts->frames_per_second;
    facts->frame_count = stream->nb_frames > 0 ? stream->nb_frames
        : estimate > 0 && estimate < 1e15      ? llround(estimate)
                                               : 0;
}

static double seconds_of(const cmedia_reader *reader, const AVFrame *picture) {
    const AVStream *stream = reader->format->streams[reader->stream];
    if (picture->best_effort_timestamp == AV_NOPTS_VALUE) return -1;
    double start = stream->start_time == AV_NOPTS_VALUE ? 0 : (double)stream->start_time;
    double seconds = ((double)picture->best_effort_timestamp - start) * av_q2d(stream->time_base);
    return seconds > 0 ? seconds : 0;
}

static double duration_of(const cmedia_reader *reader, const AVFrame *picture) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    int64_t duration = picture->duration;
#else
    int64_t duration = picture->pkt_duration;
#endif
    return duration > 0 ? (double)duration * av_q2d(reader->format->streams[reader->stream]->time_base) : 0;
}

/// Gives the decoder one more packet of the stream, or tells it that there are no more.
static enum cmedia_code feed(cmedia_reader *reader, cmedia_status *status) {
    int error = av_read_frame(reader->format, reader->packet);
    if (error == AVERROR_EOF) {
        reader->is_draining = 1;
        avcodec_send_packet(reader->decoder, NULL);
        return CMEDIA_OK;
    }
    if (error < 0) return media_fail_av(status, error, CMEDIA_CORRUPT, "reading the stream");
    if (reader->packet->stream_index == reader->stream) error = avcodec_send_packet(reader->decoder, reader->packet);
    av_packet_unref(reader->packet);
    if (error < 0) return media_fail_av(status, error, CMEDIA_CORRUPT, "decoding the stream");
    return CMEDIA_OK;
}

static enum cmedia_code decode_next(cmedia_reader *reader, AVFrame *picture, cmedia_status *status) {
    for (;;) {
        int error = avcodec_receive_frame(reader->decoder, picture);
        if (error >= 0) break;
        if (error == AVERROR_EOF || (error == AVERROR(EAGAIN) && reader->is_draining))
            return media_fail(status, CMEDIA_END_OF_STREAM, "the stream has ended");
        if (error != AVERROR(EAGAIN)) return media_fail_av(status, error, CMEDIA_CORRUPT, "decoding the stream");
        enum cmedia_code code = feed(reader, status);
        if (code) return code;
    }
    // Decoders without buffers of ours have not been limited yet.
    if (media_exceeds(&reader->limits, picture->width, picture->height))
        return media_fail(
            status, CMEDIA_TOO_LARGE, "a frame of %dx%d is larger than the limit", picture->width, picture->height);
    return CMEDIA_OK;
}

enum cmedia_code media_next_frame(cmedia_reader *reader, cmedia_frame **frame, cmedia_status *status) {
    cmedia_frame *result = calloc(1, sizeof *result);
    if (result) result->picture = av_frame_alloc();
    if (!result || !result->picture) {
        media_free_frame(result);
        return media_fail(status, CMEDIA_OUT_OF_MEMORY, "no memory for a frame");
    }
    enum cmedia_code code = decode_next(reader, result->picture, status);
    if (code) {
        media_free_frame(result);
        return code;
    }
    result->seconds = seconds_of(reader, result->picture);
    result->duration_seconds = duration_of(reader, result->picture);
    result->orientation = media_stream_orientation(reader->format->streams[reader->stream]);
    *frame = result;
    return CMEDIA_OK;
}

enum cmedia_code media_seek(cmedia_reader *reader, double seconds, cmedia_status *status) {
    const AVStream *stream = reader->format->streams[reader->stream];
    int64_t start = stream->start_time == AV_NOPTS_VALUE ? 0 : stream->start_time;
    // A hostile header can claim any start and any unit of time.
    double ticks = seconds / av_q2d(stream->time_base);
    int64_t target;
    if (!(fabs(ticks) < 1e18) || __builtin_add_overflow(start, llround(ticks), &target))
        return media_fail(status, CMEDIA_UNSUPPORTED, "seeking: there is no such time in the stream");
    int error = av_seek_frame(reader->format, reader->stream, target, AVSEEK_FLAG_BACKWARD);
    if (error < 0) return media_fail_av(status, error, CMEDIA_UNSUPPORTED, "seeking");
    avcodec_flush_buffers(reader->decoder);
    reader->is_draining = 0;
    return CMEDIA_OK;
}
