"""Deletes channels with Torch-Pruning on request, as `BantamBenchmarks delete` does: torch_pruning_step.py MODEL [FILE].

With FILE, the model is exported there first. A step builds the dependency graph and deletes every other channel of each
group; copying the model before it, which Torch-Pruning changes in place, is not counted.
"""

import copy
import sys
import time
import warnings

import torch

import cpu_torchvision  # noqa: F401
import torch_pruning
from torchvision import models

warnings.filterwarnings("ignore")
torch.manual_seed(0)
whole = models.get_model(sys.argv[1], weights=None).eval()
example = torch.randn(1, 3, 224, 224)
head = [module for module in whole.modules() if isinstance(module, torch.nn.Linear)][-1]
head_name = next(name for name, module in whole.named_modules() if module is head)


def delete(model):
    graph = torch_pruning.DependencyGraph().build_dependency(model, example)
    count = 0
    for group in graph.get_all_groups(ignored_layers=[model.get_submodule(head_name)]):
        channels = graph.get_out_channels(group[0].dep.target.module)
        group.prune(list(range(0, channels, 2)))
        count += 1
    return count


if len(sys.argv) > 2:
    torch.onnx.export(whole, (example,), sys.argv[2], dynamo=False, opset_version=17, dynamic_axes={"input": {0: "N"}},
                      input_names=["input"])
print("ready", torch_pruning.__version__, flush=True)
for line in sys.stdin:
    seconds = 0
    for _ in range(int(line.split()[1])):
        model = copy.deepcopy(whole)
        start = time.perf_counter()
        delete(model)
        seconds += time.perf_counter() - start
    print(seconds * 1000 / int(line.split()[1]), flush=True)
