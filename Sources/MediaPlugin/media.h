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
    double duration_seconds;
    int orientation;
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

/// How pictures of the stream must be turned to be seen, as EXIF counts it: 1 (not at all) to 8.
int media_stream_orientation(const AVStream *stream);

/// The same for a picture file, which notes it in EXIF, or as TIFF does. 1 where there is no note that can be read.
int media_picture_orientation(enum AVCodecID codec, const uint8_t *bytes, size_t count);

/// The orientation in the first directory of a TIFF file, which is also the form of EXIF.
int media_tiff_orientation(const uint8_t *bytes, size_t count);

/// Takes those entries out of the first directory of a TIFF file that say nothing of its pixels. FFmpeg takes each that
/// it does not know for damage, when it is told to be strict.
enum cmedia_code media_reduce_tiff(uint8_t *bytes, size_t count, cmedia_status *status);

/// Narrows an animated WebP file, which FFmpeg cannot read, to its first frame. Returns the number of bytes of `header`
/// that must go before the frame to make a file of it; 0 for a file that is not animated and stays as it is.
size_t media_first_webp_frame(const uint8_t **bytes, size_t *count, uint8_t header[12]);

/// Whether a picture file goes on to its end. FFmpeg decodes as much as there is of one that was cut off and reports
/// success. Bytes after the end are harmless.
int media_is_complete(enum AVCodecID codec, const uint8_t *bytes, size_t count);

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
enum cmedia_code media_write_frame(
    cmedia_writer *writer, const cmedia_pixels *pixels, int32_t intervals, cmedia_status *status);
enum cmedia_code media_finish_writer(cmedia_writer *writer, cmedia_status *status);
void media_discard_writer(cmedia_writer *writer);

void media_free_bytes(cmedia_bytes bytes);

#pragma GCC visibility pop

#endif
