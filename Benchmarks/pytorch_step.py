"""PyTorch eager's training step, on request: the counterpart of the executable `BantamBenchmarks`.

    pytorch_step.py conv_stack bfloat16 2 channels_last in_place fused
    ready 2.13.0
    > step 10
    41.7

A process of its own, with one model in it: how often PyTorch's memory goes back to the system and comes anew depends
on what else is on the heap.
"""

import sys
import time

import torch
import torch.nn.functional as F

BATCH = {"simple_cnn": (128, 1, 28, 28), "conv_stack": (32, 3, 112, 112)}
FORMATS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


class SimpleCNN(torch.nn.Module):
    def __init__(self, in_place):
        super().__init__()
        self.in_place = in_place
        self.conv1 = torch.nn.Conv2d(1, 10, 5)
        self.conv2 = torch.nn.Conv2d(10, 20, 5)
        self.fc1 = torch.nn.Linear(320, 50)
        self.fc2 = torch.nn.Linear(50, 10)

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.conv1(x), 2), self.in_place)
        x = F.relu(F.max_pool2d(self.conv2(x), 2), self.in_place)
        return self.fc2(F.relu(self.fc1(x.flatten(1)), self.in_place))


class ConvStack(torch.nn.Module):
    def __init__(self, in_place):
        super().__init__()
        self.in_place = in_place
        self.convs = torch.nn.ModuleList(
            torch.nn.Conv2d(3 if layer == 0 else 32, 32, 3, padding=1) for layer in range(9)
        )
        self.fc = torch.nn.Linear(32, 10)

    def forward(self, x):
        for conv in self.convs:
            x = F.relu(conv(x), self.in_place)
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


def main(model_name, precision, threads, memory_format, relu, sgd):
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    memory_format = FORMATS[memory_format]
    model = {"simple_cnn": SimpleCNN, "conv_stack": ConvStack}[model_name](relu == "in_place")
    model = model.to(memory_format=memory_format)
    inputs = torch.randn(BATCH[model_name]).to(memory_format=memory_format)
    labels = torch.arange(len(inputs)) % 10
    optimizer = torch.optim.SGD(
        model.parameters(), 0.001, momentum=0.9, weight_decay=5e-4, nesterov=True, **{sgd: True}
    )

    def step():
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
            loss = F.cross_entropy(model(inputs), labels)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    print("ready", torch.__version__, flush=True)
    for line in sys.stdin:
        count = int(line.split()[1])
        start = time.perf_counter()
        for _ in range(count):
            step()
        print((time.perf_counter() - start) * 1000 / count, flush=True)


main(*sys.argv[1:])
