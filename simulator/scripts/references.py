"""References in the texts of a script.

    {amount}           a variable, or a column of the table's row
    {sale.rrn}         a field or tag of an earlier message, by number or name
    {amount*2} {n+1}   whole numbers
    {amount:12}        with leading zeros
    {now} {time} {date} {stan}   field 7, 12, 13, and the next trace number

Of a message there are besides `original` (field 90 that names it), `bytes` (of its payload) and `record`
(itself as an entry of an upload, DF35).
"""

import re
from collections.abc import Callable, Iterator

REFERENCE = re.compile(
    r"\{(?P<name>[a-z][a-z0-9_]*)(?:\.(?P<path>[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)?))?"
    r"(?:(?P<sign>[-+*])(?P<number>[0-9]{1,12}))?(?::(?P<width>[0-9]{1,2}))?\}"
)
_BRACE = re.compile(r"[{}]")


class ReferenceFault(Exception):  # noqa: N818  (it says so)
    """A reference leads nowhere; the text names it and no value."""


def resolve(text: str | int, look_up: Callable[[str, str], str]) -> str:
    """The text with every reference replaced. `look_up` takes a name and a path (or ""); raises
    ReferenceFault, as this does."""
    if isinstance(text, int):
        return str(text)

    def value(found: re.Match[str]) -> str:
        plain = look_up(found["name"], found["path"] or "")
        if found["sign"]:
            if not (plain.isascii() and plain.isdecimal()):
                raise ReferenceFault(f"{found[0]} is no number")
            left, right = int(plain), int(found["number"])
            sums = {"+": left + right, "-": left - right, "*": left * right}
            if sums[found["sign"]] < 0:
                raise ReferenceFault(f"{found[0]} is below zero")
            plain = str(sums[found["sign"]])
        return plain.zfill(int(found["width"])) if found["width"] else plain

    return REFERENCE.sub(value, text)


def reference_faults(content: object) -> Iterator[str]:
    """What in the texts of a step looks like a reference and is none."""
    if isinstance(content, str):
        if _BRACE.search(REFERENCE.sub("", content)):
            yield "a brace that is no reference: write {name}, {message.field}, {name+1} or {name:12}"
    elif isinstance(content, dict):
        for key, inner in content.items():
            if key not in ("pattern", "text"):
                yield from reference_faults(inner)
    elif isinstance(content, list):
        for inner in content:
            yield from reference_faults(inner)
