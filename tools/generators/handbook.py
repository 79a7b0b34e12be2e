"""The integrator's handbook of messages: types, fields, tags and codes, each type with annotated bytes."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from protocol.dialect import (
    EntryMode,
    FileName,
    FileUpdateCode,
    NetworkCode,
    ProcessingCode,
    PurseCode,
    SettlementCode,
)
from protocol.message_type import is_repeat, is_response, original_of, response_of
from protocol.presentation.masking import Masking
from protocol.presentation.spans import Element, Reading, read
from protocol.presentation.text import byte_range, rows
from protocol.spec import FieldSpec, MessageTypeSpec, SpecDocument
from protocol.spec.schema import Title

_BYTES_A_LINE = 16
_ECHO = "080082200000008000000400000000000001112119595900001054303030303030310301ebd86922c701c4d8"
_COMMANDS = f"vafa message view {_ECHO}\nvafa message validate capture.hex"

_VALUES: dict[int, dict[str, Title]] = {
    3: {
        ProcessingCode.PURCHASE: Title(en="Purchase; it earns by the rules", fa="خرید"),
        "00PP00": Title(
            en="Purchase paid from purse PP, as 009100 from points; in 0100 with field 4, a hold",
            fa="خرید از کیف PP",
        ),
        "02PP00": Title(en="Adjustment that takes from purse PP; of a host", fa="اصلاح بدهکار کیف PP"),
        ProcessingCode.RETURN: Title(
            en="Return of the sale that tag DF0E names, or void of a hold", fa="مرجوعی"
        ),
        "2100PP": Title(en="Load of stored value into purse PP", fa="شارژ کیف PP"),
        "2200PP": Title(en="Adjustment that gives to purse PP; of a host", fa="اصلاح بستانکار کیف PP"),
        ProcessingCode.EVENT: Title(en="Event that earns without a sale; of a host", fa="رویداد"),
        ProcessingCode.AVAILABLE_FUNDS: Title(
            en="Available funds: of this bill you could spend so much", fa="استعلام مبلغ قابل خرج"
        ),
        ProcessingCode.BALANCE_INQUIRY: Title(en="Balance inquiry", fa="استعلام مانده"),
        ProcessingCode.WOULD_EARN: Title(en="What this purchase would earn", fa="استعلام پاداش این خرید"),
        "40PPPP": Title(en="Transfer to another member within purse PP; of a host", fa="انتقال به عضو دیگر"),
        "49PPQQ": Title(en="Conversion from purse PP to purse QQ; of a host", fa="تبدیل کیف PP به QQ"),
        ProcessingCode.CARD_ACTIVATION: Title(
            en="Activation of a card: a gift card, or instant issue", fa="فعال‌سازی کارت"
        ),
        ProcessingCode.ENROLMENT: Title(en="Enrolment at the counter", fa="عضوگیری در فروشگاه"),
        ProcessingCode.CARD_REPLACEMENT: Title(
            en="Replacement of a card by the one of tag DF18", fa="تعویض کارت"
        ),
        ProcessingCode.RELEASE: Title(
            en="Pending earnings of the sale of tag DF0E become available; of a host", fa="آزادسازی امتیاز"
        ),
    },
    22: {
        EntryMode.KEYED: Title(en="Keyed in", fa="ورود با صفحه‌کلید"),
        EntryMode.STRIPE: Title(en="Magnetic stripe", fa="نوار مغناطیسی"),
        EntryMode.BARCODE: Title(en="Barcode", fa="بارکد"),
        EntryMode.CHIP: Title(en="Chip", fa="تراشه"),
        EntryMode.CONTACTLESS: Title(en="Contactless", fa="بدون تماس"),
    },
    66: {
        SettlementCode.IN_BALANCE: Title(en="In balance", fa="تراز"),
        SettlementCode.OUT_OF_BALANCE: Title(en="Out of balance", fa="ناتراز"),
        SettlementCode.ERROR: Title(en="Error", fa="خطا"),
    },
    70: {
        NetworkCode.SIGN_ON: Title(en="Sign-on", fa="ورود"),
        NetworkCode.SIGN_OFF: Title(en="Sign-off", fa="خروج"),
        NetworkCode.CUT_OVER: Title(en="Cut-over to another business day; of a host", fa="تغییر روز کاری"),
        NetworkCode.ECHO: Title(en="Echo", fa="آزمون ارتباط"),
    },
    91: {
        FileUpdateCode.ADD_OR_REPLACE: Title(en="Add or replace", fa="افزودن یا جایگزینی"),
        FileUpdateCode.DELETE: Title(en="Delete", fa="حذف"),
        FileUpdateCode.INQUIRE: Title(en="Inquire; for RULES and the files of terminals", fa="استعلام"),
    },
    101: {
        FileName.CARD: Title(en="Card: number in field 2, record in field 120", fa="کارت"),
        FileName.MEMBER: Title(en="Member: record in field 120", fa="عضو"),
        FileName.TERMINAL: Title(en="Terminal: record in field 120", fa="پایانه"),
        FileName.RULES: Title(en="Rule table: a part of it in field 120", fa="جدول قواعد"),
        FileName.FIRMWARE: Title(en="Firmware for the terminal that asks", fa="نرم‌افزار پایانه"),
        FileName.PARAMETERS: Title(en="Parameters for the terminal that asks", fa="پارامترهای پایانه"),
        FileName.OFFLINE: Title(en="Offline table for the terminal that asks", fa="جدول فروش آفلاین"),
    },
}

_KINDS = {
    "n": "digits",
    "an": "letters and digits",
    "ans": "printable characters",
    "z": "track characters, `=` as separator",
    "text": "text",
    "b": "bytes",
    "tlv": "BER-TLV",
    "tags": "tagged elements",
    "positional": "parts, one behind the other",
    "bitmapped": "parts by a bitmap",
}
_MASKS = {
    "pan": "first six and last four shown",
    "track": "card number as in field 2, the rest hidden",
    "wipe": "hidden",
}


@dataclass(frozen=True, slots=True)
class Example:
    """A golden message, read."""

    name: str
    reading: Reading


def golden_examples(spec: SpecDocument, vectors: str) -> list[Example]:
    """The messages of the golden vectors (the text of tests/vectors/messages.json)."""
    cases = json.loads(vectors)["messages"]
    return [Example(case["name"], read(spec, bytes.fromhex(case["payload"]))) for case in cases]


def handbook(spec: SpecDocument, examples: list[Example]) -> str:
    """The page as Markdown. Raises ValueError for a message type that no example shows."""
    sections = [
        _introduction(spec),
        *(_message_type(spec, mti, examples) for mti in sorted(spec.messages)),
        _fields(spec),
        _values(spec),
        _tags(spec),
        _response_codes(spec),
    ]
    return "\n\n".join(sections) + "\n"


def _introduction(spec: SpecDocument) -> str:
    types = (
        f"| [{mti}](#{mti}) | {message.title.en} | {message.title.fa} |"
        for mti, message in sorted(spec.messages.items())
    )
    encoding = "2 bytes BCD" if spec.mti_encoding == "bcd" else f"4 characters {spec.mti_encoding.upper()}"
    return f"""# Messages

<!-- Generated by tools.generators from protocol/spec/{spec.name}.toml and tests/vectors; do not edit. -->

Every message, field, tag and code of the spec `{spec.name}`, version {spec.version}. How to connect, and what
to send when, is in [the integrator's page](integrator.md). To look into bytes of your own:

```sh
{_COMMANDS}
```

| type | | |
|---|---|---|
{_lines(types)}

A repeat has a 1 as its last digit (0201, 0401) and otherwise the form of its original.

## Framing

A frame is two bytes of big-endian length and the payload; the length counts the payload alone. Length 0 is
a keep-alive. A payload has at most {spec.payload_maximum_bytes} bytes: the message type ({encoding}), the
bitmap (8 bytes, 16 where a field past 64 stands: then its first bit is set), and the fields in ascending
order. Offsets in this page count from the first byte of the payload, which is 0; ranges name the first and
the last byte.

- **BCD**: two digits a byte. An odd number of digits is filled with a 0 in front, a track with an F behind.
- **Length** LL or LLL: a BCD count in front, of 1 byte or 2. It counts digits where the unit is digits, else
  bytes.
- **Fixed texts** that are too short are filled with spaces on the right.
- **BER-TLV**: tag, length, content. The length is one byte up to 127, 81 and a byte up to 255, 82 and two
  bytes beyond; never longer than needed. A tag stands once. Unknown tags are kept byte for byte.

## MAC

The last field of every message is its MAC: field 64, or 128 where a field past 64 stands. It is the leftmost
8 bytes of AES-CMAC (RFC 4493) over the whole payload before the MAC's own bytes: type and bitmap included,
the length of the frame not. A terminal's key is derived from the switch's master key by NIST SP 800-108 in
counter mode with CMAC: label "vafa terminal mac", context the terminal id padded to 8 and the key generation
in 2 bytes, length 128 bits. The examples are sealed with the key of terminal T0000001, generation 1, of the
master key in the golden vectors.

A PIN block (tag DF34) is of ISO 9564-1 format 4; the account number within it is the card number of field 2
or 35. A terminal's is under a key that is used once: AES DUKPT (ANSI X9.24-3), usage PIN encryption, AES-128,
by the key serial number in DF5E. The terminal's base key is derived as the MAC key is, under the label "vafa
terminal dukpt"; its initial key id is the key generation in 4 bytes and 4 random ones for each injection. A
block without DF5E, as hosts send it, is under a static key with the label "vafa terminal pin".

Each message type below shows the fields that it has: *mandatory*, *one of* a group, *conditional*, or
*optional*. No other field is allowed. The MAC is not listed. In the examples, a field with tags is followed
by a row for each tag, and its own row shows its length alone."""


def _message_type(spec: SpecDocument, mti: str, examples: list[Example]) -> str:
    message = spec.messages[mti]
    shown = [each for each in examples if each.reading.mti and original_of(each.reading.mti) == mti]
    if not shown:
        raise ValueError(f"no golden message shows type {mti}")
    example = next((each for each in shown if not is_repeat(each.reading.mti or "")), shown[0])
    others = [each.name for each in shown if each is not example]
    more = f"\n\nMore in the golden vectors: {', '.join(others)}." if others else ""
    return f"""## {mti}

**{message.title.en}** · {message.title.fa}{_answer(spec, mti)}

| field | | form | | |
|---|---|---|---|---|
{_lines(_type_rows(spec, message))}

### Example: {example.name}

{_example(spec, example.reading)}{more}"""


def _answer(spec: SpecDocument, mti: str) -> str:
    if is_response(mti):
        echo = spec.messages[mti].echo
        return f"\n\nEchoes from its request: {', '.join(str(number) for number in echo)}." if echo else ""
    answer = response_of(mti)
    return f"\n\nAnswered by [{answer}](#{answer})." if answer in spec.messages else ""


def _type_rows(spec: SpecDocument, message: MessageTypeSpec) -> Iterator[str]:
    presence = dict.fromkeys(message.mandatory, "mandatory")
    for group in message.one_of:
        presence.update(dict.fromkeys(group, f"one of {', '.join(str(number) for number in group)}"))
    for number, title in message.conditional.items():
        presence[number] = f"conditional: {title.en} · {title.fa}"
    presence.update(dict.fromkeys(message.optional, "optional"))
    for number, when in sorted(presence.items()):
        field = spec.fields[number]
        yield f"| {number} | {when} | {form(spec, field)} | {field.title.en} | {field.title.fa} |"


def _example(spec: SpecDocument, reading: Reading) -> str:
    if reading.faults:
        raise ValueError(f"a golden message is wrong: {reading.faults[0]}")
    # The golden vectors hold no real card: their numbers are shown, so that the bytes can be followed.
    found = rows(reading, Masking(reading, unsafe=True), "en")
    table = (
        f"| {byte_range(row.start, row.end)} | {_raw(reading, row.start, row.end)} | "
        f"{row.label.strip()} | {row.name} | {_code(row.value)} |"
        for row in found
    )
    payload = reading.payload.hex()
    width = _BYTES_A_LINE * 2
    dump = (f"{start // 2:04x}  {payload[start : start + width]}" for start in range(0, len(payload), width))
    return f"""```text
{_lines(dump)}
```

| bytes | | field | | value |
|---|---|---|---|---|
{_lines(table)}"""


def _raw(reading: Reading, start: int, end: int) -> str:
    composite = next(
        (each for each in _all(reading.elements) if (each.start, each.end) == (start, end)), None
    )
    if composite is not None and composite.is_composite:
        # Its tags have rows of their own.
        end = composite.content
    raw = reading.payload[start:end].hex()
    return f"`{raw}`" if raw else ""


def _all(elements: Iterable[Element]) -> Iterator[Element]:
    for element in elements:
        yield element
        yield from _all(element.parts)


def _fields(spec: SpecDocument) -> str:
    table = (
        f"| {number} | `{field.name}` | {form(spec, field)} | {_masked(field.mask)} | {field.title.en} | "
        f"{field.title.fa} |"
        for number, field in sorted(spec.fields.items())
    )
    return f"""## Fields

*Masked* says what of a field a display or log may show.

| field | name | form | masked | | |
|---|---|---|---|---|---|
{_lines(table)}"""


def form(spec: SpecDocument, field: FieldSpec) -> str:
    """A field's form in one cell: kind, size, unit, encoding, length prefix, filler."""
    unit = "digits" if field.unit == "digits" else "bytes"
    size = f"{field.size} {unit}" if field.length == "fixed" else f"{field.length}, up to {field.size} {unit}"
    parts = [_KINDS[field.kind], size]
    if field.encoding != "binary":
        parts.append(field.encoding.upper())
    if field.length_encoding is not None and field.length_encoding != spec.length_encoding:
        parts.append(f"length in {field.length_encoding.upper()}")
    if field.pad is not None:
        parts.append(f"odd: filler nibble {field.pad}")
    if field.justify is not None:
        filler = "spaces" if field.fill == " " else f"`{field.fill}`"
        parts.append(f"{field.justify}-justified with {filler}")
    return "; ".join(parts)


def _values(spec: SpecDocument) -> str:
    sections = []
    for number, values in _VALUES.items():
        table = (f"| {value} | {title.en} | {title.fa} |" for value, title in values.items())
        sections.append(
            f"### Field {number}: {spec.fields[number].name}\n\n| value | | |\n|---|---|---|\n{_lines(table)}"
        )
    codes = "\n\n".join(sections)
    purses = ", ".join(f"{code.value} {code.name.lower().replace('_', ' ')}" for code in PurseCode)
    return f"""## Codes

{codes}

### Field 54: balances

Up to six balances of 20 characters: account type (2; the purse), amount type (2; 02 available), currency (3;
364 for rial, 999 for what is no money), C or, for a debt, D, amount (12).

### Purses

Account types of fields 3 and 54, unless the rules declare others from 60 to 99: {purses}.

### Tag DF10: basket

Lines `sku,category,quantity,amount` or `sku,category,quantity,amount,label+label`, joined by `;`, at most 64.
Either sku or category may be empty; each, and each of at most 8 labels, has up to 32 characters without the
separators. The quantity is from 1 to 999999, the amount that of the whole line in minor units.

### Tag DF14: metrics

`name=number`, joined by `;`: names of up to 16 small letters, digits and underscores, each once, numbers of
up to 12 digits.

### Tags DF1E and DF33: what was given

DF1E is `rule=amount purse`, DF33 the number, `x` and the reference, both joined by `;`: for display.

### Field 90: original data

Of the message that is reversed: type (4), STAN (6), field 7 (10), then 22 zeros.

### Fields 74 to 97: totals

Of one terminal on one business day (field 15), in rial. Debits are approved 0200 and 0220 of types 00 to 19
in field 3, credits those of types 20 to 29 and 90; an amount of 0, another currency, the void of a hold and
the return of an adjustment (2000pp) do not count. Amounts are field 4, whatever was paid from purses. An
approved 0400 that undid one of these counts as a reversal on the day on which it was accepted. Field 97 is
credits less debits, each less its reversals: C, or D where it is negative.

### Tag DF35: upload

Up to 36 records of 25 bytes BCD: type (4: 0200, 0220 or 0400), field 3 (6), field 11 (6), field 7 (10),
field 4 (12), field 37 (12; zeros where no reply came).

### Tag DF5C: health

Elements of a kind (1 byte), a length (1 byte) and a number, big-endian without leading zeros; a terminal
leaves out what it doesn't know. Kinds: 1 boots, 2 resets (a byte each: power, watchdog, software, other), 3
least free heap in bytes, 4 erases of the flash, 5 link failures, 6 card read failures, 7 paper (0 ok, 1 low,
2 out), 8 battery in percent, 9 signal (60 means -60 dBm), 10 firmware (three numbers of 2 bytes), 11 rule
table version, 12 sequence of the parameters, 13 fill of the journal in percent."""


def _tags(spec: SpecDocument) -> str:
    composites = [str(number) for number, field in sorted(spec.fields.items()) if field.kind == "tlv"]
    table = []
    for tag, entry in sorted(spec.tags.items()):
        size = f"{entry.size} digits, BCD" if entry.kind == "n" else f"up to {entry.size} bytes"
        kind = "text, UTF-8" if entry.kind == "text" else _KINDS[entry.kind]
        cells = (tag, f"`{entry.name}`", kind, size, _masked(entry.mask), entry.title.en, entry.title.fa)
        table.append(f"| {' | '.join(cells)} |")
    return f"""## Tags

Of fields {" and ".join(composites)}.

| tag | name | kind | size | masked | | |
|---|---|---|---|---|---|---|
{_lines(table)}"""


def _response_codes(spec: SpecDocument) -> str:
    table = (
        f"| {code} | `{entry.name}` | {entry.title.en} | {entry.title.fa} |"
        for code, entry in sorted(spec.response_codes.items())
    )
    return f"""## Response codes

Field 39.

| code | name | | |
|---|---|---|---|
{_lines(table)}"""


def _masked(mask: str | None) -> str:
    return _MASKS[mask] if mask else ""


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)
