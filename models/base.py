"""The base model: Gemma 3 270M's weights out of its GGUF, with the pruned vocabulary and the functional tokens."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from gguf import GGUFReader
from gguf.quants import dequantize
from torch import Tensor

from models.data.words import cardinal
from models.net import NetConfig
from models.spm import Tokenizer
from models.vocab import kept_ids, load_tokenizer
from vehicle_apis import tokens as wire
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.codec import enum_text
from vehicle_apis.tokens import CLARIFY, END, N_ARGUMENT_TOKENS, N_REF_TOKENS, REFUSE, special_tokens

EMBEDDING = "token_embd.weight"


def read_weights(path: Path) -> dict[str, Tensor]:
    """All tensors as float32, the embedding cut down to the kept pieces."""
    weights: dict[str, Tensor] = {}
    for tensor in GGUFReader(path).tensors:
        data = tensor.data
        if tensor.name == EMBEDDING:
            data = data[np.array(kept_ids())]
        weights[tensor.name] = torch.from_numpy(dequantize(data, tensor.tensor_type).astype(np.float32))
    return weights


def _wordings() -> Mapping[str, str]:
    """What each special token means, in words."""
    told = {REFUSE: "sorry no nothing unknown", CLARIFY: "which what please tell me", END: "end done stop"}
    for index, spec in enumerate(load_catalogue(with_packs=False)):
        told[f"<fn_{index}>"] = f"{enum_text(spec.name)} {spec.doc}"
    for k in range(N_ARGUMENT_TOKENS):
        told[f"<arg_{k}>"] = f"argument value {cardinal(k + 1)}"
    for k in range(1, N_REF_TOKENS + 1):
        told[f"<ref_{k}>"] = f"there it result {k}"
    told |= {wire.route_token(k): f"ask the {name}" for k, name in enumerate(wire.ROUTES)}
    return told | {
        wire.MORE: "more further higher", wire.LESS: "less lower back", wire.PRIOR: "there it that result",
        wire.YES: "yes do it", wire.NO: "no don't", wire.CANCEL: "cancel forget it", wire.TURN: "then before",
        wire.ASKED: "should i do that", wire.HEARD: "you said", wire.TOOL: "function tool",
    }  # fmt: skip


def special_rows(embedding: Tensor, tokenizer: Tokenizer) -> Tensor:
    """One row per special token: the mean of its wording's pieces.

    A spare's row is as far from the others' as a word's: a described function is told by its token alone.
    """
    noise = torch.Generator().manual_seed(20)
    told = _wordings()
    everything = embedding.mean(0)
    scale = embedding.std()
    rows = []
    for token in special_tokens():
        if token in told:
            ids = tokenizer.encode(" " + " ".join(told[token].lower().split()))
            row, share = embedding[torch.tensor(ids)].mean(0), 0.1
        else:
            row, share = everything, 0.7
        rows.append(row + share * scale * torch.randn(row.shape, generator=noise))
    return torch.stack(rows)


def start_model(path: Path) -> tuple[NetConfig, dict[str, Tensor], Tokenizer]:
    """Configuration, weights and tokenizer from which training starts."""
    tokenizer = load_tokenizer()
    weights = read_weights(path)
    weights[EMBEDDING] = torch.cat([weights[EMBEDDING], special_rows(weights[EMBEDDING], tokenizer)])
    return NetConfig(vocab=len(weights[EMBEDDING])), weights, tokenizer


def continued_model(path: Path) -> tuple[NetConfig, dict[str, Tensor]]:
    """Configuration and weights of a finished planner model (GGUF), with rows for the special tokens it lacks yet."""
    tokenizer = load_tokenizer()
    reader = GGUFReader(path)
    weights = {t.name: torch.from_numpy(dequantize(t.data, t.tensor_type).astype(np.float32)) for t in reader.tensors}
    known = weights[EMBEDDING]
    pieces = len(tokenizer.pieces) - len(special_tokens())
    rows = special_rows(known[:pieces], tokenizer)
    weights[EMBEDDING] = torch.cat([known, rows[len(known) - pieces :]])
    layers = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("blk."))
    return NetConfig(vocab=len(weights[EMBEDDING]), layers=layers), weights
