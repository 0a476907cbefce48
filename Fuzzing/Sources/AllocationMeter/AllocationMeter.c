#include "AllocationMeter.h"

#include <stdatomic.h>
#include <stdbool.h>

// Of the address sanitizer: called at each malloc and free.
int __sanitizer_install_malloc_and_free_hooks(
    void (*malloc_hook)(const volatile void *, size_t), void (*free_hook)(const volatile void *));
size_t __sanitizer_get_allocated_size(const volatile void *memory);

static atomic_long held;
static atomic_long peak;

static void on_malloc(const volatile void *memory, size_t size) {
    (void)memory;
    long now = atomic_fetch_add(&held, (long)size) + (long)size;
    if (now > atomic_load(&peak)) atomic_store(&peak, now);
}

static void on_free(const volatile void *memory) {
    if (memory) atomic_fetch_sub(&held, (long)__sanitizer_get_allocated_size(memory));
}

void allocation_meter_start(void) {
    static bool is_installed = false;
    if (!is_installed) {
        __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
        is_installed = true;
    }
    atomic_store(&held, 0);
    atomic_store(&peak, 0);
}

size_t allocation_meter_peak(void) { return (size_t)atomic_load(&peak); }
