// The library itself: its version, its devices, its one core.

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "plugin.h"

ov_core_t *shared_core(copenvino_status *status) {
    // One core serves the process: it owns the device plugins, is safe to share between threads, and takes about
    // 10 ms to make. It is never freed, because compiled models may outlive any owner it could have.
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static ov_core_t *core = NULL;
    pthread_mutex_lock(&lock);
    if (!core && !succeeded(ov_core_create(&core), status)) core = NULL;
    ov_core_t *result = core;
    pthread_mutex_unlock(&lock);
    return result;
}

void return_large_blocks(void) {
#ifdef __GLIBC__
    // Left alone, glibc soon takes blocks of up to 32 MB from its heap, where one in use keeps all below it: compiling
    // ResNet-50 then leaves the process with a hundred megabytes more than it uses.
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

char *runtime_version(copenvino_status *status) {
    ov_version_t version;
    if (!succeeded(ov_get_openvino_version(&version), status)) return NULL;
    char *text = strdup(version.buildNumber ? version.buildNumber : "");
    if (!text) fail(status, "out of memory");
    ov_version_free(&version);
    return text;
}

char *runtime_devices(copenvino_status *status) {
    ov_core_t *core = shared_core(status);
    ov_available_devices_t devices;
    if (!core || !succeeded(ov_core_get_available_devices(core, &devices), status)) return NULL;
    size_t length = 1;
    for (size_t index = 0; index < devices.size; index++) length += strlen(devices.devices[index]) + 1;
    char *text = calloc(length, 1);
    if (text) {
        for (size_t index = 0; index < devices.size; index++) {
            if (index > 0) strcat(text, ",");
            strcat(text, devices.devices[index]);
        }
    } else {
        fail(status, "out of memory");
    }
    ov_available_devices_free(&devices);
    return text;
}

char *runtime_device_property(const char *device, const char *key, copenvino_status *status) {
    ov_core_t *core = shared_core(status);
    char *value = NULL;
    if (!core || !succeeded(ov_core_get_property(core, device, key, &value), status)) return NULL;
    return adopt_string(value, status);
}
