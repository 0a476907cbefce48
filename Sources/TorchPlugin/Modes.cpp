// State beside the tensors: gradient and autocast modes of a thread, random generators, thread counts.

#include "Border.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Operators.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>
#include <torch/library.h>

namespace bantam {
namespace {

int32_t setGradientsEnabled(int32_t enabled) noexcept {
    const bool previous = c10::GradMode::is_enabled();
    c10::GradMode::set_enabled(enabled != 0);
    return previous;
}

ctorch_autocast setAutocast(ctorch_autocast mode) noexcept {
    const auto type = static_cast<c10::DeviceType>(mode.device_type);
    const ctorch_autocast previous{
        mode.device_type,
        static_cast<int32_t>(at::autocast::get_autocast_dtype(type)),
        at::autocast::is_autocast_enabled(type),
    };
    at::autocast::set_autocast_dtype(type, static_cast<c10::ScalarType>(mode.dtype));
    at::autocast::set_autocast_enabled(type, mode.enabled != 0);
    return previous;
}

ctorch_autocast enterAutocast(ctorch_autocast mode) noexcept {
    at::autocast::increment_nesting();
    return setAutocast(mode);
}

void leaveAutocast(ctorch_autocast previous) noexcept {
    if (at::autocast::decrement_nesting() == 0)
        at::autocast::clear_cache();
    setAutocast(previous);
}

/// A generator is a reference; the copy names the same state.
void seed(at::Generator generator, uint64_t value) {
    const std::lock_guard lock(generator.mutex());
    generator.set_current_seed(value);
}

ctorch_code makeGenerator(
    ctorch_device where, uint64_t value, ctorch_generator *generator, ctorch_status *status) noexcept {
    return guarded(status, [&] {
        const c10::Device place = device(where);
        const auto made = place.is_cpu()
            ? at::make_generator<at::CPUGeneratorImpl>()
            : at::globalContext().getAcceleratorHooksInterface(place.type()).getNewGenerator(place.index());
        seed(made, value);
        *generator = reinterpret_cast<ctorch_generator>(new at::Generator(made));
    });
}

ctorch_code seedGenerator(ctorch_generator handle, uint64_t value, ctorch_status *status) noexcept {
    return guarded(status, [&] { seed(generator(handle), value); });
}

void releaseGenerator(ctorch_generator handle) noexcept { delete &generator(handle); }

ctorch_code seedDefaults(uint64_t value, ctorch_status *status) noexcept {
    return guarded(status, [&] {
        at::Context &context = at::globalContext();
        seed(context.defaultGenerator(c10::kCPU), value);
        const auto cuda = context.getAcceleratorHooksInterface(c10::kCUDA).deviceCount();
        for (c10::DeviceIndex index = 0; index < cuda; ++index)
            seed(context.defaultGenerator({c10::kCUDA, index}), value);
    });
}

ctorch_code setThreadCount(int32_t count, ctorch_status *status) noexcept {
    return guarded(status, [&] { at::set_num_threads(count); });
}

int32_t threadCount() noexcept { return at::get_num_threads(); }

char *copyParallelInfo() noexcept {
    try {
        return copy(at::get_parallel_info());
    } catch (...) {
        return nullptr;
    }
}

// libtorch casts the operands of this operator on CUDA, but on the CPU only those of `conv1d` to `conv3d`, which call
// it. Graphs call it directly, whatever the number of axes.
TORCH_LIBRARY_IMPL(aten, AutocastCPU, m) {
    KERNEL_CPU(convolution, lower_precision_fp)
}

} // namespace

void addModes(ctorch_api &api) {
    api.set_gradients_enabled = setGradientsEnabled;
    api.enter_autocast = enterAutocast;
    api.leave_autocast = leaveAutocast;
    api.make_generator = makeGenerator;
    api.seed_generator = seedGenerator;
    api.release_generator = releaseGenerator;
    api.seed_defaults = seedDefaults;
    api.set_thread_count = setThreadCount;
    api.thread_count = threadCount;
    api.copy_parallel_info = copyParallelInfo;
}

} // namespace bantam
