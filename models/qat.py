"""Quantization-aware training: forward passes see the weights as llama.cpp's Q4_0 will store them.

Q4_0: blocks of 32 along the input dimension share one scale, d = (the entry of largest magnitude, with its sign) / -8,
stored as F16; each weight becomes an integer 0..15 standing for d * (q - 8). The rounding error is a constant added to
the weight, so that gradients pass straight through. It is renewed every few steps: that costs a fifth of a step.
"""

import torch
from torch import Tensor

from models.net import Linear, Net

BLOCK = 32
RENEW_STEPS = 4


@torch.no_grad()
def q4_0(weight: Tensor) -> Tensor:
    """``weight`` [out, in] rounded to Q4_0 and back; ``in`` must be a multiple of 32."""
    blocks = weight.reshape(-1, BLOCK)
    at = blocks.abs().argmax(1, keepdim=True)
    scale = blocks.gather(1, at) / -8
    inverse = torch.where(scale == 0, 0.0, 1 / scale)
    levels = (blocks * inverse).add_(8.5).floor_().clamp_(0, 15).sub_(8)
    return levels.mul_(scale.half().float()).view_as(weight)


@torch.no_grad()
def renew(net: Net) -> None:
    """Makes every linear layer of ``net`` compute with its rounded weight."""
    for module in net.modules():
        if isinstance(module, Linear):
            module.rounding = q4_0(module.weight).sub_(module.weight)
