// What the files of this plugin share.

#pragma once

#include <openvino/c/openvino.h>

#include "../COpenVINO/copenvino.h"

// Nothing of this is the plugin's interface, and names such as `fail` must not meet those of another library.
#pragma GCC visibility push(hidden)

struct copenvino_model {
    ov_model_t *model;
};

struct copenvino_compiled {
    ov_compiled_model_t *compiled;
};

struct copenvino_request {
    ov_infer_request_t *request;
};

// Whether `result` is success; if not, fills `status` with it and OpenVINO's last error text.
bool succeeded(ov_status_e result, copenvino_status *status);

// Fills `status` for a failure that OpenVINO did not report. Returns false.
bool fail(copenvino_status *status, const char *message);

// The process's one core, made at first use. NULL and a filled status when that fails.
ov_core_t *shared_core(copenvino_status *status);

// A heap copy that `free` releases, of a string that OpenVINO allocated and that is released here.
char *adopt_string(char *text, copenvino_status *status);

copenvino_dtype dtype_of_element(ov_element_type_e element);
// Returns false for `COPENVINO_OTHER`.
bool element_of_dtype(copenvino_dtype dtype, ov_element_type_e *element);

// runtime.c
char *runtime_version(copenvino_status *status);
char *runtime_devices(copenvino_status *status);
char *runtime_device_property(const char *device, const char *key, copenvino_status *status);

void return_large_blocks(void);

// model.c
copenvino_model *model_read_file(const char *path, copenvino_status *status);
copenvino_model *model_read_bytes(const void *bytes, size_t count, copenvino_status *status);
void model_close(copenvino_model *model);
size_t model_port_count(const copenvino_model *model, copenvino_direction direction);
bool model_port(
    const copenvino_model *model, copenvino_direction direction, size_t index, copenvino_port *out,
    copenvino_status *status);
bool model_reshape(copenvino_model *model, const copenvino_shape *shapes, size_t count, copenvino_status *status);
copenvino_compiled *model_compile(
    const copenvino_model *model, const char *device, const copenvino_property *properties, size_t count,
    copenvino_status *status);
void compiled_close(copenvino_compiled *compiled);
char *compiled_property(const copenvino_compiled *compiled, const char *key, copenvino_status *status);

// request.c
copenvino_request *request_open(const copenvino_compiled *compiled, copenvino_status *status);
void request_close(copenvino_request *request);
bool request_set_input(
    copenvino_request *request, size_t index, const copenvino_tensor *tensor, copenvino_status *status);
bool request_infer(copenvino_request *request, copenvino_status *status);
bool request_start(copenvino_request *request, copenvino_status *status);
bool request_wait(copenvino_request *request, copenvino_status *status);
bool request_output(copenvino_request *request, size_t index, copenvino_tensor *out, copenvino_status *status);
bool request_layers(
    const copenvino_request *request, copenvino_layer **out, size_t *count, copenvino_status *status);
void request_free_layers(copenvino_layer *layers, size_t count);

#pragma GCC visibility pop
