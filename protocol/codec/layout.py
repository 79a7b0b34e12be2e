"""Where the fields of a payload stand, found without reading them.

Messages of one kind have one bitmap. For each bitmap that arrives a function is written and compiled once:
straight code that adds up the fixed sizes and reads only the length prefixes.
"""

from collections.abc import Callable

from protocol.codec.fast import field_numbers
from protocol.codec.prefix import BCD_BYTES
from protocol.codec.table import CodecTable

Locate = Callable[[bytes], "tuple[int, ...] | None"]


class Layout:
    """Fields of one bitmap: `index` maps a field to its place in the offsets that `locate` returns.

    Offsets have one more element, the payload's size, so that field i lies between offsets i and i + 1.
    `locate` returns None for a payload that is not well-formed; the plain decoder tells why.
    """

    __slots__ = ("index", "locate", "numbers", "values")

    def __init__(self, table: CodecTable, numbers: tuple[int, ...], locate: Locate) -> None:
        self.numbers = numbers
        self.values = {number: table.field(number).value for number in numbers}
        self.index = {number: place for place, number in enumerate(numbers)}
        self.locate = locate


def make_layout(table: CodecTable, bits: int, width: int, start: int) -> Layout | None:
    """Layout of a bitmap whose fields begin at `start`; None where it has a field that the spec lacks."""
    numbers = tuple(field_numbers(bits, width))
    if any(table.fields[number] is None for number in numbers):
        return None
    lines, names = _body(table, numbers, start)
    source = "\n".join(
        [
            "def locate(p):",
            "    try:",
            *(f"        {line}" for line in lines),
            "    except (IndexError, ValueError):",
            "        return None",
            f"    return ({', '.join(names)}) if {names[-1]} == len(p) else None",
        ]
    )
    namespace: dict[str, object] = {"B": BCD_BYTES}
    # The source is made of integers from a checked spec and nothing that ever came over a wire.
    exec(compile(source, f"<layout {bits:x}>", "exec"), namespace)  # noqa: S102
    locate = namespace["locate"]
    assert callable(locate)  # noqa: S101  (the source above defines it)
    return Layout(table, numbers, locate)


def _body(table: CodecTable, numbers: tuple[int, ...], start: int) -> tuple[list[str], list[str]]:
    """Statements, and an expression for each field's offset and for the end."""
    lines = ["pass"]
    names = []
    base, constant = "", start
    for number in numbers:
        codec = table.field(number)
        here = f"{base}{constant}" if base else str(constant)
        names.append(here)
        if not codec.prefix_bytes:
            constant += codec.fixed_bytes
            continue
        lines.append(f"n = {_count(codec.prefix_encoding, codec.prefix_bytes, base, constant)}")
        lines.append(f"if not 0 <= n <= {codec.maximum}: return None")
        size = "(n + 1 >> 1)" if codec.counts_digits else "n"
        variable = f"o{number}"
        lines.append(f"{variable} = {base}{constant + codec.prefix_bytes} + {size}")
        base, constant = f"{variable} + ", 0
    names.append(f"{base}{constant}" if base else str(constant))
    return lines, names


def _count(encoding: str, size: int, base: str, constant: int) -> str:
    at = [f"p[{base}{constant + place}]" for place in range(size)]
    whole = f"p[{base}{constant}:{base}{constant + size}]"
    if encoding == "bcd":
        # A bad pair of digits is -1; it must not be made good by the pairs in front of it.
        pairs = [f"B[{byte}]" for byte in at]
        if size == 1:
            return pairs[0]
        return f"int({whole}.hex())"
    if encoding == "binary":
        return " + ".join(f"({byte} << {8 * (size - 1 - place)})" for place, byte in enumerate(at))
    if encoding == "ascii":
        return f"int({whole})"
    return f"int({whole}.decode('cp037'))"
