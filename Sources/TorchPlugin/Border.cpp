#include "Border.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace bantam {

ctorch_code fail(ctorch_status *status, ctorch_code code, const char *message) noexcept {
    status->code = code;
    status->message = strdup(message);
    return code;
}

namespace {

/// libtorch throws out-of-memory on the CPU as a plain error, known only by its text.
bool saysOutOfMemory(std::string_view message) {
    return message.find("can't allocate memory") != message.npos || message.find("not enough memory") != message.npos;
}

} // namespace

ctorch_code report(ctorch_status *status) noexcept {
    try {
        throw;
    } catch (const Failure &error) {
        return fail(status, error.code, error.what());
    } catch (const c10::OutOfMemoryError &error) {
        return fail(status, CTORCH_OUT_OF_MEMORY, error.what_without_backtrace());
    } catch (const c10::NotImplementedError &error) {
        return fail(status, CTORCH_UNSUPPORTED, error.what_without_backtrace());
    } catch (const c10::Error &error) {
        const char *message = error.what_without_backtrace();
        if (saysOutOfMemory(message))
            return fail(status, CTORCH_OUT_OF_MEMORY, message);
        // Failed assertions are `c10::Error` too, with this text in front.
        const bool isAssertion = std::string_view(message).find("INTERNAL ASSERT FAILED") != std::string_view::npos;
        return fail(status, isAssertion ? CTORCH_INTERNAL : CTORCH_FAILED, message);
    } catch (const std::bad_alloc &) {
        return fail(status, CTORCH_OUT_OF_MEMORY, "the system has no memory left");
    } catch (const std::exception &error) {
        // oneDNN and the standard library: they, too, speak of memory only in words.
        return fail(status, saysOutOfMemory(error.what()) ? CTORCH_OUT_OF_MEMORY : CTORCH_INTERNAL, error.what());
    } catch (...) {
        return fail(status, CTORCH_INTERNAL, "an exception of unknown type");
    }
}

char *copy(const std::string &text) noexcept { return strdup(text.c_str()); }

namespace {

std::atomic<int64_t> liveTensors{0};
// Tensors are not shared between threads on the Swift side, so this one tells whether a piece of code leaks even
// while other threads make tensors.
thread_local int64_t liveTensorsOnThread = 0;

} // namespace

ctorch_tensor give(at::Tensor tensor) noexcept {
    liveTensors.fetch_add(1, std::memory_order_relaxed);
    liveTensorsOnThread += 1;
    return reinterpret_cast<ctorch_tensor>(tensor.unsafeReleaseTensorImpl());
}

void takeBack(ctorch_tensor handle) noexcept {
    liveTensors.fetch_sub(1, std::memory_order_relaxed);
    liveTensorsOnThread -= 1;
    c10::intrusive_ptr<c10::TensorImpl>::reclaim(reinterpret_cast<c10::TensorImpl *>(handle)).reset();
}

int64_t liveTensorCount() noexcept { return liveTensors.load(std::memory_order_relaxed); }
int64_t liveTensorCountOnThread() noexcept { return liveTensorsOnThread; }

} // namespace bantam
