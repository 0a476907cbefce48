// Runs of a compiled model.

#include <stdlib.h>
#include <string.h>

#include "plugin.h"

copenvino_request *request_open(const copenvino_compiled *compiled, copenvino_status *status) {
    copenvino_request *result = malloc(sizeof *result);
    if (!result) {
        fail(status, "out of memory");
        return NULL;
    }
    if (succeeded(ov_compiled_model_create_infer_request(compiled->compiled, &result->request), status)) return result;
    free(result);
    return NULL;
}

void request_close(copenvino_request *request) {
    if (!request) return;
    ov_infer_request_free(request->request);
    free(request);
}

bool request_set_input(
    copenvino_request *request, size_t index, const copenvino_tensor *tensor, copenvino_status *status) {
    ov_element_type_e element;
    if (!element_of_dtype(tensor->dtype, &element)) return fail(status, "an element type that OpenVINO lacks");
    ov_shape_t shape = {0};
    if (!succeeded(ov_shape_create(tensor->shape.rank, tensor->shape.dimensions, &shape), status)) return false;

    // OpenVINO reads an input in place and does not write it, though its C signature is not const.
    ov_tensor_t *wrapped = NULL;
    bool done = succeeded(
        ov_tensor_create_from_host_ptr(element, shape, (void *)(uintptr_t)tensor->data, &wrapped), status);
    ov_shape_free(&shape);
    done = done
           && succeeded(ov_infer_request_set_input_tensor_by_index(request->request, index, wrapped), status);
    ov_tensor_free(wrapped);
    return done;
}

bool request_infer(copenvino_request *request, copenvino_status *status) {
    return succeeded(ov_infer_request_infer(request->request), status);
}

bool request_start(copenvino_request *request, copenvino_status *status) {
    return succeeded(ov_infer_request_start_async(request->request), status);
}

bool request_wait(copenvino_request *request, copenvino_status *status) {
    return succeeded(ov_infer_request_wait(request->request), status);
}

static bool describe_tensor(const ov_tensor_t *tensor, copenvino_tensor *out, copenvino_status *status) {
    ov_element_type_e element;
    if (!succeeded(ov_tensor_get_element_type(tensor, &element), status)) return false;
    out->dtype = dtype_of_element(element);

    ov_shape_t shape;
    if (!succeeded(ov_tensor_get_shape(tensor, &shape), status)) return false;
    bool fits = shape.rank <= COPENVINO_MAXIMUM_RANK;
    memset(&out->shape, 0, sizeof out->shape);
    out->shape.rank = shape.rank;
    for (int64_t axis = 0; fits && axis < shape.rank; axis++) out->shape.dimensions[axis] = shape.dims[axis];
    ov_shape_free(&shape);
    if (!fits) return fail(status, "a tensor of more than 16 dimensions");

    void *data = NULL;
    if (!succeeded(ov_tensor_get_byte_size(tensor, &out->byte_count), status)) return false;
    if (!succeeded(ov_tensor_data(tensor, &data), status)) return false;
    out->data = data;
    return true;
}

bool request_output(copenvino_request *request, size_t index, copenvino_tensor *out, copenvino_status *status) {
    ov_tensor_t *tensor = NULL;
    if (!succeeded(ov_infer_request_get_output_tensor_by_index(request->request, index, &tensor), status)) {
        return false;
    }
    bool described = describe_tensor(tensor, out, status);
    ov_tensor_free(tensor);  // the handle only: the request keeps the memory
    return described;
}

void request_free_layers(copenvino_layer *layers, size_t count) {
    if (!layers) return;
    for (size_t index = 0; index < count; index++) {
        free((void *)(uintptr_t)layers[index].name);
        free((void *)(uintptr_t)layers[index].type);
        free((void *)(uintptr_t)layers[index].execution);
    }
    free(layers);
}

bool request_layers(
    const copenvino_request *request, copenvino_layer **out, size_t *count, copenvino_status *status) {
    ov_profiling_info_list_t list = {0};
    if (!succeeded(ov_infer_request_get_profiling_info(request->request, &list), status)) return false;
    copenvino_layer *layers = calloc(list.size + 1, sizeof *layers);
    bool done = layers != NULL;
    for (size_t index = 0; done && index < list.size; index++) {
        const ov_profiling_info_t *info = &list.profiling_infos[index];
        layers[index] = (copenvino_layer){
            .name = strdup(info->node_name),
            .type = strdup(info->node_type),
            .execution = strdup(info->exec_type),
            .executed = info->status == EXECUTED,
            .microseconds = info->real_time,
        };
        done = layers[index].name && layers[index].type && layers[index].execution;
    }
    if (done) {
        *out = layers;
        *count = list.size;
    } else {
        request_free_layers(layers, layers ? list.size : 0);
        fail(status, "out of memory");
    }
    ov_profiling_info_list_free(&list);
    return done;
}
