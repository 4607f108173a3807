"""Nobody who should listen to the daemon can hold it up."""

import socket
import threading
from pathlib import Path

import pytest

from vehicle_agent.service.systemd_notify import notify


def test_a_full_queue_of_systemd_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        heard: list[bool] = []
        sender = threading.Thread(target=lambda: heard.extend(notify("WATCHDOG=1") for _ in range(2000)), daemon=True)
        sender.start()
        sender.join(10)
        assert not sender.is_alive()
        assert heard[0]
        assert not heard[-1]
