"""`vafa switch top` as it is typed, and what it should show."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families

from tests.switch.conftest import SwitchProcess
from tools.commands.switch import switch as commands

if TYPE_CHECKING:
    from click.testing import Result


PATIENCE_S = 60.0
NONE = Path("none")
VAFA = [sys.executable, "-m", "tools.cli", "switch"]


def token_file(switch: SwitchProcess) -> Path:
    return switch.directory / "keys/feed.token"


def run(switch: SwitchProcess, *options: str, **environment: str) -> Result:
    command = ["top", *options] if environment else [*at(switch), *options]
    return CliRunner().invoke(commands, command, env=environment)


def at(switch: SwitchProcess) -> list[str]:
    return ["top", "--url", switch.operations, "--token-file", str(token_file(switch))]


def counted(switch: SwitchProcess) -> dict[str, int]:
    """Every number of /metrics by its name and labels."""
    families = text_string_to_metric_families(switch.get("/metrics")[1].decode())
    return {
        ",".join([sample.name.removeprefix("vafa_switch_"), *sample.labels.values()]): int(sample.value)
        for family in families
        for sample in family.samples
    }
