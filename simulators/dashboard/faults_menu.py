"""Which faults a tester can choose from, and what each can strike."""

from collections.abc import Mapping

from simulators.car import Car, fault_kinds


def faults_menu(car: Car) -> list[dict[str, object]]:
    """Kinds as the car knows them. ``targets``: what to choose from, ``rest``: what is typed after it."""
    choices = _choices(car)
    menu: list[dict[str, object]] = []
    for kind in fault_kinds():
        _, strikes, *rest = kind.syntax.split(" ")
        _, target, *example = kind.example.split(" ")
        targets = choices.get(strikes, [])
        if not targets:  # nothing to choose from: all of it is typed
            rest, example = [strikes, *rest], [target, *example]
        menu.append(
            {
                "kind": kind.name,
                "about": kind.about,
                "targets": targets,
                "target": target if targets else "",
                "rest": " ".join(rest),
                "example": " ".join(example),
            }
        )
    return menu


def _choices(car: Car) -> Mapping[str, list[str]]:
    """What a kind's syntax calls its target -> the list to choose from."""
    published, commanded = car.wiring.published, car.wiring.commanded.values()
    messages = [*(p.name for p in published), *sorted(c.name for c in commanded)]
    units = sorted({p.node for p in published} | {c.node for c in commanded})
    return {
        "ECU": units,
        "GROUP": sorted({c.group for c in commanded}),
        "SIGNAL": sorted(car.wiring.domains),
        "MOTOR": sorted(car.model.motors()),
        "MESSAGE": messages,
    }
