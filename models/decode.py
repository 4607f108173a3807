"""Greedy decoding with the training network: slow, for held-out scores while training."""

from collections.abc import Sequence

import torch

from models.data.example import Example, token_ids
from models.net import Net, pack
from models.spm import Tokenizer


@torch.no_grad()
def teacher_exact(
    net: Net, examples: Sequence[Example], tokenizer: Tokenizer, batch: int = 48, *, bf16: bool = False
) -> list[bool]:
    """Whether greedy decoding yields exactly the label.

    It does if and only if, fed the label, the network's best next token is the label's at every position, so that one
    forward pass decides it.
    """
    net.eval()
    right: list[bool] = [False] * len(examples)
    sequences = [token_ids(e, tokenizer) for e in examples]
    order = sorted(range(len(examples)), key=lambda i: len(sequences[i][0]))
    for at in range(0, len(order), batch):
        chosen = order[at : at + batch]
        packed, targets = pack([sequences[i][0] for i in chosen], [sequences[i][1] for i in chosen])
        device = net.token_embd.weight.device
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            good = (net(packed.to(str(device))).argmax(-1).cpu() == targets).tolist()
        offset = 0
        for i in chosen:  # already in order of length, as `pack` sorts them
            size = len(sequences[i][0]) - sequences[i][1]
            right[i] = all(good[offset : offset + size])
            offset += size
    net.train()
    return right
