"""The unit is one that systemd understands."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).parents[3] / "systemd"
ANALYZE = shutil.which("systemd-analyze")


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")
def test_the_unit_is_accepted(tmp_path: Path) -> None:
    text = (SYSTEMD / "vehicle-agent.service").read_text(encoding="utf-8")
    # the program, the user and the manual of an installed system are not here
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE)
    text = re.sub(r"^(User|Group|SupplementaryGroups|Documentation)=.*\n", "", text, flags=re.MULTILINE)
    unit = tmp_path / "vehicle-agent.service"
    unit.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [str(ANALYZE), "verify", "--man=no", "--recursive-errors=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert unit.name not in done.stderr


def test_the_policy_and_the_user_are_those_of_the_unit() -> None:
    unit = (SYSTEMD / "vehicle-agent.service").read_text(encoding="utf-8")
    assert "User=vehicle-agent" in unit
    assert (SYSTEMD / "vehicle-agent.sysusers").read_text(encoding="utf-8").startswith("u vehicle-agent ")
    assert '<policy user="vehicle-agent">' in (SYSTEMD / "org.vehicleagent.Agent.conf").read_text(encoding="utf-8")
