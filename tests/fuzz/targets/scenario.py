"""Scenario files. One that is taken can be played: its values were checked against the car."""

from collections.abc import Hashable

from fuzz.mutate import nested
from fuzz.parts.world import wiring
from fuzz.target import Target
from simulators.errors import ScenarioError
from simulators.scenario import built_in, parse


def run(data: bytes) -> Hashable:
    scenario = parse(data.decode("utf-8", "replace"), "x.yaml", wiring=wiring())
    assert scenario.name
    assert scenario.steps
    times = [step.at_s for step in scenario.steps]
    assert times == sorted(times), "steps out of order"
    assert all(0 <= at_s < float("inf") for at_s in times)
    return (len(scenario.steps), tuple(sorted({name for step in scenario.steps for name in step.model_fields_set})))


_SHORT = """name: short
about: All that a step may say
steps:
  - at: 0
    set: {gear: D, speed: 50, rain: yes}
  - at: 1.5
    fault: [silence Gear, unplug Windows]
    expect: {speed: ">= 40"}
    within: 0.5
  - at: 2
    clear: true
    note: done
  - at: 3
    ramp: {over: 2, to: {speed: 80}}
    send: {message: WindowCommand, values: {RequestId: 1}, protect: true, times: 3}
    call: "operate_trunk action=open"
    expect:
      - within 2 s WindowStatus.DriverWindow >= 90
      - no frame ClosureCommand for 1 s
      - for 3 s agent.state is driving
  - at: 8
    send: {id: 0x123, data: 00ff}
    say: open the window
    expect: frame WindowCommand within 1 s
  - at: 9
    answer: yes
    resend: Gear
"""


def seeds() -> list[bytes]:
    own = [path.read_bytes() for path in built_in().values()]
    small = [text for text in own if len(text) < 1_000]
    odd = [
        b"",
        b"a: &a [*a]\nname: x\nsteps: *a",
        b"name: 2001-99-99",
        b"? [1]\n: 2",
        b"--- 1\n--- 2",
        b"x: !!python/name:os",
    ]
    bomb = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"\n".join(
        b"%c: &%c [%s]" % (98 + i, 98 + i, b",".join([b"*%c" % (97 + i)] * 9)) for i in range(9)
    )
    longs = [b"name: " + b"9" * 5_000, b"name: 0x" + b"f" * 5_000, b"name: 1" + b":59" * 3_000]
    return [_SHORT.encode(), *small, *odd, bomb, *longs, nested(b"["), nested(b"{a: ", b"}"), nested(b"- ")]


TARGET = Target(
    name="scenario",
    run=run,
    allowed=(ScenarioError,),
    seeds=seeds,
    form="yaml",
    dictionary=(
        *(
            b"at",
            b"set",
            b"expect",
            b"fault",
            b"clear",
            b"within",
            b"note",
            b"ramp",
            b"say",
            b"call",
            b"answer",
            b"for",
        ),
        *(b"name", b"about", b"steps", b"time_scale", b"gear", b"speed", b">= 40", b"< nan", b"silence Gear", b"never"),
        *(b"&a ", b"*a", b"<<: *a", b"!!set", b"!!binary ", b"!!timestamp ", b"2001-99-99", b"1:99:99", b".inf", b"~"),
        *(
            b"? ",
            b"- ",
            b"---\n",
            b"...\n",
            b"%YAML 9.9\n",
            b"|\n",
            b">-\n",
            b"'",
            b'"',
            b"#",
            b"0b2",
            b"0o9",
            b"1e999",
        ),
    ),
    max_bytes=2_500,
    share=0,
)
