"""Import this before torchvision, or what imports it: its compiled part is built for CUDA.

On the CPU it only has to find these two operators declared.
"""

import torch

library = torch.library.Library("torchvision", "DEF")
library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
