// The function table, and what happens once when libtorch is loaded.

#include "TorchPlugin.h"

#include "BlockPool.h"
#include "Border.h"

#include <ATen/Version.h>
#include <c10/core/Allocator.h>
#include <torch/headeronly/version.h>

namespace bantam {
namespace {

// The C names of these numbers are our own; the numbers are libtorch's.
static_assert(CTORCH_FLOAT32 == static_cast<int>(c10::ScalarType::Float));
static_assert(CTORCH_FLOAT64 == static_cast<int>(c10::ScalarType::Double));
static_assert(CTORCH_FLOAT16 == static_cast<int>(c10::ScalarType::Half));
static_assert(CTORCH_BFLOAT16 == static_cast<int>(c10::ScalarType::BFloat16));
static_assert(CTORCH_UINT8 == static_cast<int>(c10::ScalarType::Byte));
static_assert(CTORCH_UINT16 == static_cast<int>(c10::ScalarType::UInt16));
static_assert(CTORCH_UINT32 == static_cast<int>(c10::ScalarType::UInt32));
static_assert(CTORCH_UINT64 == static_cast<int>(c10::ScalarType::UInt64));
static_assert(CTORCH_INT8 == static_cast<int>(c10::ScalarType::Char));
static_assert(CTORCH_INT16 == static_cast<int>(c10::ScalarType::Short));
static_assert(CTORCH_INT32 == static_cast<int>(c10::ScalarType::Int));
static_assert(CTORCH_INT64 == static_cast<int>(c10::ScalarType::Long));
static_assert(CTORCH_BOOL == static_cast<int>(c10::ScalarType::Bool));
static_assert(CTORCH_CONTIGUOUS == static_cast<int>(c10::MemoryFormat::Contiguous));
static_assert(CTORCH_PRESERVE == static_cast<int>(c10::MemoryFormat::Preserve));
static_assert(CTORCH_CHANNELS_LAST == static_cast<int>(c10::MemoryFormat::ChannelsLast));
static_assert(CTORCH_CHANNELS_LAST_3D == static_cast<int>(c10::MemoryFormat::ChannelsLast3d));

ctorch_api *makeTable() {
    // Above the priority of libtorch's own allocator, before the first tensor.
    c10::SetAllocator(c10::kCPU, &BlockPool::shared(), 100);

    auto *api = new ctorch_api{};
    addOperations(*api);
    addTensors(*api);
    addModes(*api);
    addDevices(*api);
    static const std::string capability = at::get_cpu_capability();
    api->version = TORCH_VERSION;
    api->cpu_capability = capability.c_str();
    return api;
}

} // namespace
} // namespace bantam

const void *bantam_torch_api(void) {
    try {
        static const ctorch_api *table = bantam::makeTable();
        return table;
    } catch (...) {
        return nullptr;
    }
}
