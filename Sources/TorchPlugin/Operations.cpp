// Operators by name, with values in place of types.

#include "Border.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/stack.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>
#include <utility>

struct ctorch_operation_s {
    c10::OperatorHandle handle;
};

namespace bantam {
namespace {

ctorch_code findOperation(
    const char *name, const char *overload, ctorch_operation *operation, ctorch_status *status) noexcept {
    return guarded(status, [&] {
        // Found once per name: call sites come and go, an operation stays.
        static std::mutex mutex;
        static auto &found = *new std::map<std::pair<std::string, std::string>, ctorch_operation_s>;
        const std::lock_guard lock(mutex);
        const auto key = std::pair(std::string(name), std::string(overload));
        auto entry = found.find(key);
        if (entry == found.end()) {
            const auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
            if (!handle)
                throw Failure(CTORCH_UNKNOWN_OPERATOR, "no such operator is registered");
            entry = found.emplace(key, ctorch_operation_s{*handle}).first;
        }
        *operation = &entry->second;
    });
}

char *copySchema(ctorch_operation operation) noexcept {
    try {
        return copy(c10::toString(operation->handle.schema()));
    } catch (...) {
        return nullptr;
    }
}

template <typename Item> const Item *items(const ctorch_value &value) { return static_cast<const Item *>(value.items); }

c10::IValue argument(const ctorch_value &value) {
    switch (value.tag) {
    case CTORCH_NONE: return {};
    case CTORCH_TENSOR: return borrow(value.tensor);
    case CTORCH_INT: return value.integer;
    case CTORCH_DOUBLE: return value.real;
    case CTORCH_BOOLEAN: return value.integer != 0;
    case CTORCH_DEVICE: return device(value.device);
    case CTORCH_GENERATOR: return generator(value.generator);
    case CTORCH_STRING: return std::string(items<char>(value), value.count);
    case CTORCH_INT_LIST: return at::IntArrayRef(items<int64_t>(value), value.count);
    case CTORCH_DOUBLE_LIST: return at::ArrayRef<double>(items<double>(value), value.count);
    case CTORCH_BOOLEAN_LIST: {
        c10::List<bool> list;
        for (size_t i = 0; i < value.count; ++i) list.push_back(items<int64_t>(value)[i] != 0);
        return list;
    }
    case CTORCH_TENSOR_LIST: {
        c10::List<at::Tensor> list;
        list.reserve(value.count);
        for (size_t i = 0; i < value.count; ++i) list.push_back(borrow(items<ctorch_tensor>(value)[i]));
        return list;
    }
    case CTORCH_OPTIONAL_TENSOR_LIST: {
        c10::List<std::optional<at::Tensor>> list;
        list.reserve(value.count);
        for (size_t i = 0; i < value.count; ++i) {
            const ctorch_tensor item = items<ctorch_tensor>(value)[i];
            list.push_back(item ? std::optional(borrow(item)) : std::nullopt);
        }
        return list;
    }
    }
    throw Failure(CTORCH_INTERNAL, "a value has the unknown tag " + std::to_string(value.tag));
}

/// Moves `count` items, made by `item(i)`, to memory of the C side.
template <typename Item, typename Make> void setItems(ctorch_value &value, size_t count, Make &&item) {
    auto *memory = static_cast<Item *>(std::malloc(std::max<size_t>(count, 1) * sizeof(Item)));
    if (!memory)
        throw std::bad_alloc();
    for (size_t i = 0; i < count; ++i) memory[i] = item(i);
    value.items = memory;
    value.count = count;
}

ctorch_value result(c10::IValue &&source) {
    ctorch_value value{};
    if (source.isTensor()) {
        at::Tensor tensor = std::move(source).toTensor();
        if (tensor.defined()) {
            value.tag = CTORCH_TENSOR;
            value.tensor = give(std::move(tensor));
        }
    } else if (source.isInt()) {
        value.tag = CTORCH_INT;
        value.integer = source.toInt();
    } else if (source.isDouble()) {
        value.tag = CTORCH_DOUBLE;
        value.real = source.toDouble();
    } else if (source.isBool()) {
        value.tag = CTORCH_BOOLEAN;
        value.integer = source.toBool();
    } else if (source.isString()) {
        const std::string &text = source.toStringRef();
        value.tag = CTORCH_STRING;
        setItems<char>(value, text.size(), [&](size_t i) { return text[i]; });
    } else if (source.isDevice()) {
        const c10::Device device = source.toDevice();
        value.tag = CTORCH_DEVICE;
        value.device = {static_cast<int32_t>(device.type()), device.index()};
    } else if (source.isTensorList()) {
        const auto list = source.toTensorVector();
        value.tag = CTORCH_TENSOR_LIST;
        setItems<ctorch_tensor>(value, list.size(), [&](size_t i) { return give(list[i]); });
    } else if (source.isIntList()) {
        const auto list = source.toIntVector();
        value.tag = CTORCH_INT_LIST;
        setItems<int64_t>(value, list.size(), [&](size_t i) { return list[i]; });
    } else if (source.isDoubleList()) {
        const auto list = source.toDoubleVector();
        value.tag = CTORCH_DOUBLE_LIST;
        setItems<double>(value, list.size(), [&](size_t i) { return list[i]; });
    } else if (!source.isNone()) {
        throw Failure(CTORCH_UNSUPPORTED, "a result of kind " + source.tagKind() + " has no counterpart here");
    }
    return value;
}

void releaseValue(const ctorch_value *value) noexcept {
    if (value->tag >= CTORCH_STRING)
        std::free(const_cast<void *>(value->items));
}

/// Frees results that will not be handed over, tensors included.
void discard(ctorch_value *results, size_t count) noexcept {
    for (size_t i = 0; i < count; ++i) {
        if (results[i].tag == CTORCH_TENSOR)
            takeBack(results[i].tensor);
        if (results[i].tag == CTORCH_TENSOR_LIST)
            for (size_t j = 0; j < results[i].count; ++j) takeBack(items<ctorch_tensor>(results[i])[j]);
        releaseValue(&results[i]);
    }
}

ctorch_code call(
    ctorch_operation operation, const ctorch_value *arguments, size_t argumentCount, ctorch_value *results,
    size_t capacity, size_t *count, ctorch_status *status) noexcept {
    size_t filled = 0;
    const ctorch_code code = guarded(status, [&] {
        const c10::FunctionSchema &schema = operation->handle.schema();
        torch::jit::Stack stack;
        stack.reserve(std::max(schema.arguments().size(), argumentCount));
        for (size_t i = 0; i < argumentCount; ++i) stack.push_back(argument(arguments[i]));
        try {
            // Without this check a wrong type reads as a failed assertion inside libtorch.
            schema.checkAndNormalizeInputs(stack);
        } catch (const c10::Error &error) {
            throw Failure(CTORCH_INVALID_ARGUMENT, error.what_without_backtrace());
        }
        operation->handle.callBoxed(stack);
        if (stack.size() > capacity)
            throw Failure(CTORCH_INTERNAL, std::to_string(stack.size()) + " results do not fit the space for them");
        for (auto &value : stack) {
            results[filled] = result(std::move(value));
            filled += 1;
        }
    });
    if (code != CTORCH_OK) {
        discard(results, filled);
        filled = 0;
    }
    *count = filled;
    return code;
}

} // namespace

void addOperations(ctorch_api &api) {
    api.find_operation = findOperation;
    api.copy_schema = copySchema;
    api.call = call;
    api.release_value = releaseValue;
}

} // namespace bantam
