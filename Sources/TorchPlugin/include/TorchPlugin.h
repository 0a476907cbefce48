// What TorchPlugin exports: one function, found by name at run time.

#ifndef TORCH_PLUGIN_H
#define TORCH_PLUGIN_H

#ifdef __cplusplus
extern "C" {
#endif

/// Returns the `ctorch_api` of this process, or null when libtorch's initialization failed.
__attribute__((visibility("default"))) const void *bantam_torch_api(void);

#ifdef __cplusplus
}
#endif

#endif
