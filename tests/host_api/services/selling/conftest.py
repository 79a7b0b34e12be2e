"""The served API before a stand-in for the switch."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from host_api.core.settings import Settings
from tests.host_api.points_bench import runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.switch_peer import SwitchPeer


@pytest.fixture
async def peer() -> AsyncIterator[SwitchPeer]:
    async with SwitchPeer() as running:
        yield running


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, peer: SwitchPeer) -> AsyncIterator[RunningApi]:
    async with running_api(runtime_with(settings, tmp_path, switch=peer.endpoint)) as running:
        yield running
