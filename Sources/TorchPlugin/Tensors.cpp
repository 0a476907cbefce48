// What the dispatcher does not offer about one tensor: its description, its gradient, the backward pass.

#include "Border.h"

#include <torch/csrc/autograd/autograd.h>

namespace bantam {

int64_t liveTensorCount() noexcept;
int64_t liveTensorCountOnThread() noexcept;

namespace {

ctorch_tensor share(ctorch_tensor tensor) noexcept { return give(borrow(tensor)); }

void describe(ctorch_tensor handle, ctorch_tensor_info *info) noexcept {
    const auto &impl = *reinterpret_cast<const c10::TensorImpl *>(handle);
    const c10::Device device = impl.device();
    *info = {};
    info->dtype = static_cast<int32_t>(c10::typeMetaToScalarType(impl.dtype()));
    info->rank = static_cast<int32_t>(impl.dim());
    info->device = {static_cast<int32_t>(device.type()), device.index()};
    info->sizes = impl.sizes().data();
    info->requires_gradient = impl.requires_grad();
    if (impl.layout() != c10::kStrided)
        return;
    info->strides = impl.strides().data();
    info->is_contiguous = impl.is_contiguous();
    info->is_channels_last = impl.is_contiguous(
        impl.dim() == 5 ? c10::MemoryFormat::ChannelsLast3d : c10::MemoryFormat::ChannelsLast);
    if (impl.has_storage() && impl.numel() > 0)
        info->data = const_cast<void *>(impl.data());
}

ctorch_code setRequiresGradient(ctorch_tensor tensor, int32_t required, ctorch_status *status) noexcept {
    return guarded(status, [&] { borrow(tensor).set_requires_grad(required != 0); });
}

ctorch_tensor gradient(ctorch_tensor tensor) noexcept {
    const at::Tensor &gradient = borrow(tensor).grad();
    return gradient.defined() ? give(gradient) : nullptr;
}

ctorch_code setGradient(ctorch_tensor tensor, ctorch_tensor gradient, ctorch_status *status) noexcept {
    return guarded(status, [&] {
        const at::Tensor owner = borrow(tensor), value = borrowOptional(gradient);
        // libtorch would notice only when an optimizer uses it.
        TORCH_CHECK(
            !value.defined() || (value.sizes() == owner.sizes() && value.device() == owner.device()),
            "the gradient's shape ", value.sizes(), " and device must be those of the tensor");
        owner.mutable_grad() = value;
    });
}

ctorch_code backward(ctorch_tensor tensor, ctorch_tensor gradient, int32_t retain, ctorch_status *status) noexcept {
    return guarded(status, [&] {
        torch::autograd::backward({borrow(tensor)}, {borrowOptional(gradient)}, retain != 0);
    });
}

} // namespace

void addTensors(ctorch_api &api) {
    api.release_tensor = takeBack;
    api.share_tensor = share;
    api.describe = describe;
    api.live_tensors = liveTensorCount;
    api.live_tensors_on_thread = liveTensorCountOnThread;
    api.set_requires_gradient = setRequiresGradient;
    api.gradient = gradient;
    api.set_gradient = setGradient;
    api.backward = backward;
}

} // namespace bantam
