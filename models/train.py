"""Full fine-tune of the functional-token model on the CPU, within a budget of minutes; resumes where it stopped.

`python -m models.train --minutes 80 --out models/runs/a` trains; the same command again goes on from the checkpoint.
"""

import argparse
import json
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own convention
from torch import Tensor

from models import checkpoint
from models.base import EMBEDDING, continued_model, start_model
from models.data.example import Example, token_ids
from models.data.generate import Source
from models.decode import teacher_exact
from models.net import Net, NetConfig, build, pack
from models.paths import LAST, base_path
from models.qat import RENEW_STEPS, renew
from models.spm import Tokenizer
from models.vocab import load_tokenizer
from vehicle_apis.tokens import FORMAT_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """All that decides a run besides the data."""

    minutes: float = 80.0
    lr: float = 1e-4
    lr_embedding: float = 2e-4
    warmup_steps: int = 30
    final_lr_share: float = 0.02
    tokens_per_batch: int = 1600
    max_tokens: int = 200  # longer examples are left out
    clip: float = 1.0
    weight_decay: float = 0.01
    seed: int = 1
    threads: int = 2
    layers: str = "0,1,2,3,4,5,9,10,12,13,14,17"  # kept layers of the base; every sixth stays a global one
    save_every_s: float = 300.0
    held_out_every_s: float = 600.0
    held_out_size: int = 250
    start: str = ""  # weights of an earlier run to go on from: a checkpoint, or a finished model file (GGUF)
    bf16: bool = True  # multiply in bfloat16 where the processor has it: twice the speed; weights stay 32 bits wide
    qat_from: float = 0.0  # share of the budget after which weights are rounded as Q4_0 in forward passes; 1: never


def keep_layers(
    config: NetConfig, weights: dict[str, Tensor], layers: list[int]
) -> tuple[NetConfig, dict[str, Tensor]]:
    """The network without the layers not listed (depth pruning), the rest renumbered."""
    kept = {name: value for name, value in weights.items() if not name.startswith("blk.")}
    for new, old in enumerate(layers):
        prefix = f"blk.{old}."
        kept |= {f"blk.{new}.{k.removeprefix(prefix)}": v for k, v in weights.items() if k.startswith(prefix)}
    return replace(config, layers=len(layers)), kept


@dataclass(slots=True)
class Position:
    """Where a run stands."""

    step: int = 0
    data_pass: int = 0
    used: int = 0  # examples of this pass already trained on
    examples: int = 0
    tokens: int = 0
    seconds: float = 0.0


Sequences = list[tuple[list[int], int]]


def batches(
    source: Source, tokenizer: Tokenizer, config: TrainConfig, position: Position
) -> Iterator[tuple[Sequences, Position]]:
    """Batches without end, each with the position after it; begins behind ``position``."""
    skip = position.used
    for data_pass in count(position.data_pass):
        batch: Sequences = []
        size = used = 0
        for example in source.examples(config.seed * 1000 + data_pass):
            used += 1
            if used <= skip:
                continue
            ids, start = token_ids(example, tokenizer)
            if len(ids) > config.max_tokens:
                continue
            batch.append((ids, start))
            size += len(ids) - 1
            if size >= config.tokens_per_batch:
                yield batch, Position(data_pass=data_pass, used=used)
                batch, size = [], 0
        skip = 0


def lr_share(config: TrainConfig, position: Position) -> float:
    """Warm-up by steps, then a cosine over the budgeted time."""
    warm = min(1.0, (position.step + 1) / config.warmup_steps)
    done = min(1.0, position.seconds / (60 * config.minutes))
    cosine = 0.5 * (1 + math.cos(math.pi * done))
    return warm * (config.final_lr_share + (1 - config.final_lr_share) * cosine)


def make_optimizer(net: Net, config: TrainConfig) -> torch.optim.AdamW:
    named = dict(net.named_parameters())
    embedding = named.pop(EMBEDDING)
    matrices = [p for p in named.values() if p.dim() > 1]
    norms = [p for p in named.values() if p.dim() == 1]
    groups: list[dict[str, Any]] = [
        {"params": matrices, "lr": config.lr, "weight_decay": config.weight_decay},
        {"params": norms, "lr": config.lr, "weight_decay": 0.0},
        {"params": [embedding], "lr": config.lr_embedding, "weight_decay": 0.0},
    ]
    for group in groups:
        group["peak"] = group["lr"]
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)


class Trainer:
    """One run: network, optimizer and position in step."""

    def __init__(self, config: TrainConfig, out: Path) -> None:
        torch.set_num_threads(config.threads)
        torch.manual_seed(config.seed)
        self.config = config
        self.out = out
        self.tokenizer = load_tokenizer()
        self.source = Source()
        steering = {"known writers": self.source.held_out_examples(), **self.source.steering()}
        self.held_out: dict[str, list[Example]] = {
            kind: Random(5).sample(examples, min(len(examples), config.held_out_size))
            for kind, examples in steering.items()
        }
        self.position = Position()
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.net = self._restore() or self._begin()

    def _restore(self) -> Net | None:
        path = self.out / LAST
        if not path.exists():
            return None
        loaded = checkpoint.load(path)
        net = checkpoint.load_net(loaded).to(self.device)
        self.optimizer = make_optimizer(net, self.config)
        self.optimizer.load_state_dict(loaded["optimizer"])
        self.position = Position(**loaded["position"])
        if self._rounds:
            renew(net)  # else the first steps would compute with weights that were never tried
        self._say(f"resumed at step {self.position.step}, {self.position.seconds / 60:.1f} minutes in")
        return net

    def _begin(self) -> Net:
        if self.config.start.endswith(".gguf"):
            net = build(*continued_model(Path(self.config.start)))
        elif self.config.start:
            net = checkpoint.load_net(checkpoint.load(Path(self.config.start)))
        else:
            shape, weights, _ = start_model(base_path())
            net = build(*keep_layers(shape, weights, [int(k) for k in self.config.layers.split(",")]))
        net = net.to(self.device)
        self.optimizer = make_optimizer(net, self.config)
        return net

    def run(self) -> None:
        """Trains until the budget is spent, then saves and measures."""
        saved = measured = self.position.seconds
        loss_sum, loss_count, since = 0.0, 0, time.monotonic()
        stream = batches(self.source, self.tokenizer, self.config, self.position)
        tokens_before = self.position.tokens
        while self.position.seconds < 60 * self.config.minutes:
            began = time.monotonic()
            batch, after = next(stream)
            loss_sum += self._step(batch)
            loss_count += 1
            p = self.position
            p.data_pass, p.used, p.step = after.data_pass, after.used, p.step + 1
            p.examples += len(batch)
            p.tokens += sum(len(ids) - 1 for ids, _ in batch)
            p.seconds += time.monotonic() - began
            if p.step % 20 == 0:
                rate = (p.tokens - tokens_before) / (time.monotonic() - since)
                self._say(f"loss {loss_sum / loss_count:.4f}, {rate:.0f} tokens/s")
                loss_sum, loss_count, since, tokens_before = 0.0, 0, time.monotonic(), p.tokens
            if p.seconds - measured > self.config.held_out_every_s:
                measured = p.seconds
                self.measure(100)
            if p.seconds - saved > self.config.save_every_s:
                saved = p.seconds
                self.save()
        self.save()
        self.measure(self.config.held_out_size)

    def _step(self, batch: Sequences) -> float:
        share = lr_share(self.config, self.position)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * share
        if self._rounds and self.position.step % RENEW_STEPS == 0:
            renew(self.net)
        packed, targets = pack([ids for ids, _ in batch], [start for _, start in batch])
        with torch.autocast(self.device, torch.bfloat16, enabled=self.config.bf16):
            logits = self.net(packed.to(self.device))
        loss: Tensor = F.cross_entropy(logits.float(), targets.to(self.device))
        loss.backward()  # type: ignore[no-untyped-call, unused-ignore]  # torch leaves it untyped
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), self.config.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return float(loss.item())

    @property
    def _rounds(self) -> bool:
        return self.position.seconds >= 60 * self.config.minutes * self.config.qat_from and self.config.qat_from < 1

    def measure(self, size: int) -> None:
        for kind, examples in self.held_out.items():
            right = teacher_exact(self.net, examples[:size], self.tokenizer, bf16=self.config.bf16)
            self._say(f"held-out {kind} exact {sum(right)}/{len(right)} = {sum(right) / max(1, len(right)):.3f}")

    def save(self) -> None:
        config = {**asdict(self.config), "format_version": FORMAT_VERSION,
                  "catalogue_hash": self.source.catalogue.wire_hash()}  # fmt: skip
        state = {"optimizer": self.optimizer.state_dict(), "position": asdict(self.position)}
        checkpoint.save(self.out / LAST, self.net, config=config, state=state)
        (self.out / "config.json").write_text(json.dumps(config, indent=1) + "\n")

    def _say(self, text: str) -> None:
        p = self.position
        line = f"{p.seconds / 60:6.1f} min  step {p.step:5d}  pass {p.data_pass}  {p.examples:6d} examples  {text}"
        print(line, flush=True)
        self.out.mkdir(parents=True, exist_ok=True)
        with (self.out / "log.txt").open("a") as file:
            file.write(line + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    default = TrainConfig()
    for name, value in asdict(default).items():
        kind = argparse.BooleanOptionalAction if isinstance(value, bool) else None
        option = f"--{name.replace('_', '-')}"
        if kind is not None:
            parser.add_argument(option, action=kind, default=value)
        else:
            parser.add_argument(option, type=type(value), default=value)
    args = vars(parser.parse_args())
    out = args.pop("out")
    Trainer(TrainConfig(**args), out).run()


if __name__ == "__main__":
    main()
