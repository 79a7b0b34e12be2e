"""Messages on a terminal. Colours go away by themselves where the output is no terminal."""

import json

import click

from protocol.faults import ProtocolFault
from protocol.presentation.difference import Difference
from protocol.presentation.hints import hint
from protocol.presentation.masking import Masking
from protocol.presentation.spans import Reading
from protocol.presentation.text import Language, bytes_around, columns, printable, rows
from tools.message.source import Item

_SIGNS = {
    "added": ("+", "green"),
    "removed": ("-", "red"),
    "changed": ("~", "yellow"),
    "reordered": ("~", "blue"),
}


class Printer:
    """How to print: language, masked or not, coloured or not (None: as the output is a terminal or not)."""

    def __init__(self, language: Language, *, unsafe: bool, color: bool | None) -> None:
        self._language = language
        self._unsafe = unsafe
        self._color = color

    def line(self, text: str = "", *, err: bool = False) -> None:
        """One line as it is."""
        click.echo(text, err=err, color=self._color)

    def document(self, content: object) -> None:
        """One line of JSON."""
        self.line(json.dumps(content, ensure_ascii=False))

    def table(self, reading: Reading, *, indent: str = "", err: bool = False) -> None:
        """Byte range, field, name and value of everything that could be read."""
        found = rows(reading, Masking(reading, unsafe=self._unsafe), self._language)
        for row, (place, label, name, value) in zip(found, columns(found), strict=True):
            shown = click.style(value, fg="yellow") if row.is_masked else value
            cells = (click.style(place, dim=True), click.style(label, fg="cyan"), name, shown)
            self.line(f"{indent}{'  '.join(cells)}".rstrip(), err=err)

    def heading(self, item: Item) -> None:
        """Which message this is, and of what spec."""
        reading = item.reading
        if reading is not None:
            size = len(reading.payload)
            self.line(click.style(f"message {item.number}: {reading.spec.name}, {size} bytes", bold=True))

    def faults(self, item: Item, *, with_fields: bool) -> None:
        """What is wrong with a message, on standard error; `with_fields` tells what had been read."""
        for fault in item.faults:
            self.line(f"message {item.number}: {click.style(str(fault), fg='red')}", err=True)
            self._details(item.reading, fault, err=True)
        if with_fields and item.reading is not None and item.reading.mti is not None:
            self.line("  read all the same:", err=True)
            self.table(item.reading, indent="    ", err=True)

    def verdict(self, item: Item, faults: list[ProtocolFault]) -> None:
        """All faults of a message, or that there are none."""
        mti = item.reading.mti if item.reading else None
        name = f"message {item.number}{f' ({mti})' if mti else ''}"
        if not faults:
            self.line(f"{name}: {click.style('valid', fg='green')}")
        for fault in faults:
            self.line(f"{name}: {click.style(str(fault), fg='red')}")
            self._details(item.reading, fault, err=False)

    def differences(self, found: list[Difference]) -> None:
        """Differences with their values, as far as these may be seen."""
        for difference in found:
            sign, colour = _SIGNS[difference.change]
            name = f"  {self._title(difference)}" if difference.title else ""
            self.line(f"{click.style(sign, fg=colour)} {difference.path}{name}{_values(difference)}")

    def _details(self, reading: Reading | None, fault: ProtocolFault, *, err: bool) -> None:
        if reading is None:
            return
        around = bytes_around(reading, fault, unsafe=self._unsafe)
        if around:
            self.line(f"  {around}", err=err)
        cause = hint(reading, fault)
        if cause:
            self.line(f"  likely cause: {cause}", err=err)

    def _title(self, difference: Difference) -> str:
        title = difference.title
        if title is None:
            return ""
        return title.en if self._language == "en" else title.fa


def _values(difference: Difference) -> str:
    if difference.change == "reordered":
        return ": the same tags in another order"
    if difference.old is None or difference.new is None:
        return f": {printable(difference.old or difference.new or '')}"
    if difference.old == difference.new:
        return f": {printable(difference.old)} (changed where it is masked)"
    return f": {printable(difference.old)} -> {printable(difference.new)}"
