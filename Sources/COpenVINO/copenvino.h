// The table of functions through which Bantam calls OpenVINO.
//
// The plugin `OpenVINOPlugin` fills it over OpenVINO's own C API, so that this header needs none of OpenVINO's and
// the library is loaded at first use: see docs/decisions/0002-openvino-behind-a-function-table.md.
//
// Ownership: what a function returns or stores through an `out` pointer belongs to the caller, who gives it back
// with the matching `close_` or `free_` function. Each of these accepts NULL.
//
// Failure: a function that can fail takes a `copenvino_status *` last. It returns NULL (for a pointer) or false,
// and fills the status. A successful call leaves the status alone.
//
// Threads: models and requests are used by one thread at a time.

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { COPENVINO_MAXIMUM_RANK = 16, COPENVINO_MESSAGE_CAPACITY = 2048 };

typedef struct {
    int32_t code;                              // OpenVINO's `ov_status_e`; 0 is success
    char message[COPENVINO_MESSAGE_CAPACITY];  // OpenVINO's own text, terminated, cut where it is longer
} copenvino_status;

typedef enum {
    COPENVINO_OTHER = 0,  // a type that Bantam does not know
    COPENVINO_FLOAT64,
    COPENVINO_FLOAT32,
    COPENVINO_FLOAT16,
    COPENVINO_BFLOAT16,
    COPENVINO_INT64,
    COPENVINO_INT32,
    COPENVINO_INT16,
    COPENVINO_INT8,
    COPENVINO_INT4,
    COPENVINO_UINT64,
    COPENVINO_UINT32,
    COPENVINO_UINT16,
    COPENVINO_UINT8,
    COPENVINO_UINT4,
    COPENVINO_BOOL,
} copenvino_dtype;

typedef struct {
    int64_t rank;                              // -1: not known before the model runs
    int64_t dimensions[COPENVINO_MAXIMUM_RANK];  // -1: not known before the model runs
} copenvino_shape;

// One input or output of a model.
typedef struct {
    char *name;  // `free_string`
    copenvino_dtype dtype;
    copenvino_shape shape;
} copenvino_port;

typedef enum { COPENVINO_INPUT, COPENVINO_OUTPUT } copenvino_direction;

typedef struct {
    const char *key;
    const char *value;
} copenvino_property;

// A tensor in memory that somebody else owns.
typedef struct {
    copenvino_dtype dtype;
    copenvino_shape shape;
    const void *data;
    size_t byte_count;
} copenvino_tensor;

// What one layer of a compiled model did in the last run.
typedef struct {
    const char *name;
    const char *type;       // the operation, such as "Convolution"
    const char *execution;  // the kernel and its precision, such as "brgconv_avx512_FP32"
    bool executed;          // false: removed by the compiler, or not reached
    int64_t microseconds;   // real time
} copenvino_layer;

typedef struct copenvino_model copenvino_model;        // a file that was read
typedef struct copenvino_compiled copenvino_compiled;  // a model made ready for one device and fixed input shapes
typedef struct copenvino_request copenvino_request;    // the buffers of one run at a time

typedef struct {
    // The library.
    char *(*version)(copenvino_status *);
    char *(*devices)(copenvino_status *);  // names joined by ','
    char *(*device_property)(const char *device, const char *key, copenvino_status *);
    void (*free_string)(char *);
    void (*return_large_blocks)(void);  // freed memory of a megabyte or more goes back to the system at once

    // Models. `read_bytes` copies what it needs of the bytes.
    copenvino_model *(*read_file)(const char *path, copenvino_status *);
    copenvino_model *(*read_bytes)(const void *bytes, size_t count, copenvino_status *);
    void (*close_model)(copenvino_model *);
    size_t (*port_count)(const copenvino_model *, copenvino_direction);
    bool (*port)(const copenvino_model *, copenvino_direction, size_t index, copenvino_port *out, copenvino_status *);

    // Gives every input of the model a shape, in the order of its ports. `count` is the number of inputs.
    bool (*reshape)(copenvino_model *, const copenvino_shape *shapes, size_t count, copenvino_status *);

    copenvino_compiled *(*compile)(
        const copenvino_model *, const char *device, const copenvino_property *properties, size_t count,
        copenvino_status *);
    void (*close_compiled)(copenvino_compiled *);
    char *(*compiled_property)(const copenvino_compiled *, const char *key, copenvino_status *);

    // Runs. An input's bytes are used in place: they stay alive and unchanged until the run has ended.
    copenvino_request *(*open_request)(const copenvino_compiled *, copenvino_status *);
    void (*close_request)(copenvino_request *);
    bool (*set_input)(copenvino_request *, size_t index, const copenvino_tensor *, copenvino_status *);
    bool (*infer)(copenvino_request *, copenvino_status *);
    bool (*start)(copenvino_request *, copenvino_status *);  // `infer` in two halves; `wait` ends it
    bool (*wait)(copenvino_request *, copenvino_status *);
    // The tensor's bytes belong to the request, and hold until its next run.
    bool (*output)(copenvino_request *, size_t index, copenvino_tensor *out, copenvino_status *);

    // The layers of the last run of a model that was compiled with PERF_COUNT.
    bool (*layers)(const copenvino_request *, copenvino_layer **out, size_t *count, copenvino_status *);
    void (*free_layers)(copenvino_layer *, size_t count);
} copenvino_api;

// The plugin's one exported symbol: `const copenvino_api *copenvino_functions(void)`.
#define COPENVINO_SYMBOL "copenvino_functions"

#ifdef __cplusplus
}
#endif
