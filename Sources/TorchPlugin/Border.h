// Crossing the border between C++ and C: exceptions become statuses, references become handles.

#pragma once

#include <ctorch.h>

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <exception>
#include <functional>
#include <new>
#include <string>

namespace bantam {

/// An error with a code of its own.
struct Failure : std::exception {
    ctorch_code code;
    std::string message;

    Failure(ctorch_code code, std::string message) : code(code), message(std::move(message)) {}
    const char *what() const noexcept override { return message.c_str(); }
};

ctorch_code fail(ctorch_status *status, ctorch_code code, const char *message) noexcept;

/// Maps the exception in flight; call it in a `catch (...)` only.
ctorch_code report(ctorch_status *status) noexcept;

/// Runs `body`; whatever it throws ends up in `status`.
template <typename Body> ctorch_code guarded(ctorch_status *status, Body &&body) noexcept {
    try {
        body();
        return CTORCH_OK;
    } catch (...) {
        return report(status);
    }
}

/// A copy of `text` for the other side to `free`; null when memory is short.
char *copy(const std::string &text) noexcept;

// A tensor handle is the address of the TensorImpl, with one reference counted for it: no allocation of its own.

ctorch_tensor give(at::Tensor tensor) noexcept;
void takeBack(ctorch_tensor handle) noexcept;

/// Another reference to the handle's tensor.
inline at::Tensor borrow(ctorch_tensor handle) {
    return at::Tensor(c10::intrusive_ptr<c10::TensorImpl>::reclaim_copy(reinterpret_cast<c10::TensorImpl *>(handle)));
}

inline at::Tensor borrowOptional(ctorch_tensor handle) { return handle ? borrow(handle) : at::Tensor(); }

inline at::Generator &generator(ctorch_generator handle) { return *reinterpret_cast<at::Generator *>(handle); }

inline c10::Device device(ctorch_device device) {
    return c10::Device(static_cast<c10::DeviceType>(device.type), static_cast<c10::DeviceIndex>(device.index));
}

/// Fills the entries of the table that one file implements.
void addOperations(ctorch_api &api);
void addTensors(ctorch_api &api);
void addModes(ctorch_api &api);
void addDevices(ctorch_api &api);

} // namespace bantam
