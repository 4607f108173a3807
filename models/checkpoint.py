"""Checkpoints: weights, optimizer, position and the full configuration, written atomically."""

import json
from pathlib import Path
from typing import Any

import torch

from models.net import Net, NetConfig, build


def save(path: Path, net: Net, *, config: dict[str, Any], state: dict[str, Any]) -> None:
    """Writes beside the target first, so that a kill leaves the old file whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save({"net": net.c.to_json(), "weights": net.state_dict(), "config": json.dumps(config), **state}, partial)
    partial.replace(path)


def load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return loaded


def load_net(checkpoint: dict[str, Any]) -> Net:
    return build(NetConfig(**checkpoint["net"]), checkpoint["weights"])
