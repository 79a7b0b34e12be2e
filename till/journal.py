"""What a till must still know after a power cut: its trace number, and the reversal that it owes."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from protocol.message import Value
from till.faults import TillFault

FORMAT = 1
_STAN_MAX = 999_999


@dataclass(frozen=True, slots=True)
class Owed:
    """The reversal of a sale whose end nobody has told: its fields, and whether it may have left before."""

    fields: dict[int, Value]
    sent: bool


class TillJournal:
    """A small file that is replaced as a whole. It has no card number in it; one till has it at a time.

    Raises TillFault where the file is none of ours, OSError where it can't be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.stan = 0
        self.owed: Owed | None = None
        if path.exists():
            self._read()

    def next_stan(self) -> str:
        """A trace number that was never used before, until it has gone round; kept with the next `keep`."""
        self.stan = self.stan % _STAN_MAX + 1
        return f"{self.stan:06d}"

    def keep(self, owed: Owed | None) -> None:
        """Have it on the disk before this returns."""
        kept = None if owed is None else {"fields": owed.fields, "sent": owed.sent}
        document = {"format": FORMAT, "stan": self.stan, "owed": kept}
        unfinished = self._path.with_name(f"{self._path.name}.unfinished")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump(document, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._path)
        if os.name == "posix":
            folder = os.open(self._path.absolute().parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        self.owed = owed

    def _read(self) -> None:
        try:
            document = json.loads(self._path.read_text("ascii"))
            if document["format"] != FORMAT:
                raise TillFault(f"{self._path}: a journal of another format")
            stan, owed = document["stan"], document["owed"]
            if not (isinstance(stan, int) and 0 <= stan <= _STAN_MAX):
                raise ValueError
            self.stan = stan
            if owed is not None:
                self.owed = Owed(_fields(owed["fields"]), bool(owed["sent"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise TillFault(f"{self._path}: no journal of a till") from None


def _fields(written: object) -> dict[int, Value]:
    fields = cast(dict[str, object], written)
    if not all(isinstance(value, str) for value in fields.values()):
        raise ValueError
    return {int(number): cast(str, value) for number, value in fields.items()}
