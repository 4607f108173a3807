"""Comparisons on a small task: twelve cabin functions, an unseen writer as judge, a fixed number of examples.

`python -m models.experiments.small NAME...` runs and prints them; `all` runs every one. Each takes one to three
minutes on two cores. The score is greedy and unconstrained, on the lines of the writer that was left out.
"""

import argparse
import math
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from types import MappingProxyType
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own convention

from models.base import start_model
from models.data.augment import speak
from models.data.example import Example, to_example, token_ids
from models.data.generate import Source
from models.data.lines import Line, read_lines
from models.data.slots import fill
from models.decode import teacher_exact
from models.experiments.lora import adapt
from models.net import Net, build, pack
from models.paths import SENTENCES, base_path
from models.train import TrainConfig, keep_layers
from models.vocab import load_tokenizer
from vehicle_apis.errors import VehicleApiError
from vehicle_apis.tokens import fn_token

_FUNCTIONS: Final = """
set_climate_temperature adjust_climate_temperature set_fan_speed adjust_fan_speed set_air_direction
set_air_conditioning set_air_recirculation set_defroster set_seat_heating set_seat_ventilation control_window
operate_sunroof
"""
FUNCTIONS: Final = frozenset(_FUNCTIONS.split())
WRITERS: Final = tuple(f"w{i}" for i in range(1, 9))  # those there were when the comparisons ran
UNSEEN_WRITER: Final = "w4"
REFUSALS: Final = 400
DEEP: Final = "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17"
MIDDLE: Final = "0,1,2,3,4,5,6,7,8,9,10,11,12,16,17"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One run. ``pool``: distinct filled examples a function (0: no limit)."""

    examples: int = 2000
    layers: str = TrainConfig().layers
    rank: int = 0
    lr: float = 1e-4
    pool: int = 0
    describe: bool = False
    loss_on_all: bool = False
    from_scratch: bool = False
    seed: int = 1


SETTINGS: Final[Mapping[str, Setting]] = MappingProxyType(
    {
        "full": Setting(),
        "lora16": Setting(rank=16, lr=5e-4),
        "lora64": Setting(rank=64, lr=5e-4),
        "described": Setting(describe=True),
        "loss-on-all": Setting(loss_on_all=True),
        "layers15": Setting(layers=MIDDLE),
        "layers18": Setting(layers=DEEP),
        "from-scratch": Setting(from_scratch=True, lr=3e-4),
        "pool100": Setting(pool=100, examples=3000),
        "pool500": Setting(pool=500, examples=3000),
        "pool1000": Setting(pool=1000, examples=3000),
    }
)


class Task:
    """The sentences of the small task."""

    def __init__(self) -> None:
        self.source = Source()
        self.tokenizer = load_tokenizer()
        self.train = [line for line in self._lines(unseen=False) if line.calls]
        refusals = [line for line in self._lines(unseen=False) if not line.calls and not line.clarify]
        self.train += Random(0).sample(refusals, REFUSALS)
        judged = [line for line in self._lines(unseen=True) if line.calls]
        self.judged = [e for e in (self.example(line, Random(i)) for i, line in enumerate(judged)) if e]

    def _lines(self, *, unseen: bool) -> Iterator[Line]:
        for writer in WRITERS:
            if (writer == UNSEEN_WRITER) == unseen:
                lines = read_lines(SENTENCES / writer)
                yield from (line for line in lines if {c.name for c in line.calls} <= FUNCTIONS and not line.clarify)

    def example(self, line: Line, rng: Random, *, spoken: bool = False) -> Example | None:
        filled = fill(line, self.source.lexicons, rng)
        try:
            return to_example(speak(filled, rng, self.source.confusions) if spoken else filled, self.source.catalogue)
        except VehicleApiError:
            return None

    def stream(self, setting: Setting) -> Iterator[Example]:
        """Examples without end, or those of a limited pool over and over."""
        rng = Random(setting.seed)
        if setting.pool:
            pool = self._pool(setting.pool, rng)
            while True:
                yield from rng.sample(pool, len(pool))
        while True:
            for line in rng.sample(self.train, len(self.train)):
                example = self.example(line, rng, spoken=True)
                if example:
                    yield example

    def _pool(self, per_function: int, rng: Random) -> list[Example]:
        by_function: dict[str, list[Line]] = defaultdict(list)
        for line in self.train:
            by_function[line.topic].append(line)
        chosen = [rng.choice(lines) for lines in by_function.values() for _ in range(per_function)]
        return [e for e in (self.example(line, rng, spoken=True) for line in chosen) if e]

    def ids(self, example: Example, setting: Setting) -> tuple[list[int], int]:
        ids, start = token_ids(example, self.tokenizer)
        if setting.describe:
            for name in (spec.name for spec in self.source.catalogue):
                if fn_token(self.source.catalogue.token_index(name)) in example.pieces:
                    ids += self.tokenizer.encode(f" {self.source.catalogue[name].doc.lower()}")
        return ids, 1 if setting.loss_on_all else start


def _network(setting: Setting) -> Net:
    shape, weights, _ = start_model(base_path())
    net = build(*keep_layers(shape, weights, [int(k) for k in setting.layers.split(",")]))
    if setting.from_scratch:
        torch.manual_seed(setting.seed)
        for parameter in net.parameters():
            if parameter.dim() > 1:
                torch.nn.init.normal_(parameter, std=0.02)
            else:
                torch.nn.init.ones_(parameter)
    if setting.rank:
        adapt(net, setting.rank)
    return net


def run(task: Task, setting: Setting) -> dict[str, float]:
    """Trains once. Returns exact (unseen writer), loss (last 20 steps), seconds, examples."""
    torch.manual_seed(setting.seed)
    net = _network(setting)
    groups = [
        {
            "params": [p for n, p in net.named_parameters() if p.requires_grad and "token_embd" not in n],
            "lr": setting.lr,
        },
        {"params": [net.token_embd.weight], "lr": 2e-4},
    ]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
    peaks = [group["lr"] for group in optimizer.param_groups]
    stream = task.stream(setting)
    seen, step, losses, began = 0, 0, [], time.monotonic()
    while seen < setting.examples:
        batch: list[tuple[list[int], int]] = []
        while sum(len(ids) for ids, _ in batch) < 900:
            batch.append(task.ids(next(stream), setting))
        share = min(1.0, (step + 1) / 20) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * seen / setting.examples)))
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = peak * share
        packed, targets = pack([ids for ids, _ in batch], [start for _, start in batch])
        loss = F.cross_entropy(net(packed), targets)
        loss.backward()  # type: ignore[no-untyped-call, unused-ignore]  # torch leaves it untyped
        torch.nn.utils.clip_grad_norm_([p for p in net.parameters() if p.requires_grad], 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        seen += len(batch)
        step += 1
    seconds = time.monotonic() - began
    right = teacher_exact(net, task.judged, task.tokenizer)
    return {
        "exact": round(sum(right) / len(right), 4),
        "n": len(right),
        "loss": round(sum(losses[-20:]) / len(losses[-20:]), 4),
        "examples": seen,
        "seconds": round(seconds),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", choices=[*SETTINGS, "all"])
    parser.add_argument("--examples", type=int)
    args = parser.parse_args()
    torch.set_num_threads(2)
    task = Task()
    print(f"{len(task.train)} lines to learn from, {len(task.judged)} to judge", flush=True)
    for name in SETTINGS if "all" in args.names else args.names:
        setting = SETTINGS[name] if args.examples is None else replace(SETTINGS[name], examples=args.examples)
        print(name, run(task, setting), flush=True)


if __name__ == "__main__":
    main()
