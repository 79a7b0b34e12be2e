"""What a switch shows whose disk has failed."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.switch.conftest import SwitchProcess


def assert_failed(process: SwitchProcess, told: str) -> None:
    """It takes no link, tells whoever asks for its health, logs it once, and ends with its own exit code."""
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(process.terminals, timeout=60)
    code, body = process.get("/health/ready")
    health = json.loads(body)
    assert (code, health["ready"]) == (503, False)
    assert [reason["code"] for reason in health["reasons"]] == ["journal-failed"]
    status = process.status()
    assert (status["ready"], status["links"]) == (False, 0)
    assert process.get("/health/live")[0] == 200
    assert process.stop() == 4
    lines = [line for line in process.log.read_text().splitlines() if "CRITICAL" in line]
    assert len(lines) == 1
    assert f"authorising stopped: {process.journal}: {told}" in lines[0]
