// The plugin's entry point and what its other files share: failures, strings, element types.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

bool fail(copenvino_status *status, const char *message) {
    status->code = UNKNOWN_C_ERROR;
    snprintf(status->message, sizeof status->message, "%s", message);
    return false;
}

bool succeeded(ov_status_e result, copenvino_status *status) {
    if (result == OK) return true;
    status->code = result;
    // OpenVINO keeps one text per process, not per thread, and never clears it. So a code that comes without a text
    // may read an older one; and two threads that fail at once may exchange theirs.
    const char *text = ov_get_last_err_msg();
    snprintf(status->message, sizeof status->message, "%s", text && *text ? text : ov_get_error_info(result));
    if (text) ov_free(text);
    return false;
}

char *adopt_string(char *text, copenvino_status *status) {
    char *copy = strdup(text ? text : "");
    if (!copy) fail(status, "out of memory");
    if (text) ov_free(text);
    return copy;
}

copenvino_dtype dtype_of_element(ov_element_type_e element) {
    switch (element) {
        case F64: return COPENVINO_FLOAT64;
        case F32: return COPENVINO_FLOAT32;
        case F16: return COPENVINO_FLOAT16;
        case BF16: return COPENVINO_BFLOAT16;
        case I64: return COPENVINO_INT64;
        case I32: return COPENVINO_INT32;
        case I16: return COPENVINO_INT16;
        case I8: return COPENVINO_INT8;
        case I4: return COPENVINO_INT4;
        case U64: return COPENVINO_UINT64;
        case U32: return COPENVINO_UINT32;
        case U16: return COPENVINO_UINT16;
        case U8: return COPENVINO_UINT8;
        case U4: return COPENVINO_UINT4;
        case BOOLEAN: return COPENVINO_BOOL;
        default: return COPENVINO_OTHER;
    }
}

bool element_of_dtype(copenvino_dtype dtype, ov_element_type_e *element) {
    // The mapping above is one to one, so it is searched rather than written a second time.
    for (int candidate = DYNAMIC; candidate <= F8E8M0; candidate++) {
        if (dtype != COPENVINO_OTHER && dtype_of_element((ov_element_type_e)candidate) == dtype) {
            *element = (ov_element_type_e)candidate;
            return true;
        }
    }
    return false;
}

static void free_string(char *text) { free(text); }

__attribute__((visibility("default"))) const copenvino_api *copenvino_functions(void) {
    static const copenvino_api functions = {
        .version = runtime_version,
        .devices = runtime_devices,
        .device_property = runtime_device_property,
        .free_string = free_string,
        .return_large_blocks = return_large_blocks,
        .read_file = model_read_file,
        .read_bytes = model_read_bytes,
        .close_model = model_close,
        .port_count = model_port_count,
        .port = model_port,
        .reshape = model_reshape,
        .compile = model_compile,
        .close_compiled = compiled_close,
        .compiled_property = compiled_property,
        .open_request = request_open,
        .close_request = request_close,
        .set_input = request_set_input,
        .infer = request_infer,
        .start = request_start,
        .wait = request_wait,
        .output = request_output,
        .layers = request_layers,
        .free_layers = request_free_layers,
    };
    return &functions;
}
