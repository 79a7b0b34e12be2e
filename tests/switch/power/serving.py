"""A switch whose journal lies on a file system that will be unmounted."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.switch.conftest import SwitchAt, SwitchProcess


@contextlib.contextmanager
def switch_on(files: Path, switch_at: SwitchAt, name: str = "switch") -> Iterator[SwitchProcess]:
    """A switch that is not started yet; at the end it must not hold files open, whatever came in between."""
    process = switch_at(name)
    process.journal = files / "journal"
    try:
        yield process
    finally:
        if process.process is not None and process.process.poll() is None:
            process.kill()
