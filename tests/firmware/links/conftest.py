"""One switch for the tests of this folder, and a broker with its bridge."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.firmware.links.club import BridgeProcess, Club, running_bridge, running_club
from tests.mosquitto_broker import MosquittoBroker, running_broker
from tests.switch.conftest import TERMINAL


@pytest.fixture(scope="session")
def club(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Club]:
    """A switch in business."""
    with running_club(tmp_path_factory.mktemp("club")) as made:
        yield made


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[MosquittoBroker]:
    """A broker that knows the shop's terminal and the bridge."""
    with running_broker(tmp_path / "broker", TERMINAL) as made:
        yield made


@pytest.fixture
def bridge(tmp_path: Path, broker: MosquittoBroker, club: Club) -> Iterator[BridgeProcess]:
    """The bridge between them."""
    with running_bridge(tmp_path, broker, club.address) as made:
        yield made
