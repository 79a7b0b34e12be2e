"""A virtual card that keeps its memory in a file, or nowhere."""

import os
from pathlib import Path

from simulator.virtual_card.application import CardApplication
from simulator.virtual_card.memory import CardMemory
from simulator.virtual_card.store import MEMORY_BYTES, blank_content

# What a maker's cards would have; theirs are worth nothing, so it is no secret.
SAMPLE_TRANSPORT_KEY = b"vafa sample card"
# For cards that are worth nothing; anyone can read it here.
SAMPLE_MASTER_KEY = b"vafa sample card master key 0000"


class DamagedFile(Exception):  # noqa: N818  (the file is no card)
    """The file does not hold a virtual card."""


def new_card(transport_key: bytes = SAMPLE_TRANSPORT_KEY) -> CardMemory:
    """The memory of a blank card."""
    return CardMemory(blank_content(transport_key))


def card_in_file(path: Path) -> CardApplication:
    """The card in the file `path`, which becomes a blank one where there is none.

    Raises:
        DamagedFile: something else is in the file.
        OSError: it cannot be read or written.
    """
    if path.exists():
        content = path.read_bytes()
        if len(content) != MEMORY_BYTES:
            raise DamagedFile
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        content = blank_content(SAMPLE_TRANSPORT_KEY)
        _save(path, content)
    return CardApplication(CardMemory(content, lambda changed: _save(path, changed)), os.urandom)


def _save(path: Path, content: bytes) -> None:
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.write_bytes(content)
    unfinished.rename(path)
