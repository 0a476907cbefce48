// The C interface to libtorch: a table of functions that TorchPlugin fills.
//
// Operators are reached by name through ATen's dispatcher, with tagged values, so this header does not grow with the
// operators in use. What else it holds is what the dispatcher does not offer: handles, autograd's entry, the modes of
// a thread, random generators, devices and memory.
//
// A function with a `ctorch_status *` can fail: it returns the status's code and fills it. No C++ exception leaves the
// plugin. Functions without one cannot fail.

#ifndef CTORCH_H
#define CTORCH_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// A counted reference to a tensor; every one that a function returns is given back by `release_tensor`.
typedef struct ctorch_tensor_s *ctorch_tensor;
typedef struct ctorch_generator_s *ctorch_generator;
/// A resolved operator; lives as long as the process.
typedef const struct ctorch_operation_s *ctorch_operation;

typedef enum ctorch_code : int32_t {
    CTORCH_OK = 0,
    /// The name and overload are not registered.
    CTORCH_UNKNOWN_OPERATOR,
    /// The number or the types of the arguments do not fit the operator's schema.
    CTORCH_INVALID_ARGUMENT,
    /// The operator refused its operands: shapes that do not agree, an index out of range.
    CTORCH_FAILED,
    /// The operator is not implemented for this device or element type.
    CTORCH_UNSUPPORTED,
    CTORCH_OUT_OF_MEMORY,
    /// A library of a device could not be loaded.
    CTORCH_MISSING_LIBRARY,
    /// An assertion or an exception that libtorch does not document.
    CTORCH_INTERNAL,
} ctorch_code;

typedef struct ctorch_status {
    ctorch_code code;
    /// Null when all is well; released by `free`.
    char *_Nullable message;
} ctorch_status;

/// Element types, numbered as `c10::ScalarType`.
typedef enum ctorch_dtype : int32_t {
    CTORCH_UINT8 = 0,
    CTORCH_INT8 = 1,
    CTORCH_INT16 = 2,
    CTORCH_INT32 = 3,
    CTORCH_INT64 = 4,
    CTORCH_FLOAT16 = 5,
    CTORCH_FLOAT32 = 6,
    CTORCH_FLOAT64 = 7,
    CTORCH_BOOL = 11,
    CTORCH_BFLOAT16 = 15,
    CTORCH_UINT16 = 27,
    CTORCH_UINT32 = 28,
    CTORCH_UINT64 = 29,
} ctorch_dtype;

/// `type` is numbered as `c10::DeviceType`: 0 is the CPU, 1 is CUDA.
typedef struct ctorch_device {
    int32_t type;
    int32_t index;
} ctorch_device;

/// Memory formats, numbered as `c10::MemoryFormat`.
typedef enum ctorch_memory_format : int32_t {
    CTORCH_CONTIGUOUS = 0,
    CTORCH_PRESERVE = 1,
    CTORCH_CHANNELS_LAST = 2,
    CTORCH_CHANNELS_LAST_3D = 3,
} ctorch_memory_format;

typedef enum ctorch_tag : int32_t {
    /// An absent optional.
    CTORCH_NONE = 0,
    CTORCH_TENSOR,
    /// Also a `Scalar`, a `SymInt`, a dtype (`ctorch_dtype`) or a memory format where the schema asks for one.
    CTORCH_INT,
    /// Also a `Scalar`.
    CTORCH_DOUBLE,
    CTORCH_BOOLEAN,
    CTORCH_DEVICE,
    CTORCH_GENERATOR,
    /// `count` bytes.
    CTORCH_STRING,
    /// `count` of `int64_t`, `double`, `int64_t` and `ctorch_tensor`.
    CTORCH_INT_LIST,
    CTORCH_DOUBLE_LIST,
    CTORCH_BOOLEAN_LIST,
    CTORCH_TENSOR_LIST,
    /// A list whose null entries are absent tensors.
    CTORCH_OPTIONAL_TENSOR_LIST,
} ctorch_tag;

typedef struct ctorch_value {
    ctorch_tag tag;
    union {
        ctorch_tensor _Nullable tensor;
        int64_t integer;
        double real;
        ctorch_device device;
        ctorch_generator _Nullable generator;
        const void *_Nullable items;
    };
    size_t count;
} ctorch_value;

/// A look at a tensor; the pointers live as long as the tensor and its metadata do.
typedef struct ctorch_tensor_info {
    int32_t dtype;
    int32_t rank;
    ctorch_device device;
    const int64_t *_Nullable sizes;
    const int64_t *_Nullable strides;
    /// Null for a tensor without storage.
    void *_Nullable data;
    int8_t requires_gradient;
    int8_t is_contiguous;
    int8_t is_channels_last;
} ctorch_tensor_info;

typedef struct ctorch_memory {
    /// Bytes in live tensors, and the most there were since the last reset.
    int64_t current, peak;
    /// Bytes of freed blocks that are kept for reuse.
    int64_t kept;
} ctorch_memory;

typedef struct ctorch_autocast {
    int32_t device_type;
    int32_t dtype;
    int32_t enabled;
} ctorch_autocast;

typedef struct ctorch_api {
    // Operators
    ctorch_code (*find_operation)(
        const char *name, const char *overload, ctorch_operation _Nullable *_Nonnull operation, ctorch_status *status);
    /// The schema in ATen's notation; released by `free`.
    char *_Nullable (*_Nonnull copy_schema)(ctorch_operation operation);
    /// Calls the operator; missing trailing arguments take the schema's defaults.
    ///
    /// `results` has room for `capacity` values, `count` of which are set; each is given back by `release_value`.
    ctorch_code (*call)(
        ctorch_operation operation, const ctorch_value *_Nullable arguments, size_t argument_count,
        ctorch_value *results, size_t capacity, size_t *count, ctorch_status *status);
    /// Frees what a result holds: the memory of a list or a string, but not the tensors in it.
    void (*release_value)(const ctorch_value *value);

    // Tensors
    void (*release_tensor)(ctorch_tensor tensor);
    /// Another reference to the same tensor.
    ctorch_tensor _Nonnull (*_Nonnull share_tensor)(ctorch_tensor tensor);
    void (*describe)(ctorch_tensor tensor, ctorch_tensor_info *info);
    /// References held by the process, and those made less those released by this thread.
    int64_t (*live_tensors)(void);
    int64_t (*live_tensors_on_thread)(void);

    // Autograd
    ctorch_code (*set_requires_gradient)(ctorch_tensor tensor, int32_t required, ctorch_status *status);
    ctorch_tensor _Nullable (*_Nonnull gradient)(ctorch_tensor tensor);
    ctorch_code (*set_gradient)(ctorch_tensor tensor, ctorch_tensor _Nullable gradient, ctorch_status *status);
    ctorch_code (*backward)(
        ctorch_tensor tensor, ctorch_tensor _Nullable gradient, int32_t retain_graph, ctorch_status *status);

    // Modes of the calling thread; each setter returns what was set before
    int32_t (*set_gradients_enabled)(int32_t enabled);
    ctorch_autocast (*enter_autocast)(ctorch_autocast mode);
    /// Restores the mode and, when the outermost scope ends, forgets the cached casts of weights.
    void (*leave_autocast)(ctorch_autocast previous);

    // Random numbers
    ctorch_code (*make_generator)(
        ctorch_device device, uint64_t seed, ctorch_generator _Nullable *_Nonnull generator, ctorch_status *status);
    ctorch_code (*seed_generator)(ctorch_generator generator, uint64_t seed, ctorch_status *status);
    void (*release_generator)(ctorch_generator generator);
    /// Seeds the generators that operators without a generator argument, such as dropout, draw from.
    ctorch_code (*seed_defaults)(uint64_t seed, ctorch_status *status);

    // Threads of one operator
    ctorch_code (*set_thread_count)(int32_t count, ctorch_status *status);
    int32_t (*thread_count)(void);

    // Devices and memory
    /// Loads the library of a device type, unless that was done.
    ctorch_code (*load_device)(int32_t type, ctorch_status *status);
    int32_t (*device_count)(int32_t type);
    ctorch_code (*memory)(ctorch_device device, ctorch_memory *memory, ctorch_status *status);
    ctorch_code (*reset_peak_memory)(ctorch_device device, ctorch_status *status);
    ctorch_code (*release_kept_memory)(ctorch_device device, ctorch_status *status);

    // What this libtorch is
    const char *version;
    /// The instruction set that its kernels use here, such as "AVX512".
    const char *cpu_capability;
    /// Threading libraries and their settings, over several lines; released by `free`.
    char *_Nullable (*_Nonnull copy_parallel_info)(void);
} ctorch_api;

#pragma clang assume_nonnull end

#endif
