"""Networks for clips as their projects write them, made to take one clip and to return logits.

Imports are made when a network is: only those that are asked for must be installed. pytorchvideo==0.1.5 is, without
its dependencies, together with fvcore, iopath, portalocker, yacs, termcolor, tabulate, tqdm and parameterized; so is
towhee.models==1.1.3 with einops, a copy of github.com/Atze00/MoViNet-pytorch.
"""

import torch
from torch import nn


def slowfast(ratio, **settings):
    """PyTorchVideo's, which takes the frames of both pathways; its PackPathway picks the slow one's as here."""

    def pack(_, inputs):
        clip = inputs[0]
        frames = torch.linspace(0, clip.shape[2] - 1, clip.shape[2] // ratio).long()
        return ([clip.index_select(2, frames), clip],)

    def make():
        from pytorchvideo.models.slowfast import create_slowfast

        network = create_slowfast(
            slowfast_fusion_conv_stride=(ratio, 1, 1),
            head_pool=nn.AdaptiveAvgPool3d,  # as with windows of the full size, at any size
            **settings,
        )
        network.register_forward_pre_hook(pack)
        return network

    return make


# Of slowfast_16x8_r101_50_50: only the first 6 of the 23 blocks of the third stage look at several frames.
FEW_TEMPORAL_BLOCKS = ((3, 1, 1),) * 6 + ((1, 1, 1),) * 17
R101_50_50 = (
    ((1, 1, 1), (1, 1, 1), FEW_TEMPORAL_BLOCKS, (3, 1, 1)),
    ((3, 1, 1), (3, 1, 1), FEW_TEMPORAL_BLOCKS, (3, 1, 1)),
)


def x3d(name):
    """PyTorchVideo's, which ends in probabilities."""

    def make():
        from pytorchvideo.models import hub

        network = getattr(hub, name)()
        network.blocks[5].pool.pool = nn.AdaptiveAvgPool3d(1)
        network.blocks[5].activation = None
        return network

    return make


class KerasHardSigmoid(nn.Module):
    """As the original and the streaming models' authors have it; the copy has PyTorch's, of another slope."""

    def forward(self, x):
        return (0.2 * x + 0.5).clamp(0, 1)


def movinet_a0():
    """The streaming model, on a whole clip at once."""
    from towhee.models.movinet import movinet_block
    from towhee.models.movinet.movinet import _C, MoViNet

    movinet_block.HardSigmoid = KerasHardSigmoid
    return MoViNet(_C.MODEL.MoViNetA0, causal=True, conv_type="2plus1d", tf_like=True)


# The name in Bantam, the input's size without the batch, and the network. x3d_s and x3d_m have x3d_xs's layers.
MODELS = {
    "slowfast_r50_4x16": ([3, 16, 72, 56], slowfast(8, model_depth=50, slowfast_fusion_conv_kernel_size=(5, 1, 1))),
    "slowfast_r50_8x8": ([3, 16, 72, 56], slowfast(4, model_depth=50, slowfast_fusion_conv_kernel_size=(7, 1, 1))),
    "slowfast_r101_16x8": (
        [3, 16, 72, 56],
        slowfast(
            4,
            model_depth=101,
            slowfast_fusion_conv_kernel_size=(5, 1, 1),
            stage_conv_a_kernel_sizes=R101_50_50,
        ),
    ),
    # Square: the original's SAME padding of a mean takes nothing else.
    "movinet_a0": ([3, 7, 52, 52], movinet_a0),
    "x3d_xs": ([3, 4, 72, 56], x3d("x3d_xs")),
    "x3d_l": ([3, 4, 72, 56], x3d("x3d_l")),
}
