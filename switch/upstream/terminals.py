"""The terminals that the partner has given to this club, with their keys."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from protocol.security.key_text import read_key_text
from protocol.security.keys import TERMINAL_KEY_BYTES
from protocol.security.mac import Mac
from switch.upstream.settings import Takes, TerminalPart, UpstreamFault


class UpstreamTerminal(NamedTuple):
    """One of them. `pin_key` enciphers PIN blocks for the partner, empty where none may be sent."""

    terminal_id: str
    merchant_id: str
    mac: Mac
    pin_key: bytes
    merchants: frozenset[str]
    takes: Takes


class Terminals:
    """All of them, and in whose name a request goes out."""

    def __init__(self, terminals: Sequence[UpstreamTerminal]) -> None:
        self.by_id = {terminal.terminal_id: terminal for terminal in terminals}
        self._all = tuple(terminals)

    def choose(self, merchant_id: str, local_terminal_id: str, takes: Takes) -> UpstreamTerminal | None:
        """Always the same for a terminal of ours; None where nobody stands for its merchant.

        The partner remembers a number of requests of each of its terminals: several share the load.
        """
        able = [found for found in self._all if found.takes in (Takes.ALL, takes)]
        named = [found for found in able if merchant_id in found.merchants]
        candidates = named or [found for found in able if not found.merchants]
        if not candidates:
            return None
        return candidates[crc32(local_terminal_id.encode()) % len(candidates)]


def load_terminals(parts: Sequence[TerminalPart]) -> Terminals:
    """Read their keys. Raises UpstreamFault."""
    return Terminals(
        [
            UpstreamTerminal(
                part.terminal_id,
                part.merchant_id,
                Mac(_read_key(part.key_file)),
                b"" if part.pin_key_file is None else _read_key(part.pin_key_file),
                part.merchants,
                part.takes,
            )
            for part in parts
        ]
    )


def _read_key(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise UpstreamFault(f"upstream key file {path}: others may read it; it wants mode 0600")
        key, _ = read_key_text(path.read_text("ascii"))
    except OSError as error:
        raise UpstreamFault(f"upstream key file {path}: {error.strerror}") from None
    except ValueError:
        key = b""
    if len(key) != TERMINAL_KEY_BYTES:
        raise UpstreamFault(f"upstream key file {path}: not {TERMINAL_KEY_BYTES * 2} hexadecimal digits")
    return key
