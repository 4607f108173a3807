"""Gemma 3's forward pass, lean: packed sequences without padding, logits only where they are wanted.

Parameters carry GGUF's names and meaning (norm weights are HF's + 1), so that reading and writing files is a copy.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own convention
from torch import Tensor, nn


@dataclass(frozen=True, slots=True, kw_only=True)
class NetConfig:
    """Sizes of the network. Defaults: Gemma 3 270M."""

    vocab: int
    layers: int = 18
    width: int = 640
    hidden: int = 2048
    heads: int = 4
    head_dim: int = 256
    rms_eps: float = 1e-6
    rope_global: float = 1_000_000.0
    rope_local: float = 10_000.0
    global_every: int = 6  # every sixth layer sees everything, the others a window longer than any prompt of ours

    def to_json(self) -> dict[str, int | float]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Packed:
    """Sequences one after another, sorted by length.

    ``ids`` [T]; ``groups``: (number of sequences, their length) in order; ``want`` [N]: positions whose logits count.
    """

    ids: Tensor
    groups: tuple[tuple[int, int], ...]
    want: Tensor

    @property
    def positions(self) -> Tensor:
        return torch.cat([torch.arange(length, device=self.ids.device).repeat(count) for count, length in self.groups])

    def to(self, device: str) -> "Packed":
        return Packed(self.ids.to(device), self.groups, self.want.to(device))


def pack(sequences: Sequence[Sequence[int]], starts: Sequence[int]) -> tuple[Packed, Tensor]:
    """Packs full sequences; the tokens from ``starts[i]`` on are targets. Returns the batch and its targets [N]."""
    order = sorted(range(len(sequences)), key=lambda i: len(sequences[i]))
    ids: list[int] = []
    want: list[int] = []
    targets: list[int] = []
    groups: list[tuple[int, int]] = []
    for i in order:
        inputs = sequences[i][:-1]
        base = len(ids)
        ids += inputs
        want += range(base + starts[i] - 1, base + len(inputs))
        targets += sequences[i][starts[i] :]
        if groups and groups[-1][1] == len(inputs):
            groups[-1] = (groups[-1][0] + 1, len(inputs))
        else:
            groups.append((1, len(inputs)))
    return Packed(torch.tensor(ids), tuple(groups), torch.tensor(want)), torch.tensor(targets)


class Linear(nn.Module):
    """x @ weight.T without bias. ``rounding``: what storing the weight in few bits will add to it (see models.qat)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs))
        self.rounding: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight if self.rounding is None else self.weight + self.rounding)


class Norm(nn.Module):
    """RMS norm over the last dimension."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x.float(), self.weight.shape, self.weight, self.eps)


def rope_tables(positions: Tensor, base: float, dim: int) -> tuple[Tensor, Tensor]:
    """cos and sin [T, 1, dim], both halves alike."""
    inverse = base ** (-torch.arange(0, dim, 2, dtype=torch.float32, device=positions.device) / dim)
    angles = positions.float()[:, None] * inverse
    angles = torch.cat([angles, angles], -1)[:, None]
    return angles.cos(), angles.sin()


def rotate(x: Tensor, tables: tuple[Tensor, Tensor]) -> Tensor:
    left, right = x.chunk(2, -1)
    return x * tables[0] + torch.cat([-right, left], -1) * tables[1]


class Block(nn.Module):
    """One layer. Member names are GGUF's tensor names."""

    def __init__(self, c: NetConfig) -> None:
        super().__init__()
        self.c = c
        self.attn_norm = Norm(c.width, c.rms_eps)
        self.attn_q = Linear(c.width, c.heads * c.head_dim)
        self.attn_k = Linear(c.width, c.head_dim)
        self.attn_v = Linear(c.width, c.head_dim)
        self.attn_q_norm = Norm(c.head_dim, c.rms_eps)
        self.attn_k_norm = Norm(c.head_dim, c.rms_eps)
        self.attn_output = Linear(c.heads * c.head_dim, c.width)
        self.post_attention_norm = Norm(c.width, c.rms_eps)
        self.ffn_norm = Norm(c.width, c.rms_eps)
        self.ffn_gate = Linear(c.width, c.hidden)
        self.ffn_up = Linear(c.width, c.hidden)
        self.ffn_down = Linear(c.hidden, c.width)
        self.post_ffw_norm = Norm(c.width, c.rms_eps)

    def forward(self, x: Tensor, groups: tuple[tuple[int, int], ...], rope: tuple[Tensor, Tensor]) -> Tensor:
        h = self.attn_norm(x)
        q = self.attn_q_norm(self.attn_q(h).view(-1, self.c.heads, self.c.head_dim))
        k = self.attn_k_norm(self.attn_k(h).view(-1, 1, self.c.head_dim))
        mixed = self._attend(rotate(q, rope), rotate(k, rope), self.attn_v(h), groups)
        x = x + self.post_attention_norm(self.attn_output(mixed))
        h = self.ffn_norm(x)
        h = self.ffn_down(F.gelu(self.ffn_gate(h), approximate="tanh") * self.ffn_up(h))
        out: Tensor = x + self.post_ffw_norm(h)
        return out

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, groups: tuple[tuple[int, int], ...]) -> Tensor:
        """Causal attention within each sequence. q [T, heads, dim], k [T, 1, dim], v [T, dim]."""
        out: list[Tensor] = []
        heads, dim = self.c.heads, self.c.head_dim
        sizes = [n * length for n, length in groups]
        parts = zip(groups, *(torch.split_with_sizes(t, sizes) for t in (q, k, v)), strict=True)
        for (n, length), qs, ks, vs in parts:
            queries = qs.view(n, length * heads, dim)
            scores = (queries @ ks.view(n, length, dim).transpose(1, 2)) * dim**-0.5
            mask = torch.ones(length, length, dtype=torch.bool, device=q.device).triu(1).repeat_interleave(heads, 0)
            weights = scores.masked_fill(mask, -math.inf).softmax(-1)
            out.append((weights @ vs.view(n, length, dim)).view(n * length, heads * dim))
        return torch.cat(out)


class Net(nn.Module):
    """The whole network; embedding and output share their weight."""

    def __init__(self, c: NetConfig) -> None:
        super().__init__()
        self.c = c
        self.token_embd = nn.Embedding(c.vocab, c.width)
        self.blk = nn.ModuleList(Block(c) for _ in range(c.layers))
        self.output_norm = Norm(c.width, c.rms_eps)

    def forward(self, batch: Packed) -> Tensor:
        """Logits [N, vocab] at the wanted positions."""
        x = self.token_embd(batch.ids) * math.sqrt(self.c.width)
        positions = batch.positions
        far = rope_tables(positions, self.c.rope_global, self.c.head_dim)
        near = rope_tables(positions, self.c.rope_local, self.c.head_dim)
        for i, block in enumerate(self.blk):
            rope = far if (i + 1) % self.c.global_every == 0 else near
            x = block(x, batch.groups, rope)
        return F.linear(self.output_norm(x[batch.want]), self.token_embd.weight)

    def cut(self, layers: int) -> None:
        """Keeps only the first ``layers`` blocks."""
        self.blk = self.blk[:layers]
        self.c = replace(self.c, layers=layers)

    def load(self, weights: Mapping[str, Tensor]) -> None:
        self.load_state_dict(dict(weights), strict=True)


def build(c: NetConfig, weights: Mapping[str, Tensor]) -> Net:
    net = Net(c)
    net.load(weights)
    return net
