// `bantam::convolution_relu`: a convolution and the ReLU after it, in one pass over memory.
//
// libtorch's oneDNN can apply ReLU before it stores a result, but that operator has no derivative: it is for inference.
// The derivative given here keeps the output alone, as that of ReLU does.

#include <ATen/autocast_mode.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/native/ConvUtils.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/threshold_backward.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

namespace bantam {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using OptionalTensor = std::optional<at::Tensor>;

struct ConvolutionRelu : torch::autograd::Function<ConvolutionRelu> {
    static at::Tensor forward(
        AutogradContext *context, const at::Tensor &input, const at::Tensor &weight, const OptionalTensor &bias,
        at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation, int64_t groups) {
        static const auto convolution =
            c10::Dispatcher::singleton().findSchemaOrThrow("mkldnn::_convolution_pointwise", "");
        torch::jit::Stack stack{input,  weight, bias,  padding, stride, dilation, groups,
                                "relu", c10::List<std::optional<at::Scalar>>(), std::nullopt};
        convolution.callBoxed(stack);
        const at::Tensor output = stack[0].toTensor();
        context->save_for_backward({input, weight, output});
        auto &settings = context->saved_data;
        settings["stride"] = stride;
        settings["padding"] = padding;
        settings["dilation"] = dilation;
        settings["groups"] = groups;
        settings["has bias"] = bias.has_value();
        return output;
    }

    static variable_list backward(AutogradContext *context, const variable_list &gradients) {
        const variable_list saved = context->get_saved_variables();
        const at::Tensor &input = saved[0], &weight = saved[1], &output = saved[2];
        const auto setting = [&](const char *name) { return context->saved_data[name].toIntVector(); };
        const bool hasBias = context->saved_data["has bias"].toBool();
        const auto [inputGradient, weightGradient, biasGradient] = at::convolution_backward(
            at::threshold_backward(gradients[0], output, 0), input, weight, at::IntArrayRef(weight.size(0)),
            setting("stride"), setting("padding"), setting("dilation"), /*transposed*/ false,
            std::vector<int64_t>(input.dim() - 2, 0), context->saved_data["groups"].toInt(),
            {context->needs_input_grad(0), context->needs_input_grad(1), hasBias && context->needs_input_grad(2)});
        // One for each argument of `forward`.
        return {inputGradient, weightGradient, biasGradient, {}, {}, {}, {}};
    }
};

at::Tensor convolutionRelu(
    const at::Tensor &input, const at::Tensor &weight, const OptionalTensor &bias, at::IntArrayRef stride,
    at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed, at::IntArrayRef outputPadding,
    int64_t groups) {
    const auto symbolic = [](at::IntArrayRef list) { return c10::fromIntArrayRefSlow(list); };
    const bool isImageOrClip = input.dim() == 4 || input.dim() == 5;
    const auto backend = at::native::select_conv_backend(
        input, weight, bias, symbolic(stride), symbolic(padding), symbolic(dilation), transposed,
        symbolic(outputPadding), groups, std::nullopt);
    if (isImageOrClip && backend == at::native::ConvBackend::Mkldnn)
        return ConvolutionRelu::apply(input, weight, bias, stride, padding, dilation, groups);
    return at::relu(
        at::convolution(input, weight, bias, stride, padding, dilation, transposed, outputPadding, groups));
}

at::Tensor convolutionReluAutocast(
    const at::Tensor &input, const at::Tensor &weight, const OptionalTensor &bias, at::IntArrayRef stride,
    at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed, at::IntArrayRef outputPadding,
    int64_t groups) {
    const c10::impl::ExcludeDispatchKeyGuard guard(c10::DispatchKey::AutocastCPU);
    const auto type = at::autocast::get_autocast_dtype(c10::kCPU);
    const auto cast = [&](const at::Tensor &tensor) { return at::autocast::cached_cast(type, tensor, c10::kCPU); };
    return convolutionRelu(
        cast(input), cast(weight), bias ? OptionalTensor(cast(*bias)) : std::nullopt, stride, padding, dilation,
        transposed, outputPadding, groups);
}

TORCH_LIBRARY(bantam, m) {
    // The arguments of `aten::convolution`.
    m.def("convolution_relu(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, "
          "bool transposed, int[] output_padding, int groups) -> Tensor");
}

TORCH_LIBRARY_IMPL(bantam, CompositeImplicitAutograd, m) { m.impl("convolution_relu", convolutionRelu); }
TORCH_LIBRARY_IMPL(bantam, AutocastCPU, m) { m.impl("convolution_relu", convolutionReluAutocast); }

} // namespace
} // namespace bantam
