// Picture files, in memory. The codecs are called directly: FFmpeg's image demuxer would read a path such as
// `img%03d.png` as a pattern, and guess among dozens of formats.

#include "media.h"

#include <libavutil/mem.h>
#include <stdlib.h>
#include <string.h>

static enum AVCodecID codec_of(const uint8_t *bytes, size_t count) {
    static const struct {
        enum AVCodecID codec;
        size_t length;
        const char *start;
    } formats[] = {
        {AV_CODEC_ID_PNG, 8, "\x89PNG\r\n\x1a\n"}, {AV_CODEC_ID_MJPEG, 3, "\xff\xd8\xff"},
        {AV_CODEC_ID_GIF, 6, "GIF87a"},             {AV_CODEC_ID_GIF, 6, "GIF89a"},
        {AV_CODEC_ID_TIFF, 4, "II*\0"},             {AV_CODEC_ID_TIFF, 4, "MM\0*"},
        {AV_CODEC_ID_BMP, 2, "BM"},
    };
    for (size_t index = 0; index < sizeof formats / sizeof *formats; index += 1) {
        if (count >= formats[index].length && !memcmp(bytes, formats[index].start, formats[index].length))
            return formats[index].codec;
    }
    int is_webp = count >= 12 && !memcmp(bytes, "RIFF", 4) && !memcmp(bytes + 8, "WEBP", 4);
    return is_webp ? AV_CODEC_ID_WEBP : AV_CODEC_ID_NONE;
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
        return media_fail(
            status, CMEDIA_UNSUPPORTED, "it is neither a PNG nor a JPEG picture, nor WebP, BMP, TIFF or GIF");
    if (count > INT32_MAX - AV_INPUT_BUFFER_PADDING_SIZE - 12)
        return media_fail(status, CMEDIA_TOO_LARGE, "the file has %zu bytes", count);
    if (!media_is_complete(identifier, bytes, count))
        return media_fail(status, CMEDIA_CORRUPT, "the file is cut off");
    int orientation = media_picture_orientation(identifier, bytes, count);
    uint8_t header[12];
    size_t header_bytes = identifier == AV_CODEC_ID_WEBP ? media_first_webp_frame(&bytes, &count, header) : 0;

    const AVCodec *codec = avcodec_find_decoder(identifier);
    if (!codec) return media_fail(status, CMEDIA_UNSUPPORTED, "this FFmpeg cannot decode the format");
    cmedia_frame *result = calloc(1, sizeof *result);
    AVCodecContext *decoder = avcodec_alloc_context3(codec);
    AVPacket *packet = av_packet_alloc();
    enum cmedia_code code = CMEDIA_OK;
    if (result) result->picture = av_frame_alloc();
    if (!result || !result->picture || !decoder || !packet || av_new_packet(packet, (int)(header_bytes + count)) < 0) {
        code = media_fail(status, CMEDIA_OUT_OF_MEMORY, "no memory to decode the picture");
    }
    if (!code) {
        memcpy(packet->data, header, header_bytes);
        memcpy(packet->data + header_bytes, bytes, count);
        if (identifier == AV_CODEC_ID_TIFF) code = media_reduce_tiff(packet->data, count, status);
    }
    if (!code) {
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
    result->orientation = orientation;
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
