"""Low-rank adapters (LoRA) on the training network, for comparison with full fine-tuning."""

import math

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own convention
from torch import Tensor, nn

from models.net import Linear, Net


class Adapted(nn.Module):
    """A frozen linear layer plus B A x * alpha / rank. A [rank, in] starts random, B [out, rank] at zero."""

    def __init__(self, inner: Linear, rank: int, alpha: float) -> None:
        super().__init__()
        self.inner = inner
        outputs, inputs = inner.weight.shape
        self.a = nn.Parameter(torch.empty(rank, inputs))
        self.b = nn.Parameter(torch.zeros(outputs, rank))
        self.scale = alpha / rank
        nn.init.kaiming_uniform_(self.a, a=math.sqrt(5))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.inner(x) + F.linear(F.linear(x, self.a), self.b) * self.scale
        return out


def adapt(net: Net, rank: int) -> None:
    """Freezes all but the embedding and puts an adapter on every linear layer of every block.

    The embedding keeps learning: the functional tokens' rows start without meaning.
    """
    for parameter in net.parameters():
        parameter.requires_grad = False
    net.token_embd.weight.requires_grad = True
    for block in net.blk:
        for name, module in list(block.named_children()):
            if isinstance(module, Linear):
                setattr(block, name, Adapted(module, rank, 2.0 * rank))
