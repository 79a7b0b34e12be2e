"""What the pages' terminals stand in: a switch, a merchant, keys, and the way to the journal's feed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from simulator.micropython_vm import MicropythonVm


@dataclass(frozen=True, slots=True)
class Place:
    """One shop with a number of terminals, of which each page gets one.

    Args:
        vm: what runs the firmware.
        switch: where the terminals connect.
        terminal_ids: as many pages may be open at a time.
        merchant_id: field 42.
        key_of: a terminal's key by its id.
        zone_key: of the club's chip cards.
        directory: a folder for each terminal is made in it and kept: what a terminal owes, it settles in its
            next page.
        has_club: whether the cards of the wallet are known to the switch.
        operations_url, feed_token_file: of the journal's feed; None where it is not open to us.
    """

    vm: MicropythonVm
    switch: tuple[str, int]
    terminal_ids: tuple[str, ...]
    merchant_id: str
    key_of: Callable[[str], bytes]
    directory: Path
    zone_key: bytes = field(repr=False)
    has_club: bool = True
    operations_url: str | None = None
    feed_token_file: Path | None = None
