// Devices and their memory.

#include "BlockPool.h"
#include "Border.h"

#include <ATen/Context.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <dlfcn.h>

namespace bantam {
namespace {

ctorch_code loadDevice(int32_t type, ctorch_status *status) noexcept {
    return guarded(status, [&] {
        switch (static_cast<c10::DeviceType>(type)) {
        case c10::kCPU: return;
        case c10::kCUDA:
            // Its initializers register the kernels and the hooks, for all to see, hence RTLD_GLOBAL. It is never
            // closed, and opening it again costs nothing.
            if (!dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL))
                throw Failure(CTORCH_MISSING_LIBRARY, dlerror());
            return;
        default: throw Failure(CTORCH_UNSUPPORTED, "device type " + std::to_string(type) + " is not supported");
        }
    });
}

int32_t deviceCount(int32_t type) noexcept {
    const auto device = static_cast<c10::DeviceType>(type);
    if (device == c10::kCPU)
        return 1;
    try {
        return at::globalContext().getAcceleratorHooksInterface(device).deviceCount();
    } catch (...) {
        return 0; // A driver that does not answer has no devices.
    }
}

ctorch_code memory(ctorch_device where, ctorch_memory *memory, ctorch_status *status) noexcept {
    return guarded(status, [&] {
        const c10::Device place = device(where);
        if (place.is_cpu()) {
            *memory = BlockPool::shared().usage();
            return;
        }
        const auto stats = c10::getDeviceAllocator(place.type())->getDeviceStats(place.index());
        const auto &allocated = stats.allocated_bytes[0]; // The first entry sums over all pools.
        *memory = {allocated.current, allocated.peak, stats.reserved_bytes[0].current - allocated.current};
    });
}

ctorch_code resetPeakMemory(ctorch_device where, ctorch_status *status) noexcept {
    return guarded(status, [&] {
        const c10::Device place = device(where);
        if (place.is_cpu())
            BlockPool::shared().resetPeak();
        else
            c10::getDeviceAllocator(place.type())->resetPeakStats(place.index());
    });
}

ctorch_code releaseKeptMemory(ctorch_device where, ctorch_status *status) noexcept {
    return guarded(status, [&] {
        const c10::Device place = device(where);
        if (place.is_cpu())
            BlockPool::shared().releaseKept();
        else
            c10::getDeviceAllocator(place.type())->emptyCache();
    });
}

} // namespace

void addDevices(ctorch_api &api) {
    api.load_device = loadDevice;
    api.device_count = deviceCount;
    api.memory = memory;
    api.reset_peak_memory = resetPeakMemory;
    api.release_kept_memory = releaseKeptMemory;
}

} // namespace bantam
