// The table of functions through which Bantam reaches FFmpeg. `MediaPlugin` fills it.
//
// Rules of the border: every function that can fail returns a `cmedia_code` and fills the `cmedia_status` that is its
// last parameter; a result is written only on success. Nothing is kept in thread-local state. A reader, a converter
// or a writer may be used by one thread at a time; different ones may be used at the same time.

#ifndef BANTAM_CMEDIA_H
#define BANTAM_CMEDIA_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

enum cmedia_code {
    CMEDIA_OK = 0,
    CMEDIA_CANNOT_OPEN,
    CMEDIA_CANNOT_WRITE,
    CMEDIA_NO_VIDEO_STREAM,
    CMEDIA_CORRUPT,
    CMEDIA_END_OF_STREAM,
    CMEDIA_UNSUPPORTED,
    CMEDIA_TOO_LARGE,
    CMEDIA_OUT_OF_MEMORY,
};

/// What went wrong: the code that was returned, and the library's reason as a phrase without a full stop.
typedef struct cmedia_status {
    enum cmedia_code code;
    char message[256];
} cmedia_status;

/// Bounds on what a file may make us allocate.
typedef struct cmedia_limits {
    int64_t max_pixels;
    int32_t max_dimension;
} cmedia_limits;

/// The layout of 8-bit pixels, rows packed without gaps.
enum cmedia_format { CMEDIA_GRAY8 = 1, CMEDIA_RGB24 = 3, CMEDIA_BGR24 = 4 };

/// How a frame is scaled while it is converted.
enum cmedia_filter { CMEDIA_NEAREST, CMEDIA_BILINEAR, CMEDIA_BICUBIC, CMEDIA_AREA };

typedef struct cmedia_pixels {
    const uint8_t *bytes;
    int32_t width;
    int32_t height;
    enum cmedia_format format;
} cmedia_pixels;

/// Memory handed to the caller, who returns it with `free_bytes`.
typedef struct cmedia_bytes {
    uint8_t *_Nullable bytes;
    size_t count;
} cmedia_bytes;

/// Figures that the container does not tell are 0.
typedef struct cmedia_stream_facts {
    /// As stored, before the orientation is applied.
    int32_t width;
    int32_t height;
    /// How the pictures must be turned to be seen, as EXIF counts it: 1 (not at all) to 8.
    int32_t orientation;
    double frames_per_second;
    /// The number of frames by the time they take; another than `frames_per_second` where frames come unevenly.
    double average_rate;
    /// Exact where the container stores it, otherwise duration times rate.
    int64_t frame_count;
    double duration_seconds;
} cmedia_stream_facts;

typedef struct cmedia_frame_facts {
    /// As stored, before the orientation is applied.
    int32_t width;
    int32_t height;
    /// As in `cmedia_stream_facts`.
    int32_t orientation;
    /// Whether the source has no colour.
    int32_t is_gray;
    /// Whether the decoder had to make up parts of it.
    int32_t is_damaged;
    /// Time since the start of the stream, or negative when the stream has no time stamps.
    double seconds;
    /// How long it is on display; 0 when the stream does not tell.
    double duration_seconds;
} cmedia_frame_facts;

/// A camera's wished mode; 0 leaves the choice to the device, which may also pick the nearest one it has.
typedef struct cmedia_camera_mode {
    int32_t width;
    int32_t height;
    double frames_per_second;
} cmedia_camera_mode;

typedef struct cmedia_reader cmedia_reader;
typedef struct cmedia_frame cmedia_frame;
typedef struct cmedia_converter cmedia_converter;
typedef struct cmedia_writer cmedia_writer;

typedef struct cmedia_api {
    /// The versions of the libraries in use, such as `"libavcodec 59.37.100, ..."`.
    const char *_Nonnull (*_Nonnull versions)(void);

    // Video files and cameras.
    enum cmedia_code (*open_file)(
        const char *path, const cmedia_limits *limits, int32_t threads, cmedia_reader *_Nullable *_Nonnull reader,
        cmedia_status *status);
    /// `device` is a path such as `/dev/video0`.
    enum cmedia_code (*open_camera)(
        const char *device, const cmedia_camera_mode *mode, const cmedia_limits *limits,
        cmedia_reader *_Nullable *_Nonnull reader, cmedia_status *status);
    void (*stream_facts)(const cmedia_reader *reader, cmedia_stream_facts *facts);
    /// Decodes the next frame; `CMEDIA_END_OF_STREAM` after the last.
    enum cmedia_code (*next_frame)(
        cmedia_reader *reader, cmedia_frame *_Nullable *_Nonnull frame, cmedia_status *status);
    /// Goes to the last key frame at or before `seconds`.
    enum cmedia_code (*seek)(cmedia_reader *reader, double seconds, cmedia_status *status);
    void (*close)(cmedia_reader *_Nullable reader);

    // Frames.
    /// Decodes a PNG, JPEG, WebP, BMP, TIFF or GIF file held in memory; the first picture where there are several.
    enum cmedia_code (*decode_image)(
        const uint8_t *bytes, size_t count, const cmedia_limits *limits, cmedia_frame *_Nullable *_Nonnull frame,
        cmedia_status *status);
    void (*frame_facts)(const cmedia_frame *frame, cmedia_frame_facts *facts);
    /// Converts to `width` x `height` packed pixels; `destination` has room for them.
    enum cmedia_code (*convert_frame)(
        cmedia_converter *converter, const cmedia_frame *frame, int32_t width, int32_t height,
        enum cmedia_format format, enum cmedia_filter filter, uint8_t *destination, cmedia_status *status);
    void (*free_frame)(cmedia_frame *_Nullable frame);
    /// A converter keeps the tables of its last conversion; null when memory is short.
    cmedia_converter *_Nullable (*_Nonnull make_converter)(void);
    void (*free_converter)(cmedia_converter *_Nullable converter);

    // Writing.
    enum cmedia_code (*encode_png)(const cmedia_pixels *pixels, cmedia_bytes *png, cmedia_status *status);
    /// The container follows the path's extension; `codec` is an encoder's name, such as `mpeg4`.
    enum cmedia_code (*open_writer)(
        const char *path, const char *codec, int32_t width, int32_t height, double frames_per_second,
        cmedia_writer *_Nullable *_Nonnull writer, cmedia_status *status);
    /// Adds a picture that stays on display for `intervals` times the usual, 1 or more.
    enum cmedia_code (*write_frame)(
        cmedia_writer *writer, const cmedia_pixels *pixels, int32_t intervals, cmedia_status *status);
    /// Completes the file and frees the writer, whatever it returns; a file that failed is removed.
    enum cmedia_code (*finish_writer)(cmedia_writer *writer, cmedia_status *status);
    /// Frees the writer and removes the unfinished file.
    void (*discard_writer)(cmedia_writer *_Nullable writer);
    void (*free_bytes)(cmedia_bytes bytes);
} cmedia_api;

#pragma clang assume_nonnull end

#endif
