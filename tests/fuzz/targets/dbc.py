"""DBC files; one that is taken can be coded and decoded."""

from collections.abc import Hashable
from pathlib import Path

from fuzz.parts.world import as_file
from fuzz.target import Target
from vehicle_apis.binding import BindingError
from vehicle_apis.binding.network import Network, read_dbc

SMALL = """VERSION "1"

NS_ :

BS_:

BU_: Agent Pump

BO_ 1376 PumpCommand: 8 Agent
 SG_ Crc : 0|8@1+ (1,0) [0|255] "" Pump
 SG_ Counter : 8|4@1+ (1,0) [0|15] "" Pump
 SG_ Target : 16|7@1+ (5,0) [0|500] "mbar" Pump

BO_ 2566849777 Shown: 4 Pump
 SG_ Which M : 0|4@1+ (1,0) [0|3] "" Agent
 SG_ A m0 : 8|16@0- (0.1,-40) [-100|100] "C" Agent
 SG_ B m1 : 8|8@1+ (1,0) [0|3] "" Agent

CM_ SG_ 1376 Target "pressure";
BA_DEF_ BO_ "GenMsgCycleTime" INT 0 65535;
BA_DEF_DEF_ "GenMsgCycleTime" 0;
BA_ "GenMsgCycleTime" BO_ 1376 200;
VAL_ 2566849777 B 0 "off" 1 "on" ;
SIG_VALTYPE_ 1376 Target : 0;
"""


def run(data: bytes) -> Hashable:
    database = read_dbc(as_file("x.dbc", data))
    network = Network(database.messages, {}, ())
    decoded = 0
    for message in network.messages.values():
        assert network.message_of(message.frame_id, is_extended=message.is_extended_frame) is not None
        for filled in (b"\0", b"\xff", b"\x55"):
            if message.length <= 64:
                values = network.decode(message, filled * message.length)
                decoded += values is not None
        if message.length <= 64 and not message.is_multiplexed():
            assert len(network.encode(message.name, {})) == message.length
    return (len(network.messages), decoded)


def seeds() -> list[bytes]:
    pump = Path(__file__).parents[2] / "packs" / "seat_pump" / "seat_pump" / "seat_pump.dbc"
    return [
        SMALL.encode(),
        b"",
        pump.read_bytes(),
        b'VERSION ""\nBU_:\n',
        SMALL.encode("utf-16"),
        SMALL.replace("16|7", "999999999|7").encode(),
    ]


TARGET = Target(
    name="dbc",
    run=run,
    allowed=(BindingError,),
    seeds=seeds,
    form="text",
    dictionary=(
        *(
            b"BO_ ",
            b" SG_ ",
            b"VAL_ ",
            b"BA_ ",
            b"CM_ ",
            b"BA_DEF_ ",
            b"BU_:",
            b"EV_ ",
            b"VAL_TABLE_ ",
            b"SG_MUL_VAL_ ",
        ),
        *(b"SIG_VALTYPE_ ", b"SIG_GROUP_ ", b"@1+", b"@0-", b"(0,0)", b"(1e999,0)", b"[0|0]", b"64|64", b"m0M", b";"),
        *(b"4294967295", b"9999999999", b"-1", b"Vector__XXX", b"SystemSignalLongSymbol", b'"', b"VERSION"),
    ),
    max_bytes=3000,
    share=0,
)
