// The CPU allocator of libtorch's tensors: it counts bytes and keeps freed blocks.
//
// A training step frees and asks again for the same sizes. The system's allocator maps large blocks anew each time,
// and the kernel then clears every page at first touch, which took half the time of a convolutional training step.
// So a freed block goes to a list of its size class and the next request of that class takes it from there.

#pragma once

#include <ctorch.h>

#include <c10/core/Allocator.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace bantam {

class BlockPool final : public c10::Allocator {
public:
    static BlockPool &shared();

    c10::DataPtr allocate(size_t count) override;
    c10::DeleterFnPtr raw_deleter() const override;
    void copy_data(void *destination, const void *source, size_t count) const override;

    ctorch_memory usage() const;
    void resetPeak();
    /// Gives all kept blocks back to the system.
    void releaseKept();

private:
    struct Block;

    static void free(void *data);

    static size_t sizeClass(size_t count);
    static size_t classBytes(size_t sizeClass);
    Block *takeKept(size_t sizeClass);
    Block *makeBlock(size_t sizeClass);
    void count(int64_t bytes);

    // Four classes per power of two, up to 2^47 bytes, the end of the address space.
    static constexpr size_t classCount = 4 * 42;

    std::mutex mutex;
    std::array<Block *, classCount> kept{};
    std::atomic<int64_t> current{0}, peak{0}, keptBytes{0};
    /// Bytes of all blocks, in use or kept, and the most that were in use at once.
    int64_t blockBytes = 0, mostUsed = 0;
};

} // namespace bantam
