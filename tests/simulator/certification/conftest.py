"""A real switch with a shop and a member, and what a client has to know of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.switch.conftest import CARD, HOST, MASTER_KEY, Link, SwitchProcess


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SwitchProcess]:
    switch = SwitchProcess(tmp_path_factory.mktemp("club") / "switch").start()
    host = Link(switch.terminals)
    host.sign_on(HOST)
    host.make_terminal()
    host.make_member()
    host.close()
    yield switch
    switch.kill()


@pytest.fixture
def profile_file(tmp_path: Path) -> Path:
    path = tmp_path / "profile.toml"
    text = f'terminal_id = "T0000001"\nmerchant_id = "SHOP1"\nmaster_key = "{MASTER_KEY.hex()}"\n'
    path.write_text(text + f'[variables]\ncard = "{CARD}"\n')
    return path
