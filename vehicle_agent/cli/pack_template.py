"""The CAN side of the pack that `api new` writes: one command, one status message, and what ties them to a function."""

import zlib
from typing import Final

_FIRST_ID: Final = 0x400  # the example car's own ids are below
_PAIRS: Final = 0x180

_DBC: Final = """\
VERSION "1"

NS_ :
    CM_
    BA_DEF_
    BA_
    VAL_
    BA_DEF_DEF_

BS_:

BU_: Agent {camel}

BO_ {command_id} {camel}Command: 8 Agent
 SG_ Crc : 0|8@1+ (1,0) [0|255] "" {camel}
 SG_ Counter : 8|4@1+ (1,0) [0|15] "" {camel}
 SG_ Selector : 12|4@1+ (1,0) [0|15] "" {camel}
 SG_ RequestId : 16|8@1+ (1,0) [1|255] "" {camel}
 SG_ TimeToLive : 24|8@1+ (10,0) [10|2550] "ms" {camel}
 SG_ {camel}TargetLamp : 32|1@1+ (1,0) [0|1] "" {camel}

BO_ {status_id} {camel}Status: 8 {camel}
 SG_ RequestId : 0|8@1+ (1,0) [0|255] "" Agent
 SG_ Result : 8|4@1+ (1,0) [0|3] "" Agent
 SG_ Reason : 12|4@1+ (1,0) [0|5] "" Agent
 SG_ {camel}Lamp : 16|1@1+ (1,0) [0|1] "" Agent

CM_ BO_ {command_id} "Command; byte 0 CRC, low nibble of byte 1 counter: AUTOSAR E2E, see {name}.toml";
CM_ BO_ {status_id} "State and answer";

BA_DEF_ BO_ "GenMsgCycleTime" INT 0 65535;
BA_DEF_ BO_ "GenMsgSendType" ENUM "Cyclic","CyclicAndSpontaneous","Spontaneous";
BA_DEF_DEF_ "GenMsgCycleTime" 0;
BA_DEF_DEF_ "GenMsgSendType" "Cyclic";
BA_ "GenMsgSendType" BO_ {command_id} 2;
BA_ "GenMsgCycleTime" BO_ {status_id} 200;
BA_ "GenMsgSendType" BO_ {status_id} 1;

VAL_ {command_id} Selector 0 "none" 1 "lamp" ;
VAL_ {command_id} {camel}TargetLamp 0 "off" 1 "on" ;
VAL_ {status_id} Result 0 "idle" 1 "accepted" 2 "rejected" 3 "done" ;
VAL_ {status_id} Reason 0 "none" 1 "not_available" 2 "blocked" 3 "expired" 4 "out_of_range" 5 "stopped" ;
VAL_ {status_id} {camel}Lamp 0 "off" 1 "on" ;
"""

_BINDING: Final = """\
# Ties the functions of the pack to the messages of {name}.dbc. `vehicle_apis.binding.model` documents every key.

version = 1
dbc = "{name}.dbc"

[ecus] # DBC node -> what the driver hears
{camel} = "{spoken} control unit"

[e2e] # a command needs end-to-end protection; the id is for both sides to agree on
{camel}Command = {{ profile = 1, data_id = {data_id:#06x} }}

[functions.set_{name}_lamp]
command = "{camel}Command"
status = "{camel}Status"
fixed.Selector = "lamp"
args.state = "{camel}TargetLamp"
readback.state = {{ signal = "{camel}Lamp" }}
say = "the {spoken} lamp is {{state}}"
"""


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _command_id(name: str) -> int:
    """A frame id that two packs seldom share; where they do, loading them says so."""
    return _FIRST_ID + 2 * (zlib.crc32(name.encode()) % _PAIRS)


def dbc(name: str) -> str:
    """The DBC of the pack ``name`` (lower_snake_case)."""
    command_id = _command_id(name)
    return _DBC.format(name=name, camel=_camel(name), command_id=command_id, status_id=command_id + 1)


def binding(name: str) -> str:
    """The binding file that goes with `dbc`."""
    return _BINDING.format(
        name=name, camel=_camel(name), spoken=name.replace("_", " "), data_id=0x2000 + _command_id(name)
    )
