#pragma once

#include <stddef.h>

/// Starts to count the bytes that are allocated from here on.
void allocation_meter_start(void);

/// The most bytes that were held at one time since the start.
size_t allocation_meter_peak(void);
