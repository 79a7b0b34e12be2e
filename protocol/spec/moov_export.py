"""Our specs as JSON of moov-io/iso8583. What its form cannot say on the wire is a fault that names the field.

Masks, titles in Persian, message types, response codes and character classes have no place there: they are
left out.
"""

import json

from protocol.spec.checking import SpecFault
from protocol.spec.moov_form import (
    BER_TAG,
    BITMAP,
    BY_HEXADECIMAL,
    BY_NUMBER,
    MTI,
    UNLIMITED,
    MoovField,
    MoovPadding,
    MoovSpec,
    MoovTag,
)
from protocol.spec.schema import FieldSpec, LengthEncoding, SpecDocument, TagForm, TagSpec

_ENCODINGS = {"ascii": "ASCII", "ebcdic": "EBCDIC", "ebcdic1047": "EBCDIC1047"}
_PREFIXES = {"ascii": "ASCII", "bcd": "BCD", "binary": "Binary", "ebcdic": "EBCDIC", "ebcdic1047": "EBCDIC"}
_LONGEST = "LLLL"
_TRACKS = {("35", "z"): "Track2", ("36", "z"): "Track3", ("45", "ans"): "Track1"}


def export_moov(spec: SpecDocument) -> str:
    """The JSON document of a spec, as `specs.ImportJSON` of moov-io/iso8583 reads it.

    A number of fixed length that is filled up with zeros is a Numeric there, any other a String, which keeps
    leading zeros. Raises SpecFault with everything that the form cannot say.
    """
    writer = _Writer(spec)
    document = writer.document()
    if writer.faults:
        raise SpecFault(spec.name, writer.faults)
    return json.dumps(document.model_dump(exclude_defaults=True), indent="\t", ensure_ascii=False) + "\n"


class _Writer:
    """Writes one spec; `faults` is what the form could not say."""

    def __init__(self, spec: SpecDocument) -> None:
        self.spec = spec
        self.faults: list[str] = []

    def document(self) -> MoovSpec:
        """The document, with field 0 for the message type and field 1 for the bitmap."""
        spec = self.spec
        mti = "BCD" if spec.mti_encoding == "bcd" else _ENCODINGS[spec.mti_encoding]
        is_hex = spec.bitmap_encoding == "hex"
        fields = {
            MTI: MoovField(
                type="String",
                length=4,
                description="Message Type Indicator",
                enc=mti,
                prefix=f"{_PREFIXES[spec.mti_encoding]}.Fixed",
            ),
            BITMAP: MoovField(
                type="Bitmap",
                length=spec.bitmap_bytes,
                description="Bitmap",
                enc="HexToASCII" if is_hex else "Binary",
                prefix="Hex.Fixed" if is_hex else "Binary.Fixed",
            ),
        }
        for number, field in sorted(spec.fields.items()):
            fields[str(number)] = self._field(field, f"fields.{number}", str(number))
        return MoovSpec(name=spec.title.en, fields=fields)

    def _fault(self, path: str, text: str) -> None:
        self.faults.append(f"{path}: {text}")

    def _field(self, field: FieldSpec, path: str, number: str) -> MoovField:
        form = self._form(field, path, number)
        return form.model_copy(
            update={
                "length": form.length or field.size,
                "description": field.title.en,
                "prefix": self._prefix(field, path),
            }
        )

    def _prefix(self, field: FieldSpec, path: str) -> str:
        if field.length == "fixed":
            usual = {"bcd": "BCD", "binary": "Binary", "hex": "Binary"} | _PREFIXES
            return f"{'ASCII' if field.is_composite else usual.get(field.encoding, 'ASCII')}.Fixed"
        encoding: LengthEncoding = field.length_encoding or self.spec.length_encoding
        if field.length != "rest" and len(field.length) > len(_LONGEST):
            self._fault(path, f"{field.length}: moov-io/iso8583 reads lengths to {_LONGEST}")
        return f"{_PREFIXES[encoding]}.{field.length}"

    def _form(self, field: FieldSpec, path: str, number: str) -> MoovField:
        if field.is_composite:
            return self._composite(field, path)
        if field.kind == "b":
            if field.encoding == "binary":
                return MoovField(type="Binary", enc="Binary")
            if field.length != "fixed":
                self._fault(path, "a variable length that counts characters of hexadecimal")
            return MoovField(type="Hex", enc="HexToASCII", length=field.size // 2)
        if field.encoding == "bcd":
            return self._packed(field, path)
        if field.encoding not in _ENCODINGS:
            self._fault(path, f"text in {field.encoding}")
        if field.encoding == "ebcdic" and field.kind not in ("n", "z"):
            self._fault(path, "text in IBM-037: moov-io/iso8583 writes ! [ ] ^ | as no IBM code page does")
        return MoovField(
            type=_TRACKS.get((number, field.kind), self._type(field)),
            enc=_ENCODINGS.get(field.encoding, ""),
            padding=_padding(field),
        )

    def _packed(self, field: FieldSpec, path: str) -> MoovField:
        if field.kind == "z":
            self._fault(path, "a packed track: moov-io/iso8583 packs only digits")
        length = 0
        if field.unit == "bytes":
            if field.length != "fixed":
                self._fault(path, "a variable length that counts bytes of BCD")
            length = field.size * 2
        encoding = "LBCD" if field.pad == "right" else "BCD"
        return MoovField(type=self._type(field), enc=encoding, length=length, padding=_padding(field))

    def _type(self, field: FieldSpec) -> str:
        is_number = field.kind == "n" and (field.justify, field.fill) == ("right", "0")
        return "Numeric" if is_number else "String"

    def _composite(self, field: FieldSpec, path: str) -> MoovField:
        if field.kind == "tlv":
            return self._tlv(path)
        if field.tag is not None:
            return self._tagged(field, field.tag, path)
        parts = {
            key: self._field(part, f"{path}.parts.{key}", "") for key, part in sorted(field.parts.items())
        }
        if field.kind == "positional":
            return MoovField(type="Composite", tag=MoovTag(sort=BY_NUMBER), subfields=parts)
        bitmap = MoovField(
            type="Bitmap",
            length=8,
            description="Bitmap",
            enc="Binary",
            prefix="Binary.Fixed",
            disableAutoExpand=True,
        )
        return MoovField(type="Composite", subfields=parts, bitmap=bitmap)

    def _tagged(self, field: FieldSpec, form: TagForm, path: str) -> MoovField:
        length = f"{_PREFIXES[form.length_encoding]}.{'L' * form.length_digits}"
        parts = {}
        for key, part in sorted(field.parts.items()):
            inner = f"{path}.parts.{key}"
            if part.length not in ("fixed", "rest"):
                self._fault(inner, "a part with a second length behind that of its element")
            if part.encoding in ("bcd", "hex"):
                self._fault(inner, f"a part in {part.encoding}, whose length counts bytes")
            parts[key] = self._field(part, inner, "").model_copy(update={"prefix": length})
        tag = MoovTag(
            length=form.size,
            enc="ASCIIToHex" if form.encoding == "binary" else _ENCODINGS[form.encoding],
            sort=BY_NUMBER if all(key.isdecimal() for key in parts) else BY_HEXADECIMAL,
            skipUnknownTLVTags=True,
            storeUnknownTLVTags=True,
            prefUnknownTLV=length,
        )
        return MoovField(type="Composite", tag=tag, subfields=parts)

    def _tlv(self, path: str) -> MoovField:
        tags = self.spec.tags
        simple = {tag: _tag(spec) for tag, spec in sorted(tags.items()) if spec.kind != "tlv"}
        if not simple:
            self._fault(path, "BER-TLV without any known tag")
        form = MoovTag(enc=BER_TAG, sort=BY_HEXADECIMAL, skipUnknownTLVTags=True, storeUnknownTLVTags=True)
        parts = {
            tag: simple[tag]
            if tag in simple
            else _tag(spec).model_copy(
                update={"type": "Composite", "enc": "", "tag": form, "subfields": simple}
            )
            for tag, spec in sorted(tags.items())
        }
        return MoovField(type="Composite", tag=form, subfields=parts)


def _padding(field: FieldSpec) -> MoovPadding | None:
    if field.fill is None:
        return None
    return MoovPadding(type="Left" if field.justify == "right" else "Right", pad=field.fill)


def _tag(spec: TagSpec) -> MoovField:
    """Digits are the hexadecimal text of their bytes; text is UTF-8, so its bytes are written as they are."""
    return MoovField(
        type="String" if spec.kind == "text" else "Hex",
        length=spec.size // 2 if spec.kind == "n" else 0 if spec.size == UNLIMITED else spec.size,
        description=spec.title.en,
        enc="Binary",
        prefix="BerTLV",
    )
