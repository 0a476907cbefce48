#include "BlockPool.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <bit>
#include <cstdlib>

#include <sys/mman.h>

namespace bantam {

/// Stands before the data; its size is the alignment that vector instructions want.
struct alignas(64) BlockPool::Block {
    size_t sizeClass;
    /// The bytes that were asked for.
    size_t count;
    Block *next;

    void *data() { return this + 1; }
    static Block *of(void *data) { return static_cast<Block *>(data) - 1; }
};

namespace {

constexpr size_t smallestBlock = 128;
constexpr size_t largestRequest = size_t{1} << 46;
constexpr size_t hugePage = size_t{2} << 20;

/// Fresh memory; where it is large, in pages of 2 MiB if the kernel has them, which saves faults and look-ups of
/// addresses.
void *alignedMemory(size_t size) {
    void *memory = nullptr;
    const bool isLarge = size >= 2 * hugePage;
    if (posix_memalign(&memory, isLarge ? hugePage : 64, size) != 0)
        return nullptr;
#ifdef MADV_HUGEPAGE
    if (isLarge)
        madvise(memory, size, MADV_HUGEPAGE);
#endif
    return memory;
}

} // namespace

BlockPool &BlockPool::shared() {
    // Never destroyed: tensors in static storage outlive everything.
    static auto &pool = *new BlockPool;
    return pool;
}

size_t BlockPool::sizeClass(size_t count) {
    const size_t bytes = std::max(count + sizeof(Block), smallestBlock);
    const size_t exponent = std::bit_width(bytes) - 1;
    const size_t quarter = exponent - 2;
    const size_t quarters = (bytes + (size_t{1} << quarter) - 1) >> quarter; // 4...8
    return 4 * (exponent - 7) + (quarters - 4);
}

size_t BlockPool::classBytes(size_t sizeClass) { return (4 + sizeClass % 4) << (sizeClass / 4 + 5); }

c10::DataPtr BlockPool::allocate(size_t count) {
    const c10::Device cpu(c10::kCPU);
    if (count == 0)
        return {nullptr, nullptr, raw_deleter(), cpu};
    Block *block = nullptr;
    if (count <= largestRequest) {
        const size_t wanted = sizeClass(count);
        const std::lock_guard lock(mutex);
        block = takeKept(wanted);
        if (!block)
            block = makeBlock(wanted);
    }
    TORCH_CHECK_WITH(OutOfMemoryError, block, "can't allocate memory: ", count, " bytes were asked for");
    block->count = count;
    this->count(static_cast<int64_t>(count));
    // The data pointer is its own context, as `raw_allocate` and DataPtr's shortcuts require.
    return {block->data(), block->data(), raw_deleter(), cpu};
}

BlockPool::Block *BlockPool::takeKept(size_t sizeClass) {
    Block *block = kept[sizeClass];
    if (block) {
        kept[sizeClass] = block->next;
        keptBytes -= static_cast<int64_t>(classBytes(sizeClass));
    }
    return block;
}

BlockPool::Block *BlockPool::makeBlock(size_t sizeClass) {
    const size_t size = classBytes(sizeClass);
    const auto bytes = static_cast<int64_t>(size);
    // Blocks of sizes that are no longer asked for must not pile up: those kept may add half of what was ever used
    // at once. The largest go first, being the fewest.
    mostUsed = std::max(mostUsed, blockBytes - keptBytes + bytes);
    const int64_t limit = mostUsed + mostUsed / 2 + (64 << 20);
    const auto makeRoom = [&](int64_t limit) {
        for (size_t c = classCount; c-- > 0 && blockBytes + bytes > limit;)
            while (blockBytes + bytes > limit) {
                Block *block = takeKept(c);
                if (!block)
                    break;
                blockBytes -= static_cast<int64_t>(classBytes(c));
                std::free(block);
            }
    };
    makeRoom(limit);

    void *memory = alignedMemory(size);
    if (!memory) {
        makeRoom(0);
        memory = alignedMemory(size);
    }
    if (!memory)
        return nullptr;
    blockBytes += bytes;
    auto *block = new (memory) Block;
    block->sizeClass = sizeClass;
    return block;
}

void BlockPool::free(void *data) {
    if (!data)
        return;
    Block *block = Block::of(data);
    BlockPool &pool = shared();
    pool.current -= static_cast<int64_t>(block->count);
    const std::lock_guard lock(pool.mutex);
    block->next = pool.kept[block->sizeClass];
    pool.kept[block->sizeClass] = block;
    pool.keptBytes += static_cast<int64_t>(classBytes(block->sizeClass));
}

void BlockPool::count(int64_t bytes) {
    const int64_t now = current += bytes;
    int64_t most = peak.load(std::memory_order_relaxed);
    while (now > most && !peak.compare_exchange_weak(most, now, std::memory_order_relaxed)) {
    }
}

void BlockPool::releaseKept() {
    const std::lock_guard lock(mutex);
    for (size_t c = 0; c < classCount; ++c)
        while (Block *block = takeKept(c)) {
            blockBytes -= static_cast<int64_t>(classBytes(c));
            std::free(block);
        }
    mostUsed = blockBytes;
}

ctorch_memory BlockPool::usage() const { return {current, peak, keptBytes}; }

void BlockPool::resetPeak() { peak = current.load(); }

c10::DeleterFnPtr BlockPool::raw_deleter() const { return &BlockPool::free; }

void BlockPool::copy_data(void *destination, const void *source, size_t count) const {
    default_copy_data(destination, source, count);
}

} // namespace bantam
