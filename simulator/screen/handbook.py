"""A paragraph of the message handbook for whatever is clicked on the wire, in both languages.

What the spec says of a field is told in the reader's language; what the handbook's page adds, its tables of
values and its notes, is taken from docs/messages.md as it stands there.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from protocol.message_type import is_response, response_of
from protocol.spec import FieldSpec, SpecDocument
from protocol.spec.schema import Title
from simulator.micropython_vm import PROJECT_ROOT

Document = dict[str, object]

PAGE = PROJECT_ROOT / "docs" / "messages.md"
_BLOCKS_MAX = 40
_TOPIC = re.compile(r"(field|tag|type)-([0-9A-F]{1,6})", re.ASCII)
_HEADING = re.compile(r"### (Fields?|Tags?) (.+?):", re.ASCII)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")

_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_KINDS = {
    "n": Title(fa="رقم", en="digits"),
    "an": Title(fa="حرف و رقم", en="letters and digits"),
    "ans": Title(fa="نویسه‌های چاپی", en="printable characters"),
    "z": Title(fa="نویسه‌های شیار کارت", en="track characters"),
    "text": Title(fa="متن", en="text"),
    "b": Title(fa="بایت", en="bytes"),
    "tlv": Title(fa="BER-TLV", en="BER-TLV"),
    "tags": Title(fa="عنصرهای برچسب‌دار", en="tagged elements"),
    "positional": Title(fa="بخش‌های پشت‌سرهم", en="parts, one behind the other"),
    "bitmapped": Title(fa="بخش‌ها با نقشهٔ بیتی", en="parts by a bitmap"),
}
_MASKS = {
    "pan": Title(fa="شش رقم نخست و چهار رقم آخر دیده می‌شود", en="first six and last four shown"),
    "track": Title(fa="شمارهٔ کارت مانند فیلد ۲، بقیه پنهان", en="card number as in field 2, the rest hidden"),
    "wipe": Title(fa="پنهان", en="hidden"),
}
_WORDS = {
    "form": Title(fa="قالب", en="Form"),
    "mask": Title(fa="پوشش", en="Masked"),
    "mandatory": Title(fa="الزامی در", en="Mandatory in"),
    "conditional": Title(fa="مشروط در", en="Conditional in"),
    "optional": Title(fa="اختیاری در", en="Optional in"),
    "echo": Title(fa="پاسخ آن را بازمی‌گرداند در", en="Echoed by"),
    "here": Title(fa="در این پیام", en="In this message"),
    "answer": Title(fa="پاسخ آن", en="Answered by"),
    "fields": Title(fa="فیلدهای الزامی", en="Mandatory fields"),
}
_BITMAP = (
    Title(fa="فیلدهای موجود", en="Fields present"),
    Title(
        fa="هر بیت یک فیلد است: نخستین بیت فیلد ۱. جایی که فیلدی پس از ۶۴ هست، بیت نخست روشن "
        "و نقشه ۱۶ بایت است.",
        en="One bit for each field, the first bit for field 1. Where a field past 64 stands, the first bit "
        "is set and the bitmap has 16 bytes.",
    ),
)
_UNKNOWN_TAG = (
    Title(fa="برچسب ناشناخته", en="Tag unknown to the spec"),
    Title(fa="بایت‌هایش همان‌گونه که هست نگه داشته می‌شود.", en="It is kept byte for byte."),
)
_LENGTH = (
    Title(fa="طول قاب", en="Length of the frame"),
    Title(
        fa="دو بایت، پرارزش‌ترین نخست؛ تنها بایت‌های پیام را می‌شمارد. طول صفر پیام زنده‌بودن است.",
        en="Two bytes, the most significant first; it counts the payload alone. Length 0 is a keep-alive.",
    ),
)


class Handbook:
    """The paragraphs of one spec. `page` is the text of docs/messages.md, empty where it is not there."""

    def __init__(self, spec: SpecDocument, page: str = "") -> None:
        self._spec = spec
        self._notes = dict(_notes(page))

    def paragraph(self, topic: str, mti: str | None = None) -> Document | None:
        """What is to be read of a topic ("field-11", "tag-DF01", "type-0200", "bitmap", "length"); None for a
        field or type that the spec does not have. `mti` is the message in which it was clicked."""
        if topic == "bitmap":
            return _document(topic, "bitmap", *_BITMAP, [], self._notes.get("framing", []))
        if topic == "length":
            return _document(topic, "", *_LENGTH, [], self._notes.get("framing", []))
        found = _TOPIC.fullmatch(topic)
        if found is None:
            return None
        kind, key = found.groups()
        if kind == "type":
            return self._type(topic, key)
        if kind == "tag":
            return self._tag(topic, key)
        return self._field(topic, key, mti)

    def _type(self, topic: str, mti: str) -> Document | None:
        message = self._spec.messages.get(mti)
        if message is None:
            return None
        facts = [_fact("fields", _same(", ".join(map(str, message.mandatory))))]
        if not is_response(mti):
            facts.append(_fact("answer", _same(response_of(mti))))
        return _document(topic, mti, message.title, None, facts, [])

    def _tag(self, topic: str, tag: str) -> Document:
        spec = self._spec.tags.get(tag)
        if spec is None:
            return _document(topic, tag, *_UNKNOWN_TAG, [], self._notes.get("framing", []))
        kind = _KINDS[spec.kind]
        size = _sized(spec.size, "digits" if spec.kind == "n" else "bytes", is_fixed=spec.kind == "n")
        facts = [_fact("form", Title(fa=f"{kind.fa}؛ {size.fa}", en=f"{kind.en}; {size.en}"))]
        if spec.mask:
            facts.append(_fact("mask", _MASKS[spec.mask]))
        return _document(topic, tag, spec.title, None, facts, self._notes.get(topic, []), name=spec.name)

    def _field(self, topic: str, key: str, mti: str | None) -> Document | None:
        number = int(key) if key.isdecimal() else 0
        spec = self._spec.fields.get(number)
        if spec is None:
            return None
        facts = [_fact("form", _form(spec))]
        if spec.mask:
            facts.append(_fact("mask", _MASKS[spec.mask]))
        facts += self._presence(number, mti)
        notes = self._notes.get("mac" if spec.name.startswith("mac") else topic, [])
        if spec.name == "response_code":
            notes = [
                _table(
                    (code, each.title.en, each.title.fa)
                    for code, each in sorted(self._spec.response_codes.items())
                )
            ]
        return _document(topic, key, spec.title, None, facts, notes, name=spec.name)

    def _presence(self, number: int, mti: str | None) -> Iterator[Document]:
        messages = self._spec.messages
        here = messages.get(mti or "")
        if here is not None and number in here.conditional:
            yield _fact("here", here.conditional[number])
        for word, members in (
            ("mandatory", [key for key, each in messages.items() if number in each.mandatory]),
            ("conditional", [key for key, each in messages.items() if number in each.conditional]),
            ("optional", [key for key, each in messages.items() if number in each.optional]),
            ("echo", [key for key, each in messages.items() if number in each.echo]),
        ):
            if members:
                yield _fact(word, _same(", ".join(sorted(members))))


def handbook_page(path: Path = PAGE) -> str:
    """The handbook's page; empty where this is no checkout of the project."""
    try:
        return path.read_text("utf-8")
    except OSError:
        return ""


def _document(  # noqa: PLR0917  (the parts of one thing)
    topic: str,
    key: str,
    title: Title,
    text: Title | None,
    facts: list[Document],
    notes: list[Document],
    *,
    name: str = "",
) -> Document:
    return {
        "topic": topic,
        "key": key,
        "name": name,
        "title": _both(title),
        "text": _both(text) if text else None,
        "facts": facts,
        "notes": notes,
    }


def _fact(word: str, text: Title) -> Document:
    return {"word": _both(_WORDS[word]), "text": _both(text)}


def _form(field: FieldSpec) -> Title:
    kind = _KINDS[field.kind]
    size = _sized(field.size, field.unit, is_fixed=field.length == "fixed")
    prefix = "" if field.length == "fixed" else f"{field.length}"
    encoding = "" if field.encoding == "binary" else field.encoding.upper()
    return Title(
        fa="؛ ".join(filter(None, (kind.fa, prefix, size.fa, encoding))),
        en="; ".join(filter(None, (kind.en, prefix, size.en, encoding))),
    )


def _sized(size: int, unit: str, *, is_fixed: bool) -> Title:
    fa, shown = ("رقم" if unit == "digits" else "بایت"), str(size).translate(_PERSIAN_DIGITS)
    return Title(
        fa=f"{shown} {fa}" if is_fixed else f"تا {shown} {fa}",
        en=f"{size} {unit}" if is_fixed else f"up to {size} {unit}",
    )


def _both(title: Title) -> dict[str, str]:
    return {"fa": title.fa, "en": title.en}


def _same(text: str) -> Title:
    return Title(fa=text, en=text)


def _notes(page: str) -> Iterator[tuple[str, list[Document]]]:
    """The page's notes by topic: those of a heading that names fields or tags, of "Framing" and of "MAC"."""
    for section in re.split(r"^(?=##+ )", page, flags=re.MULTILINE):
        heading, _, body = section.partition("\n")
        if heading in ("## Framing", "## MAC"):
            yield heading[3:].lower(), _blocks(body)
            continue
        found = _HEADING.match(heading)
        if found is None:
            continue
        blocks = _blocks(body)
        for key in _keys(found[2]):
            yield f"{'field' if found[1].startswith('Field') else 'tag'}-{key}", blocks


def _keys(text: str) -> list[str]:
    """The numbers of "3", "DF1E and DF33", "74 to 97"."""
    first, _, last = text.partition(" to ")
    if last:
        return [str(number) for number in range(int(first), int(last) + 1)]
    return text.split(" and ")


def _blocks(body: str) -> list[Document]:
    """Paragraphs, list items and tables of a piece of Markdown, without its inline marks."""
    blocks: list[Document] = []
    for chunk in re.split(r"\n\s*\n|\n(?=- )", body.strip())[:_BLOCKS_MAX]:
        lines = chunk.splitlines()
        if not lines:
            continue
        if lines[0].startswith("|"):
            blocks.append(_table(_cells(line) for line in lines[2:]))
        else:
            blocks.append({"text": _plain(" ".join(line.strip() for line in lines).removeprefix("- "))})
    return blocks


def _table(rows: Iterator[tuple[str, ...]]) -> Document:
    return {"rows": [list(row) for row in rows]}


def _cells(line: str) -> tuple[str, ...]:
    return tuple(_plain(cell.strip()) for cell in line.strip().strip("|").split(" | "))


def _plain(text: str) -> str:
    return _LINK.sub(r"\1", text).replace("**", "").replace("`", "")
