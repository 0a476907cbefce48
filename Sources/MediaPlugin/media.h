// What the files of this plugin share. Nothing but `cmedia_table` is exported.

#ifndef BANTAM_MEDIA_H
#define BANTAM_MEDIA_H

#include "../CMedia/cmedia.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>

#pragma GCC visibility push(hidden)

struct cmedia_frame {
    AVFrame *picture;
    double seconds;
};

/// Fills `status` and returns `code`.
enum cmedia_code media_fail(cmedia_status *status, enum cmedia_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/// The same for an error of FFmpeg's: `otherwise` is the code when the number itself tells no more.
enum cmedia_code media_fail_av(
    cmedia_status *status, int error, enum cmedia_code otherwise, const char *activity);

/// Makes `decoder` refuse pictures beyond `limits`, which must outlive it, before memory is taken for them.
void media_limit_decoder(AVCodecContext *decoder, const cmedia_limits *limits);

/// Whether the decoder failed because of those limits, or a picture of this extent would.
int media_exceeds(const cmedia_limits *limits, int width, int height);

enum AVPixelFormat media_pixel_format(enum cmedia_format format);

/// Copies packed pixels into a new picture whose rows are aligned and padded as FFmpeg's loops expect.
enum cmedia_code media_picture_from(const cmedia_pixels *pixels, AVFrame **picture, cmedia_status *status);

/// Converts `source` into `target`, which has its format, extent and buffers set.
enum cmedia_code media_convert(
    cmedia_converter *converter, const AVFrame *source, AVFrame *target, enum cmedia_filter filter,
    cmedia_status *status);

// The functions of the table, named as there.

enum cmedia_code media_open_file(
    const char *path, const cmedia_limits *limits, int32_t threads, cmedia_reader **reader, cmedia_status *status);
enum cmedia_code media_open_camera(
    const char *device, const cmedia_camera_mode *mode, const cmedia_limits *limits, cmedia_reader **reader,
    cmedia_status *status);
void media_stream_facts(const cmedia_reader *reader, cmedia_stream_facts *facts);
enum cmedia_code media_next_frame(cmedia_reader *reader, cmedia_frame **frame, cmedia_status *status);
enum cmedia_code media_seek(cmedia_reader *reader, double seconds, cmedia_status *status);
void media_close(cmedia_reader *reader);

enum cmedia_code media_decode_image(
    const uint8_t *bytes, size_t count, const cmedia_limits *limits, cmedia_frame **frame, cmedia_status *status);
void media_frame_facts(const cmedia_frame *frame, cmedia_frame_facts *facts);
enum cmedia_code media_convert_frame(
    cmedia_converter *converter, const cmedia_frame *frame, int32_t width, int32_t height, enum cmedia_format format,
    enum cmedia_filter filter, uint8_t *destination, cmedia_status *status);
void media_free_frame(cmedia_frame *frame);
cmedia_converter *media_make_converter(void);
void media_free_converter(cmedia_converter *converter);

enum cmedia_code media_encode_png(const cmedia_pixels *pixels, cmedia_bytes *png, cmedia_status *status);
enum cmedia_code media_open_writer(
    const char *path, const char *codec, int32_t width, int32_t height, double frames_per_second,
    cmedia_writer **writer, cmedia_status *status);
enum cmedia_code media_write_frame(cmedia_writer *writer, const cmedia_pixels *pixels, cmedia_status *status);
enum cmedia_code media_finish_writer(cmedia_writer *writer, cmedia_status *status);
void media_discard_writer(cmedia_writer *writer);

void media_free_bytes(cmedia_bytes bytes);

#pragma GCC visibility pop

#endif
