"""A real switch with one shop, and the shop's terminal on the emulated Cortex-M3."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from firmware.rig.cortex import Image
from protocol.security.keys import derive_terminal_key
from simulator.virtual_terminal import Card
from tests.cortex.cortex_terminal import CortexTerminal
from tests.switch.conftest import HOST, MASTER_KEY, MERCHANT, TERMINAL, Link, SwitchProcess

CARD = Card.issue("628000", 1)


@asynccontextmanager
async def shop(
    image: Image,
    folder: Path,
    *,
    counted: bool = True,
    files: Mapping[str, bytes] | None = None,
    parts: Mapping[str, bytes] | None = None,
    downloads: Path | None = None,
    **parameters: object,
) -> AsyncIterator[tuple[SwitchProcess, CortexTerminal]]:
    """A terminal that is switched on, and its switch, which knows shop, member and card."""
    switch = SwitchProcess(folder / "switch")
    if downloads is None:
        switch.start()
    else:
        switch.start(downloads_directory=downloads)
    try:
        link = Link(switch.terminals)
        link.sign_on(HOST)
        assert link.make_terminal().fields[39] == "00"
        link.make_member(card=CARD.number)
        link.close()
        terminal = CortexTerminal(
            image,
            directory=folder / "terminal",
            terminal_id=TERMINAL,
            merchant_id=MERCHANT,
            switch=switch.terminals,
            key=derive_terminal_key(MASTER_KEY, TERMINAL, 1),
            parameters=parameters,
            files=files,
            parts=parts,
            counted=counted,
        )
        async with terminal:
            yield switch, terminal
    finally:
        switch.kill()


def transactions(switch: SwitchProcess) -> list[dict[str, Any]]:
    """All that the switch has decided, oldest first."""
    told: list[dict[str, Any]] = []
    while lines := switch.feed(after=told[-1]["position"] if told else 0):
        told += lines
    return [line for line in told if line["kind"] == "transaction"]
