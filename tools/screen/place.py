"""A private switch with a small club, or the way to another one."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from protocol.card_application.layout import KEY_BYTES
from protocol.security.keys import derive_terminal_key
from simulator.firmware_image import firmware_image
from simulator.micropython_vm import FIRMWARE, MicropythonVm, find_vm
from simulator.screen import Place, open_club
from simulator.screen.club import HOST_ID, MERCHANT_ID, RULES_FILE
from switch.gate.link_plan import Address
from tools.up.secrets_store import prepare_secrets, read_master_key
from tools.up.service import Service

_GENERATION = 1


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A switch that is there already, and the terminals it knows; their keys come of its master key."""

    address: Address
    terminal_ids: tuple[str, ...]
    merchant_id: str
    master_key: bytes = field(repr=False)
    generation: int = _GENERATION


@asynccontextmanager
async def private_place(
    directory: Path, pages: int, say: Callable[[str], None]
) -> AsyncIterator[tuple[Place, Service]]:
    """Start a switch on free ports and open the club in it; the place, and the switch's process.

    Raises VmMissing, ServiceFailed or ClubFault with one line for the user.
    """
    vm = await _prepared_vm()
    keys = directory / "keys"
    prepare_secrets(keys)
    settings = {
        "VAFA_SWITCH_TERMINALS_PORT": "0",
        "VAFA_SWITCH_OPERATIONS_PORT": "0",
        "VAFA_SWITCH_JOURNAL_DIRECTORY": str(directory / "journal"),
        "VAFA_SWITCH_MASTER_KEY_FILE": str(keys / "master.key"),
        "VAFA_SWITCH_FEED_TOKEN_FILE": str(keys / "feed.token"),
        "VAFA_SWITCH_RULES_FILE": str(RULES_FILE),
        "VAFA_SWITCH_HOST_TERMINAL_ID": HOST_ID,
    }
    async with Service("switch", settings, directory / "log" / "switch.log") as switch:
        host, _, port = switch.address("terminals").rpartition(":")
        master = read_master_key(keys)
        terminal_ids = tuple(f"SCREEN{number:02d}" for number in range(1, pages + 1))
        host_key = derive_terminal_key(master, HOST_ID, _GENERATION)
        await open_club((host, int(port)), host_key, terminal_ids, _GENERATION)
        say(f"switch up on {switch.address('terminals')}, with a club of test cards")
        place = Place(
            vm=vm,
            switch=(host, int(port)),
            terminal_ids=terminal_ids,
            merchant_id=MERCHANT_ID,
            key_of=_key_of(master, _GENERATION),
            directory=directory / "terminals",
            zone_key=secrets.token_bytes(KEY_BYTES),
            operations_url=f"http://{switch.address('operations')}",
            feed_token_file=keys / "feed.token",
        )
        yield place, switch


async def place_elsewhere(elsewhere: Elsewhere, directory: Path) -> Place:
    """Terminals of another switch; its journal is not open to us. Raises VmMissing."""
    return Place(
        vm=await _prepared_vm(),
        switch=(elsewhere.address.host, elsewhere.address.port),
        terminal_ids=elsewhere.terminal_ids,
        merchant_id=elsewhere.merchant_id,
        key_of=_key_of(elsewhere.master_key, elsewhere.generation),
        directory=directory / "terminals",
        zone_key=secrets.token_bytes(KEY_BYTES),
        has_club=False,
    )


async def _prepared_vm() -> MicropythonVm:
    vm = find_vm()
    # Compiled now, so that the first page need not wait.
    await asyncio.to_thread(firmware_image, FIRMWARE)
    return vm


def _key_of(master: bytes, generation: int) -> Callable[[str], bytes]:
    return lambda terminal_id: derive_terminal_key(master, terminal_id, generation)
