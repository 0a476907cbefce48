// `bantam::fake_quantize`: rounds numbers to multiples of a scale, with a derivative that training can use.
//
// libtorch's own operators for this visit one element at a time: they took four times as long as the convolution between
// them. They also multiply by a reciprocal where ONNX divides, so that they sometimes round to another integer.

#include <ATen/TensorIterator.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/div.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/round.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/where.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

namespace bantam {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// The integers that numbers are rounded to, counted from the one that stands for zero.
struct Limits {
    double lowest;
    double highest;
};

/// To the nearest integer, halves to even, for numbers below 2^22: larger ones only have to stay larger than any limit.
/// Unlike a call of the library it is two additions, which compilers turn into vector instructions.
inline float nearest(float number) {
    constexpr float shift = 12582912; // 1.5 * 2^23: behind it no bits are left for fractions.
    return (number + shift) - shift;
}

/// Both comparisons are false for NaN, which so stays NaN.
inline float clamped(float number, float lowest, float highest) {
    number = number < lowest ? lowest : number;
    return number > highest ? highest : number;
}

/// The scale along an axis of a tensor, or one for all of it, in a shape that broadcasts.
at::Tensor broadcasting(const at::Tensor &scale, std::optional<int64_t> axis, const at::Tensor &input) {
    if (!axis) return scale.reshape(std::vector<int64_t>(input.dim(), 1));
    std::vector<int64_t> shape(input.dim(), 1);
    shape.at(*axis) = scale.numel();
    return scale.reshape(shape);
}

bool runsInLoops(const at::Tensor &input) { return input.is_cpu() && input.scalar_type() == c10::kFloat; }

at::Tensor rounded(const at::Tensor &input, const at::Tensor &scale, Limits limits) {
    if (!runsInLoops(input)) {
        return at::mul(at::clamp(at::round(at::div(input, scale)), limits.lowest, limits.highest), scale);
    }
    at::Tensor output = at::empty_like(input);
    auto iterator =
        at::TensorIteratorConfig().add_output(output).add_const_input(input).add_const_input(scale).build();
    const auto lowest = static_cast<float>(limits.lowest), highest = static_cast<float>(limits.highest);
    // The iterator shares out the work among libtorch's threads.
    iterator.for_each([=](char **data, const int64_t *strides, int64_t count) {
        auto *out = data[0];
        const auto *in = data[1], *scales = data[2];
        constexpr int64_t step = sizeof(float);
        if (strides[0] == step && strides[1] == step && strides[2] == 0) {
            auto *results = reinterpret_cast<float *>(out);
            const auto *numbers = reinterpret_cast<const float *>(in);
            const float scale = *reinterpret_cast<const float *>(scales);
            for (int64_t i = 0; i < count; ++i)
                results[i] = clamped(nearest(numbers[i] / scale), lowest, highest) * scale;
            return;
        }
        for (int64_t i = 0; i < count; ++i) {
            const float number = *reinterpret_cast<const float *>(in + i * strides[1]);
            const float scale = *reinterpret_cast<const float *>(scales + i * strides[2]);
            *reinterpret_cast<float *>(out + i * strides[0]) =
                clamped(nearest(number / scale), lowest, highest) * scale;
        }
    });
    return output;
}

/// The derivatives by the input and, element by element, by the scale.
///
/// Within the limits rounding is taken for the identity, so that y = s * round(x / s) has the derivatives 1 by x and
/// round(x / s) - x / s by s. Beyond them y = s * limit. A number lies within when it rounds to a limit.
std::pair<at::Tensor, at::Tensor> derivatives(
    const at::Tensor &gradient, const at::Tensor &input, const at::Tensor &scale, Limits limits) {
    if (!runsInLoops(input)) {
        const at::Tensor quotient = at::div(input, scale), integer = at::round(quotient);
        const at::Tensor kept = at::clamp(integer, limits.lowest, limits.highest);
        const at::Tensor isInside = at::eq(kept, integer);
        return {
            at::where(isInside, gradient, 0), at::mul(gradient, at::where(isInside, at::sub(integer, quotient), kept))};
    }
    const at::Tensor slope = gradient.to(c10::kFloat);
    at::Tensor byInput = at::empty_like(input), byScale = at::empty_like(input);
    auto iterator = at::TensorIteratorConfig()
                        .add_output(byInput)
                        .add_output(byScale)
                        .add_const_input(slope)
                        .add_const_input(input)
                        .add_const_input(scale)
                        .build();
    const auto lowest = static_cast<float>(limits.lowest), highest = static_cast<float>(limits.highest);
    const auto one = [=](float slope, float number, float scale, float &byInput, float &byScale) {
        const float quotient = number / scale, integer = nearest(quotient);
        const float kept = clamped(integer, lowest, highest);
        const bool isInside = kept == integer;
        byInput = isInside ? slope : 0;
        byScale = slope * (kept - (isInside ? quotient : 0));
    };
    iterator.for_each([=](char **data, const int64_t *strides, int64_t count) {
        constexpr int64_t step = sizeof(float);
        if (strides[0] == step && strides[1] == step && strides[2] == step && strides[3] == step && strides[4] == 0) {
            auto *first = reinterpret_cast<float *>(data[0]), *second = reinterpret_cast<float *>(data[1]);
            const auto *slopes = reinterpret_cast<const float *>(data[2]);
            const auto *numbers = reinterpret_cast<const float *>(data[3]);
            const float scale = *reinterpret_cast<const float *>(data[4]);
            for (int64_t i = 0; i < count; ++i) one(slopes[i], numbers[i], scale, first[i], second[i]);
            return;
        }
        const auto at = [&](int operand, int64_t i) -> float & {
            return *reinterpret_cast<float *>(data[operand] + i * strides[operand]);
        };
        for (int64_t i = 0; i < count; ++i) one(at(2, i), at(3, i), at(4, i), at(0, i), at(1, i));
    });
    return {byInput, byScale};
}

struct FakeQuantize : torch::autograd::Function<FakeQuantize> {
    static at::Tensor forward(
        AutogradContext *context, const at::Tensor &input, const at::Tensor &scale, std::optional<int64_t> axis,
        double lowest, double highest, double gradientFactor) {
        context->save_for_backward({input, scale});
        auto &settings = context->saved_data;
        settings["axis"] = axis;
        settings["lowest"] = lowest;
        settings["highest"] = highest;
        settings["gradient factor"] = gradientFactor;
        return rounded(input, broadcasting(scale, axis, input), {lowest, highest});
    }

    static variable_list backward(AutogradContext *context, const variable_list &gradients) {
        const variable_list saved = context->get_saved_variables();
        auto &settings = context->saved_data;
        const at::Tensor scale = broadcasting(saved[1], settings["axis"].toOptional<int64_t>(), saved[0]);
        const auto [byInput, byScale] = derivatives(
            gradients[0], saved[0], scale, {settings["lowest"].toDouble(), settings["highest"].toDouble()});
        at::Tensor scaleGradient;
        if (context->needs_input_grad(1)) {
            scaleGradient = byScale.sum_to_size(scale.sizes()).reshape(saved[1].sizes());
            scaleGradient.mul_(settings["gradient factor"].toDouble());
        }
        // One for each argument of `forward`.
        return {byInput, scaleGradient, {}, {}, {}, {}};
    }
};

at::Tensor fakeQuantize(
    const at::Tensor &input, const at::Tensor &scale, std::optional<int64_t> axis, double lowest, double highest,
    double gradientFactor) {
    // Under autocast the input may be bfloat16, which has too few digits for integers of 8 bits and their fractions.
    const at::Tensor numbers = at::isReducedFloatingType(input.scalar_type()) ? input.to(c10::kFloat) : input;
    return FakeQuantize::apply(numbers, scale, axis, lowest, highest, gradientFactor);
}

TORCH_LIBRARY_FRAGMENT(bantam, m) {
    m.def("fake_quantize(Tensor input, Tensor scale, int? axis, float lowest, float highest, float gradient_factor) "
          "-> Tensor");
}

TORCH_LIBRARY_IMPL(bantam, CompositeImplicitAutograd, m) { m.impl("fake_quantize", fakeQuantize); }

} // namespace
} // namespace bantam
