"""Specs of moov-io/iso8583 as ours. What our axes cannot say is a fault that names the field, never a guess.

The other direction is `protocol.spec.moov_export`.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import TypeAlias

from pydantic import ValidationError

from protocol.spec.checking import SpecFault, checked_spec
from protocol.spec.moov_form import (
    BER_TAG,
    BITMAP,
    BY_NUMBER,
    MASKS,
    MTI,
    PREFIX_ENCODINGS,
    TEXT_ENCODINGS,
    UNLIMITED,
    MoovField,
    MoovSpec,
    MoovTag,
)
from protocol.spec.schema import FORMAT_VERSION, SpecDocument

Entry: TypeAlias = dict[str, object]

_PREFIX = re.compile(r"(ASCII|BCD|Binary|EBCDIC|EBCDIC1047|Hex)\.(Fixed|L{1,6})")
_TRACKS = {"Track1": "ans", "Track2": "z", "Track3": "z"}
_TAG_ENCODINGS = {"ASCII": "ascii", "EBCDIC": "ebcdic", "BCD": "binary", "ASCIIToHex": "binary"}
_DEPTH_MAXIMUM = 8


def is_moov(document: Mapping[str, object]) -> bool:
    """Whether a JSON document has the shape of a moov-io/iso8583 spec."""
    fields = document.get("fields")
    return (
        "format" not in document
        and isinstance(fields, Mapping)
        and any(isinstance(field, Mapping) and "type" in field for field in fields.values())
    )


def import_moov(document: Mapping[str, object], source: str) -> SpecDocument:
    """The spec that a moov-io/iso8583 document describes; `source` names it in faults.

    Characters are left to `validate`, as moov-io/iso8583 judges none. Fields that hold card data get the
    masks that they have in every dialect. Raises SpecFault with everything that cannot be said in our schema.
    """
    try:
        moov = MoovSpec.model_validate(document)
    except ValidationError as error:
        places = error.errors(include_url=False, include_context=False)
        lines = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in places]
        raise SpecFault(source, lines) from None
    reader = _Reader(moov)
    return checked_spec(reader.document(), source, reader.faults)


class _Reader:
    """Reads one document; `faults` is what it could not say."""

    def __init__(self, moov: MoovSpec) -> None:
        self.moov = moov
        self.faults: list[str] = []
        self._tags: dict[str, Entry] = {}
        self._names: set[str] = set()

    def document(self) -> Entry:
        """A document of our schema."""
        fields = {}
        for number, field in self.moov.fields.items():
            if number in (MTI, BITMAP):
                continue
            path = f"fields.{number}"
            entry = self._field(field, path, 1, field.description or f"Field {number}", number)
            if entry is not None:
                fields[number] = {**entry, "mask": MASKS.get(number)}
        lengths = Counter(entry["length_encoding"] for entry in fields.values() if entry["length_encoding"])
        usual = lengths.most_common(1)[0][0] if lengths else "ascii"
        for entry in fields.values():
            if entry["length_encoding"] == usual:
                entry["length_encoding"] = None
        title = self.moov.name or "Unnamed"
        return {
            "format": FORMAT_VERSION,
            "name": re.sub(r"[^a-z0-9.]+", "-", title.lower()).strip("-.") or "unnamed",
            "version": 1,
            "title": {"en": title, "fa": title},
            "mti_encoding": self._message_type(),
            "bitmap_encoding": self._bitmap(),
            "bitmap_bytes": 16 if BITMAP in self.moov.fields and self.moov.fields[BITMAP].length == 16 else 8,
            "length_encoding": usual,
            "characters": "validate",
            "payload_maximum_bytes": 0xFFFF,
            "fields": fields,
            "tags": self._tags,
        }

    def _fault(self, path: str, text: str) -> None:
        self.faults.append(f"{path}: {text}")

    def _message_type(self) -> str:
        field = self.moov.fields.get(MTI)
        if field is None:
            self._fault(f"fields.{MTI}", "the message type is missing")
            return "ascii"
        encoding = {"BCD": "bcd", "EBCDIC": "ebcdic", **TEXT_ENCODINGS}.get(field.enc)
        if encoding is None or field.length != 4 or not field.prefix.endswith(".Fixed"):
            self._fault(
                f"fields.{MTI}", "the message type is 4 digits in ASCII, BCD or EBCDIC, of fixed length"
            )
            return "ascii"
        return encoding

    def _bitmap(self) -> str:
        field = self.moov.fields.get(BITMAP)
        path = f"fields.{BITMAP}"
        if field is None or field.type != "Bitmap":
            self._fault(path, "the bitmap is missing")
            return "binary"
        if field.length not in (0, 8, 16):
            self._fault(path, f"a bitmap of {field.length} bytes: ours has 8 or 16")
        if field.disableAutoExpand and field.length != 16:
            self._fault(path, "a bitmap of 8 bytes that never grows")
        if field.enc not in ("Binary", "HexToASCII"):
            self._fault(path, f"enc {field.enc!r}: a bitmap is Binary or HexToASCII")
        return "hex" if field.enc == "HexToASCII" else "binary"

    def _field(self, field: MoovField, path: str, depth: int, title: str, number: str) -> Entry | None:
        """One field or part, without its mask; None where a fault has been told."""
        known = len(self.faults)
        if depth > _DEPTH_MAXIMUM:
            self._fault(path, "nested too deep")
            return None
        length, length_encoding = self._length(field, path)
        if field.subfields or field.type == "Composite":
            form = self._composite(field, path, depth)
        elif field.type in ("Binary", "Hex") or (
            field.type == "String" and field.enc in ("Binary", "HexToASCII")
        ):
            form = self._bytes(field, path, length)
        elif field.type in ("String", "Numeric", *_TRACKS):
            form = self._text(field, path, length)
        else:
            self._fault(path, f"type {field.type!r} is not known")
            form = {}
        if len(self.faults) != known:
            return None
        return {
            "name": self._name(title, number) if depth == 1 else _slug(title, number),
            "length": length,
            "size": field.length,
            "unit": "bytes",
            "length_encoding": length_encoding,
            "title": {"en": title, "fa": title},
            **form,
        }

    def _length(self, field: MoovField, path: str) -> tuple[str, str | None]:
        matched = _PREFIX.fullmatch(field.prefix)
        if matched is None:
            self._fault(path, f"prefix {field.prefix!r}: a length is Fixed, or L to LLLLLL digits or bytes")
            return "fixed", None
        encoding, form = matched.groups()
        if form == "Fixed":
            return "fixed", None
        if encoding == "Hex":
            self._fault(path, f"prefix {field.prefix!r}: a length in hexadecimal")
            return form, None
        return form, PREFIX_ENCODINGS[encoding]

    def _text(self, field: MoovField, path: str, length: str) -> Entry:
        kind = _TRACKS.get(field.type, "n" if field.type == "Numeric" else "text")
        form: Entry = {"kind": kind}
        if field.enc in ("BCD", "LBCD"):
            if field.type in _TRACKS:
                self._fault(path, f"a {field.type} in {field.enc}: moov-io/iso8583 packs only digits")
            form |= {"kind": "n", "encoding": "bcd", "unit": "digits"}
            if length != "fixed" or field.length % 2:
                form["pad"] = "right" if field.enc == "LBCD" else "left"
        elif field.enc in TEXT_ENCODINGS:
            form["encoding"] = TEXT_ENCODINGS[field.enc]
        elif field.enc == "EBCDIC" and kind in ("n", "z"):
            form["encoding"] = "ebcdic"
        elif field.enc == "EBCDIC":
            self._fault(path, "text in EBCDIC: moov-io/iso8583 writes ! [ ] ^ | as no IBM code page does")
        else:
            self._fault(path, f"enc {field.enc!r} of a {field.type}")
        padding = field.padding
        if padding is None or padding.type == "None":
            return form
        if length != "fixed":
            self._fault(path, "padding of a variable length, which fills every value up to the greatest one")
        elif len(padding.pad) != 1:
            self._fault(path, "padding by something else than one character")
        return form | {"justify": "right" if padding.type == "Left" else "left", "fill": padding.pad}

    def _bytes(self, field: MoovField, path: str, length: str) -> Entry:
        if field.padding is not None and field.padding.type != "None":
            self._fault(path, "padding of bytes")
        if field.enc == "Binary":
            return {"kind": "b", "encoding": "binary"}
        if field.enc != "HexToASCII":
            self._fault(path, f"enc {field.enc!r} of bytes: they are Binary or HexToASCII")
        elif length != "fixed":
            self._fault(path, "a variable length that counts bytes before they become hexadecimal")
        return {"kind": "b", "encoding": "hex", "size": field.length * 2}

    def _composite(self, field: MoovField, path: str, depth: int) -> Entry:
        if field.type != "Composite" or not field.subfields:
            self._fault(path, "a Composite has subfields, and nothing else has")
            return {}
        if field.padding is not None and field.padding.type != "None":
            self._fault(path, "padding of a composite")
        if (field.tag is None) == (field.bitmap is None):
            self._fault(path, "a composite has a tag or a bitmap, and not both")
            return {}
        if field.tag is not None and field.tag.enc == BER_TAG:
            for tag, part in field.subfields.items():
                self._ber_tag(tag, part, f"{path}.subfields.{tag}", depth + 1)
            return {"kind": "tlv", "encoding": "binary"}
        if field.tag is not None and field.tag.enc:
            return self._tagged(field, field.tag, path, depth)
        kind = self._by_bitmap(field.bitmap, path) if field.bitmap else self._by_position(field.tag, path)
        parts = {}
        for key, part in field.subfields.items():
            title = part.description or f"Part {key}"
            parts[key] = self._field(part, f"{path}.subfields.{key}", depth + 1, title, key)
        return {"kind": kind, "encoding": "binary", "parts": parts}

    def _by_position(self, tag: MoovTag | None, path: str) -> str:
        if tag is not None and tag.length:
            self._fault(f"{path}.tag", "a length of tags that have no enc")
        if tag is not None and tag.sort != BY_NUMBER:
            self._fault(
                f"{path}.tag", f"sort {tag.sort!r}: parts by position stand in the order of their numbers"
            )
        return "positional"

    def _tagged(self, field: MoovField, tag: MoovTag, path: str, depth: int) -> Entry:
        """Parts behind their tags; they all have the same kind of length, which ours says once for them."""
        place = f"{path}.tag"
        encoding, size = _TAG_ENCODINGS.get(tag.enc, "ascii"), tag.length
        if tag.enc == "BCD":
            size, odd = divmod(tag.length, 2)
            if odd:
                self._fault(place, "tags of an odd number of digits in BCD")
        if tag.enc not in _TAG_ENCODINGS:
            self._fault(place, f"enc {tag.enc!r}: tags are ASCII, EBCDIC, BCD or ASCIIToHex")
        prefixes = sorted({part.prefix for part in field.subfields.values()})
        if tag.prefUnknownTLV not in ("", *prefixes):
            self._fault(place, f"prefUnknownTLV {tag.prefUnknownTLV!r} is not the length of the parts")
        if len(prefixes) > 1:
            self._fault(path, f"parts with different lengths: {', '.join(prefixes)}")
        length, length_encoding = "fixed", None
        parts = {}
        for key, part in field.subfields.items():
            inner = f"{path}.subfields.{key}"
            entry = self._field(part, inner, depth + 1, part.description or f"Part {key}", key)
            if entry is None:
                continue
            length, length_encoding = str(entry["length"]), entry["length_encoding"]
            if length == "fixed":
                self._fault(inner, "a part behind a tag, but without a length")
            if entry["unit"] == "digits":
                self._fault(inner, "a length that counts digits, where ours counts the bytes of the part")
            parts[_padded(key, tag)] = {**entry, "length": "rest", "length_encoding": None}
        form = {
            "encoding": encoding,
            "size": size,
            "length_encoding": length_encoding,
            "length_digits": len(length),
        }
        return {"kind": "tags", "encoding": "binary", "tag": form, "parts": parts}

    def _by_bitmap(self, bitmap: MoovField, path: str) -> str:
        if (bitmap.type, bitmap.enc) != ("Bitmap", "Binary") or bitmap.length not in (0, 8):
            self._fault(f"{path}.bitmap", "a bitmap inside a field is 8 bytes, Binary")
        if not bitmap.disableAutoExpand:
            self._fault(f"{path}.bitmap", "a bitmap inside a field that grows")
        return "bitmapped"

    def _ber_tag(self, tag: str, part: MoovField, path: str, depth: int) -> None:
        """One tag, known from now on wherever BER-TLV stands: our table of tags is one."""
        if part.prefix != "BerTLV":
            self._fault(path, f"prefix {part.prefix!r} of a BER-TLV tag")
        if part.padding is not None and part.padding.type != "None":
            self._fault(path, "padding of a BER-TLV tag")
        kind = "b"
        if part.subfields:
            kind = "tlv"
            if part.tag is None or part.tag.enc != BER_TAG or depth > _DEPTH_MAXIMUM:
                self._fault(path, "a BER-TLV tag is made of BER-TLV again, or of nothing smaller")
                return
            for key, inner in part.subfields.items():
                self._ber_tag(key, inner, f"{path}.subfields.{key}", depth + 1)
        elif part.type == "String" and part.enc in ("ASCII", "Binary"):
            kind = "text"
        elif part.type not in ("Binary", "Hex") or part.enc != "Binary":
            self._fault(
                path, f"a {part.type} in {part.enc}: a tag is bytes (Binary), or a String in ASCII or Binary"
            )
        title = part.description or f"Tag {tag}"
        entry: Entry = {
            "kind": kind,
            "size": part.length or UNLIMITED,
            "title": {"en": title, "fa": title},
        }
        known = self._tags.get(tag)
        if known is None:
            self._tags[tag] = {"name": self._name(title, tag.lower()), **entry}
        elif {**known, "name": None} != {"name": None, **entry}:
            self._fault(path, "the tag is described in another way elsewhere, and our table of tags is one")

    def _name(self, title: str, number: str) -> str:
        name = _slug(title, number)
        if name in self._names:
            name = f"{name}_{number}"
        self._names.add(name)
        return name


def _slug(title: str, number: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    return slug if slug[:1].isalpha() and slug.isascii() else f"field_{number.lower()}"


def _padded(key: str, tag: MoovTag) -> str:
    """A tag as it stands on the wire."""
    if tag.padding is None or len(tag.padding.pad) != 1 or tag.padding.type == "None":
        return key
    fill = key.rjust if tag.padding.type == "Left" else key.ljust
    return fill(tag.length, tag.padding.pad)
