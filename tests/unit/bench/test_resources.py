"""What a process holds, and the kernel's queue of a socket."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import can
import pytest

from simulators.workbench.bench.bus_load import bus_config
from simulators.workbench.bench.kernel_queue import KernelQueue
from simulators.workbench.bench.resources import Resources
from vehicle_agent.backends.can.bus import open_bus
from vehicle_agent.config import BusConfig
from vehicle_agent.errors import Unavailable

_COUNTING = """
import json, threading
from simulators.workbench.bench.resources import Resources

before = Resources.of_this_process()
wait = threading.Event()
thread = threading.Thread(target=wait.wait)
thread.start()
with open("one", "w"), open("two", "w"):
    meanwhile = Resources.of_this_process()
wait.set()
thread.join()
after = Resources.of_this_process()
print(json.dumps([[r.threads, r.open_files, r.rss_kib] for r in (before, meanwhile, after)]))
"""


def test_threads_and_files_are_counted(tmp_path: Path) -> None:
    """In a process of its own: here, threads of earlier tests may still be ending."""
    done = subprocess.run([sys.executable, "-c", _COUNTING], cwd=tmp_path, capture_output=True, text=True, check=True)
    before, meanwhile, after = json.loads(done.stdout)
    assert meanwhile[:2] == [before[0] + 1, before[1] + 2]
    assert after[:2] == before[:2]
    assert meanwhile[2] > 1000


def test_cpu_time_is_of_one_core() -> None:
    before = Resources(at_s=10.0, cpu_s=1.0, rss_kib=2048.0, threads=1, open_files=3)
    after = Resources(at_s=12.0, cpu_s=2.5, rss_kib=2048.0, threads=1, open_files=3)
    assert after.cpu_percent_since(before) == 75.0
    assert after.rss_mib == 2.0


def test_a_bus_without_a_socket_has_no_kernel_queue() -> None:
    bus = open_bus(BusConfig(interface="virtual", channel="no-queue"))
    assert KernelQueue.of(bus) is None
    bus.shutdown()


def test_the_agents_socket_keeps_more_than_a_usual_one() -> None:
    try:
        bus = open_bus(bus_config("udp_multicast"))
    except Unavailable as e:
        pytest.skip(str(e))
    with socket.socket(fileno=os.dup(bus.fileno())) as own, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as usual:
        size_bytes, usual_bytes = (s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) for s in (own, usual))
    bus.shutdown()
    assert size_bytes > usual_bytes


def test_frames_nobody_reads_wait_in_the_kernel() -> None:
    config = bus_config("udp_multicast")
    try:
        reader, writer = open_bus(config), open_bus(config)
    except Unavailable as e:
        pytest.skip(str(e))
    queue = KernelQueue.of(reader)
    if queue is None:
        pytest.skip("the system does not list its UDP sockets")
    assert queue.waiting_kib() == 0
    for _ in range(20):
        writer.send(can.Message(arbitration_id=0x100, data=bytes(8)))
    full_kib = queue.waiting_kib()
    for _ in range(2000):
        writer.send(can.Message(arbitration_id=0x100, data=bytes(8)))
    dropped = queue.dropped()
    reader.shutdown()
    writer.shutdown()
    assert full_kib > 0
    assert dropped > 0
    assert queue.waiting_kib() == queue.dropped() == 0, "a closed socket has no queue"
