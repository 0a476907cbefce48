// Models: reading, ports, shapes, compiling.

#include <stdlib.h>
#include <string.h>

#include "plugin.h"

static copenvino_model *wrap_model(ov_model_t *model, copenvino_status *status) {
    copenvino_model *result = malloc(sizeof *result);
    if (!result) {
        ov_model_free(model);
        fail(status, "out of memory");
        return NULL;
    }
    result->model = model;
    return result;
}

copenvino_model *model_read_file(const char *path, copenvino_status *status) {
    ov_core_t *core = shared_core(status);
    ov_model_t *model = NULL;
    if (!core || !succeeded(ov_core_read_model(core, path, NULL, &model), status)) return NULL;
    return wrap_model(model, status);
}

copenvino_model *model_read_bytes(const void *bytes, size_t count, copenvino_status *status) {
    ov_core_t *core = shared_core(status);
    ov_model_t *model = NULL;
    if (!core || !succeeded(ov_core_read_model_from_memory_buffer(core, bytes, count, NULL, &model), status)) {
        return NULL;
    }
    return wrap_model(model, status);
}

void model_close(copenvino_model *model) {
    if (!model) return;
    ov_model_free(model->model);
    free(model);
}

size_t model_port_count(const copenvino_model *model, copenvino_direction direction) {
    size_t count = 0;
    ov_status_e result = direction == COPENVINO_INPUT ? ov_model_inputs_size(model->model, &count)
                                                      : ov_model_outputs_size(model->model, &count);
    return result == OK ? count : 0;
}

// The shape with -1 for what is not known. Returns false when the rank is over the maximum.
static bool known_shape(const ov_partial_shape_t *partial, copenvino_shape *shape) {
    memset(shape, 0, sizeof *shape);
    if (ov_rank_is_dynamic(partial->rank)) {
        shape->rank = -1;
        return true;
    }
    if (partial->rank.max > COPENVINO_MAXIMUM_RANK) return false;
    shape->rank = partial->rank.max;
    for (int64_t axis = 0; axis < shape->rank; axis++) {
        ov_dimension_t dimension = partial->dims[axis];
        shape->dimensions[axis] = ov_dimension_is_dynamic(dimension) ? -1 : dimension.max;
    }
    return true;
}

static bool describe_port(const ov_output_const_port_t *port, copenvino_port *out, copenvino_status *status) {
    ov_element_type_e element;
    if (!succeeded(ov_port_get_element_type(port, &element), status)) return false;
    out->dtype = dtype_of_element(element);

    ov_partial_shape_t partial;
    if (!succeeded(ov_port_get_partial_shape(port, &partial), status)) return false;
    bool known = known_shape(&partial, &out->shape);
    ov_partial_shape_free(&partial);
    if (!known) return fail(status, "a tensor of more than 16 dimensions");

    char *name = NULL;
    if (!succeeded(ov_port_get_any_name(port, &name), status)) return false;
    out->name = adopt_string(name, status);
    return out->name != NULL;
}

bool model_port(
    const copenvino_model *model, copenvino_direction direction, size_t index, copenvino_port *out,
    copenvino_status *status) {
    ov_output_const_port_t *port = NULL;
    ov_status_e result = direction == COPENVINO_INPUT
                             ? ov_model_const_input_by_index(model->model, index, &port)
                             : ov_model_const_output_by_index(model->model, index, &port);
    if (!succeeded(result, status)) return false;
    bool described = describe_port(port, out, status);
    ov_output_const_port_free(port);
    return described;
}

bool model_reshape(copenvino_model *model, const copenvino_shape *shapes, size_t count, copenvino_status *status) {
    size_t *indexes = calloc(count + 1, sizeof *indexes);
    ov_partial_shape_t *partials = calloc(count + 1, sizeof *partials);
    size_t made = 0;
    bool done = indexes && partials;
    if (!done) fail(status, "out of memory");
    for (; done && made < count; made++) {
        indexes[made] = made;
        done = succeeded(
            ov_partial_shape_create_static(shapes[made].rank, shapes[made].dimensions, &partials[made]), status);
        if (!done) break;
    }
    done = done && succeeded(ov_model_reshape_by_port_indexes(model->model, indexes, partials, count), status);
    for (size_t index = 0; index < made; index++) ov_partial_shape_free(&partials[index]);
    free(partials);
    free(indexes);
    return done;
}

copenvino_compiled *model_compile(
    const copenvino_model *model, const char *device, const copenvino_property *properties, size_t count,
    copenvino_status *status) {
    ov_core_t *core = shared_core(status);
    ov_property_t *converted = calloc(count + 1, sizeof *converted);
    copenvino_compiled *result = malloc(sizeof *result);
    bool done = core && converted && result;
    if (core && !done) fail(status, "out of memory");
    for (size_t index = 0; done && index < count; index++) {
        converted[index] = (ov_property_t){properties[index].key, properties[index].value};
    }
    done = done && succeeded(
                       ov_core_compile_model_props(
                           core, model->model, device, count, converted, &result->compiled),
                       status);
    free(converted);
    if (done) return result;
    free(result);
    return NULL;
}

void compiled_close(copenvino_compiled *compiled) {
    if (!compiled) return;
    ov_compiled_model_free(compiled->compiled);
    free(compiled);
}

char *compiled_property(const copenvino_compiled *compiled, const char *key, copenvino_status *status) {
    char *value = NULL;
    if (!succeeded(ov_compiled_model_get_property(compiled->compiled, key, &value), status)) return NULL;
    return adopt_string(value, status);
}
