// The plugin's one exported function.

#include "media.h"

#include <libavutil/log.h>
#include <libswscale/swscale.h>
#include <stdio.h>

#define VERSION_PARTS(version) AV_VERSION_MAJOR(version), AV_VERSION_MINOR(version), AV_VERSION_MICRO(version)

static char version_text[160];

static const char *versions(void) { return version_text; }

static const cmedia_api table = {
    .versions = versions,
    .open_file = media_open_file,
    .open_camera = media_open_camera,
    .stream_facts = media_stream_facts,
    .next_frame = media_next_frame,
    .seek = media_seek,
    .close = media_close,
    .decode_image = media_decode_image,
    .frame_facts = media_frame_facts,
    .convert_frame = media_convert_frame,
    .free_frame = media_free_frame,
    .make_converter = media_make_converter,
    .free_converter = media_free_converter,
    .encode_png = media_encode_png,
    .open_writer = media_open_writer,
    .write_frame = media_write_frame,
    .finish_writer = media_finish_writer,
    .discard_writer = media_discard_writer,
    .free_bytes = media_free_bytes,
};

const void *cmedia_table(void);

/// Called once, by whoever opened the plugin.
__attribute__((visibility("default"))) const void *cmedia_table(void) {
    // Reasons travel in `cmedia_status`; FFmpeg's own log would only disturb the terminal.
    av_log_set_level(AV_LOG_QUIET);
    snprintf(
        version_text, sizeof version_text, "libavformat %d.%d.%d, libavcodec %d.%d.%d, libswscale %d.%d.%d",
        VERSION_PARTS(avformat_version()), VERSION_PARTS(avcodec_version()), VERSION_PARTS(swscale_version()));
    return &table;
}
