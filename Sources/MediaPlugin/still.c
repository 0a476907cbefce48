// PNG and JPEG pictures, in memory. The codecs are called directly: FFmpeg's image demuxer would read a path such as
// `img%03d.png` as a pattern, and guess among dozens of formats.

#include "media.h"

#include <libavutil/mem.h>
#include <stdlib.h>
#include <string.h>

static enum AVCodecID codec_of(const uint8_t *bytes, size_t count) {
    static const uint8_t png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const uint8_t jpeg[] = {0xff, 0xd8, 0xff};
    if (count >= sizeof png && !memcmp(bytes, png, sizeof png)) return AV_CODEC_ID_PNG;
    if (count >= sizeof jpeg && !memcmp(bytes, jpeg, sizeof jpeg)) return AV_CODEC_ID_MJPEG;
    return AV_CODEC_ID_NONE;
}

// FFmpeg decodes as much as there is of a picture that was cut off and reports success. Both formats say where they
// end, so look for that. Bytes after the end are harmless.
static int is_complete(enum AVCodecID codec, const uint8_t *bytes, size_t count) {
    static const uint8_t end[] = {0, 0, 0, 0, 'I', 'E', 'N', 'D'};
    if (codec == AV_CODEC_ID_PNG) {
        // Chunk by chunk: length, type, content, checksum.
        for (size_t at = 8; count - at >= 12;) {
            if (!memcmp(bytes + at, end, sizeof end)) return 1;
            size_t length = (size_t)bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3];
            if (length > count - at - 12) return 0;
            at += length + 12;
        }
        return 0;
    }
    for (size_t at = count - 1; at > 2; at -= 1) {
        if (bytes[at] == 0xd9 && bytes[at - 1] == 0xff) return 1;
    }
    return 0;
}

static enum cmedia_code decode(
    AVCodecContext *decoder, const AVPacket *packet, AVFrame *picture, cmedia_status *status
) {
    int error = avcodec_send_packet(decoder, packet);
    if (error >= 0) error = avcodec_send_packet(decoder, NULL);
    if (error >= 0) error = avcodec_receive_frame(decoder, picture);
    if (error == AVERROR_EOF) return media_fail(status, CMEDIA_CORRUPT, "it holds no picture");
    if (error < 0) return media_fail_av(status, error, CMEDIA_CORRUPT, "decoding");
    if (picture->flags & AV_FRAME_FLAG_CORRUPT || picture->decode_error_flags)
        return media_fail(status, CMEDIA_CORRUPT, "parts of the picture are damaged");
    return CMEDIA_OK;
}

enum cmedia_code media_decode_image(
    const uint8_t *bytes, size_t count, const cmedia_limits *limits, cmedia_frame **frame, cmedia_status *status
) {
    enum AVCodecID identifier = codec_of(bytes, count);
    if (identifier == AV_CODEC_ID_NONE)
        return media_fail(status, CMEDIA_UNSUPPORTED, "it is neither a PNG nor a JPEG picture");
    if (count > INT32_MAX - AV_INPUT_BUFFER_PADDING_SIZE)
        return media_fail(status, CMEDIA_TOO_LARGE, "the file has %zu bytes", count);
    if (!is_complete(identifier, bytes, count)) return media_fail(status, CMEDIA_CORRUPT, "the file is cut off");

    const AVCodec *codec = avcodec_find_decoder(identifier);
    if (!codec) return media_fail(status, CMEDIA_UNSUPPORTED, "this FFmpeg cannot decode the format");
    cmedia_frame *result = calloc(1, sizeof *result);
    AVCodecContext *decoder = avcodec_alloc_context3(codec);
    AVPacket *packet = av_packet_alloc();
    enum cmedia_code code = CMEDIA_OK;
    if (result) result->picture = av_frame_alloc();
    if (!result || !result->picture || !decoder || !packet || av_new_packet(packet, (int)count) < 0) {
        code = media_fail(status, CMEDIA_OUT_OF_MEMORY, "no memory to decode the picture");
    }
    if (!code) {
        memcpy(packet->data, bytes, count);
        media_limit_decoder(decoder, limits);
        decoder->thread_count = 1;
        // A wrong checksum or a bad code ends the decoding instead of leaving grey blocks.
        decoder->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
        int error = avcodec_open2(decoder, codec, NULL);
        if (error < 0) code = media_fail_av(status, error, CMEDIA_UNSUPPORTED, "opening the decoder");
    }
    if (!code) code = decode(decoder, packet, result->picture, status);
    av_packet_free(&packet);
    avcodec_free_context(&decoder);
    if (code) {
        media_free_frame(result);
        return code;
    }
    result->seconds = -1;
    *frame = result;
    return CMEDIA_OK;
}

static enum cmedia_code encode(
    AVCodecContext *encoder, const AVFrame *picture, AVPacket *packet, cmedia_status *status
) {
    encoder->width = picture->width;
    encoder->height = picture->height;
    encoder->pix_fmt = picture->format;
    encoder->time_base = (AVRational){1, 1};
    int error = avcodec_open2(encoder, NULL, NULL);
    if (error >= 0) error = avcodec_send_frame(encoder, picture);
    if (error >= 0) error = avcodec_send_frame(encoder, NULL);
    if (error >= 0) error = avcodec_receive_packet(encoder, packet);
    return error < 0 ? media_fail_av(status, error, CMEDIA_UNSUPPORTED, "encoding as PNG") : CMEDIA_OK;
}

void media_free_bytes(cmedia_bytes bytes) { free(bytes.bytes); }

enum cmedia_code media_encode_png(const cmedia_pixels *pixels, cmedia_bytes *png, cmedia_status *status) {
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_PNG);
    if (!codec) return media_fail(status, CMEDIA_UNSUPPORTED, "this FFmpeg has no PNG encoder");
    AVFrame *picture = NULL;
    enum cmedia_code code = media_picture_from(pixels, &picture, status);
    if (code) return code;
    AVCodecContext *encoder = avcodec_alloc_context3(codec);
    AVPacket *packet = av_packet_alloc();
    code = encoder && packet ? encode(encoder, picture, packet, status)
                             : media_fail(status, CMEDIA_OUT_OF_MEMORY, "no memory to encode the picture");
    if (!code) {
        uint8_t *copy = malloc((size_t)packet->size);
        if (copy) {
            memcpy(copy, packet->data, (size_t)packet->size);
            *png = (cmedia_bytes){.bytes = copy, .count = (size_t)packet->size};
        } else {
            code = media_fail(status, CMEDIA_OUT_OF_MEMORY, "no memory for a PNG of %d bytes", packet->size);
        }
    }
    av_frame_free(&picture);
    av_packet_free(&packet);
    avcodec_free_context(&encoder);
    return code;
}
