"""A spec with a field of every form, and its masks at every depth, for the tests of this folder."""

from protocol.spec import parse_spec

_TITLE = 'title = { en = "Title", fa = "عنوان" }'


def _field(name: str, kind: str, encoding: str, length: str, size: int, *more: str) -> str:
    """A field or part as an inline table; it counts bytes unless `more` says otherwise."""
    unit = () if any(axis.startswith("unit") for axis in more) else ('unit = "bytes"',)
    axes = (f'name = "{name}", kind = "{kind}", encoding = "{encoding}", length = "{length}", size = {size}',)
    return f"{{ {', '.join((*axes, *unit, *more, _TITLE))} }}"


def _parts(**parts: str) -> str:
    written = ", ".join(f"{key.removeprefix('p')} = {part}" for key, part in parts.items())
    return f"parts = {{ {written} }}"


_PAN, _TRACK, _WIPE = 'mask = "pan"', 'mask = "track"', 'mask = "wipe"'
_DIGITS, _LEFT = 'unit = "digits"', 'pad = "left"'
_FILLED = 'justify = "left", fill = " "'
_TWO_LETTERS = 'tag = { encoding = "ascii", size = 2, length_encoding = "ascii", length_digits = 3 }'

_SHOP = _parts(
    p1=_field("shop_name", "ans", "ebcdic", "fixed", 12, _FILLED),
    p2=_field("shop_member", "n", "bcd", "fixed", 12, _DIGITS, _WIPE),
    p3=_field("shop_country", "an", "ascii", "fixed", 2),
)
_ELEMENTS = _parts(
    NM=_field("holder", "text", "utf8", "LL", 60, _WIPE),
    TX=_field("remark", "text", "utf8", "LLL", 400),
)
_SUB_FIELDS = _parts(
    p1=_field("inner_card", "n", "bcd", "LL", 19, _DIGITS, _LEFT, _PAN),
    p3=_field("inner_text", "ans", "ascii", "LLL", 200),
)

EVERY_FORM = parse_spec(
    f"""
format = 1
name = "every-form"
version = 1
{_TITLE}
mti_encoding = "ascii"
bitmap_encoding = "binary"
length_encoding = "ascii"
characters = "validate"
payload_maximum_bytes = 8192

[fields]
2 = {_field("card_number", "n", "ascii", "LL", 19, _PAN)}
11 = {_field("stan", "n", "ascii", "fixed", 6)}
35 = {_field("track_2", "z", "ascii", "LL", 37, _TRACK)}
43 = {_field("shop", "positional", "binary", "fixed", 20, _SHOP)}
45 = {_field("track_1", "ans", "ascii", "LL", 76, _TRACK)}
52 = {_field("pin_block", "b", "binary", "fixed", 8, _WIPE)}
54 = {_field("balances", "ans", "ascii", "LLL", 240)}
55 = {_field("chip", "tlv", "binary", "LLL", 999)}
60 = {_field("elements", "tags", "binary", "LLL", 999, _TWO_LETTERS, _ELEMENTS)}
61 = {_field("sub_fields", "bitmapped", "binary", "LLL", 999, _SUB_FIELDS)}

[tags]
5A = {{ name = "chip_card", kind = "b", size = 10, mask = "pan", {_TITLE} }}
57 = {{ name = "chip_track", kind = "b", size = 19, mask = "track", {_TITLE} }}
E1 = {{ name = "template", kind = "tlv", size = 400, {_TITLE} }}
E2 = {{ name = "secret_template", kind = "tlv", size = 200, mask = "wipe", {_TITLE} }}
DF20 = {{ name = "member_number", kind = "n", size = 12, mask = "wipe", {_TITLE} }}
DF08 = {{ name = "member_text", kind = "text", size = 200, {_TITLE} }}

[messages.0200]
{_TITLE}
mandatory = [2, 11]
""",
    "every-form.toml",
)
