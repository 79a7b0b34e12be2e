"""Fixtures for projects that are tried against Vafa; pytest finds them where the package is installed.

Nothing is loaded or started before a test asks for a fixture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator import BlockingTerminal, FaultProxy, VirtualCard, VirtualSwitch
    from simulator.micropython_vm import MicropythonVm


@pytest.fixture(scope="module")
def vafa_switch_settings() -> dict[str, object]:
    """Settings of the switch by their lower-case names, as rules_file; override it for others."""
    return {}


@pytest.fixture(scope="module")
def vafa_switch(
    vafa_switch_settings: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[VirtualSwitch]:
    """A real switch of this module's own with a small club: `target`, `key()`, `card(name)`, `feed()`."""
    from simulator import SwitchFailed, VirtualSwitch  # noqa: PLC0415  (it must cost nothing where unused)

    switch = VirtualSwitch(tmp_path_factory.mktemp("vafa_switch"), wallet=None, **vafa_switch_settings)
    try:
        switch.__enter__()
    except SwitchFailed as fault:
        pytest.fail(f"vafa_switch: {fault}", pytrace=False)
    try:
        yield switch
    finally:
        switch.close()


@pytest.fixture
def vafa_card(vafa_switch: VirtualSwitch) -> VirtualCard:
    """A card of this test's own, of a new member with 1000 points. Others: `vafa_switch.card("blocked")`."""
    return vafa_switch.issue_card()


@pytest.fixture
def vafa_proxy(vafa_switch: VirtualSwitch) -> Iterator[FaultProxy]:
    """A proxy in front of the switch that passes everything until `set_faults` or `once` says otherwise."""
    from simulator import FaultProxy  # noqa: PLC0415

    with FaultProxy(vafa_switch.terminals) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def vafa_vm() -> MicropythonVm:
    """The MicroPython that runs the firmware; looked for before any switch is started."""
    from simulator import VmMissing, find_vm  # noqa: PLC0415

    try:
        return find_vm()
    except VmMissing as fault:
        pytest.fail(f"vafa_terminal: {fault}, or name another with VAFA_MICROPYTHON", pytrace=False)


@pytest.fixture
def vafa_terminal_parameters() -> dict[str, object]:
    """The terminal's configuration by name; override it for others. It gives up sooner than in a shop, so
    that lost answers take no minute."""
    return {"response_timeout_ms": 2000}


@pytest.fixture
def vafa_terminal(
    vafa_vm: MicropythonVm,
    vafa_switch: VirtualSwitch,
    vafa_proxy: FaultProxy,
    vafa_terminal_parameters: dict[str, object],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[BlockingTerminal]:
    """The real firmware on MicroPython, signed on to the switch through `vafa_proxy`."""
    from simulator import BlockingTerminal, TerminalFault, VirtualTerminal  # noqa: PLC0415

    terminal = VirtualTerminal(
        vafa_vm,
        directory=tmp_path_factory.mktemp("vafa_terminal"),
        terminal_id=vafa_switch.terminal_id,
        merchant_id=vafa_switch.merchant_id,
        switch=vafa_proxy.address,
        key=vafa_switch.key(),
        parameters=vafa_terminal_parameters,
    )
    blocking = BlockingTerminal(terminal)
    try:
        blocking.__enter__()
    except TerminalFault as fault:
        pytest.fail(f"vafa_terminal: {fault}", pytrace=False)
    try:
        yield blocking
    finally:
        blocking.__exit__(None, None, None)
