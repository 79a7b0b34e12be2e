"""A message as JSON and back, without loss.

    {"mti": "0200", "fields": {"4": "000002500000", "48": {"DF01": "000000000250", "DF7F": "00FF"}}}

Text is text, bytes are upper-case hexadecimal digits, composite fields are objects by tag or part number. The
spec says which is which; tags that it does not name are bytes. Fields ascend, tags stand as on the wire.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping

from protocol.codec.field import field_codec
from protocol.codec.table import codec_table
from protocol.codec.tlv import MAXIMUM_DEPTH, tlv_content
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Message, Value
from protocol.spec import FieldSpec, SpecDocument

_FIELD_NUMBER = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)
_TAG = re.compile(r"([0-9A-F]{2}){1,3}", re.ASCII)
_PART_NUMBER = re.compile(r"[1-9][0-9]?", re.ASCII)
_BYTES = re.compile(r"([0-9A-F]{2})*", re.ASCII)


class JsonFaults(ProtocolFault):
    """A JSON document is no message of the spec; `faults` are all its faults, the first of them is this one.

    Paths hold names from the document only where these have the form of a field number or tag.
    """

    def __init__(self, faults: list[ProtocolFault]) -> None:
        first = faults[0]
        self.faults = tuple(faults)
        super().__init__(first.code, first.path, expected=first.expected, actual=first.actual, side="local")


class NotJson(ValueError):  # noqa: N818  (it says so)
    """Text is not JSON, or names a key twice; `line` and `column` count from 1, 0 where unknown."""

    def __init__(self, reason: str, line: int = 0, column: int = 0) -> None:
        self.line = line
        self.column = column
        super().__init__(f"{reason} at line {line} column {column}" if line else reason)


def to_json(message: Message) -> dict[str, object]:
    """The message as what `json.dumps` takes. Values are real: they are not masked."""
    fields = {str(number): _to_json(message.fields[number]) for number in sorted(message.fields)}
    return {"mti": message.mti, "fields": fields}


def from_json(spec: SpecDocument, document: object) -> Message:
    """The message of a document. Raises JsonFaults with all in it that the spec's forms do not allow."""
    reader = _Reader(spec)
    message = reader.message(document)
    if reader.faults:
        raise JsonFaults(reader.faults)
    return message


def parse_documents(text: str) -> list[object]:
    """The documents in a text: one, several one behind the other, or the members of an array.

    Raises NotJson, which holds nothing of the text.
    """
    decoder = json.JSONDecoder(object_pairs_hook=_without_repeats)
    documents: list[object] = []
    position = 0
    while (position := _behind_spaces(text, position)) < len(text):
        try:
            document, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise NotJson(error.msg, error.lineno, error.colno) from None
        except RecursionError:
            raise NotJson("nested too deep") from None
        documents += document if isinstance(document, list) else [document]
    return documents


def _to_json(value: Value) -> object:
    if isinstance(value, bytes):
        return value.hex().upper()
    if isinstance(value, str):
        return value
    return {key: _to_json(content) for key, content in value.items()}


class _Reader:
    def __init__(self, spec: SpecDocument) -> None:
        self.spec = spec
        self.faults: list[ProtocolFault] = []

    def message(self, document: object) -> Message:
        if not isinstance(document, dict):
            self._refuse(FaultCode.WRONG_VALUE_TYPE, "message")
            return Message("")
        if set(document) - {"mti", "fields"}:
            self._refuse(FaultCode.UNKNOWN_FIELD, "message")
        mti = document.get("mti")
        if not isinstance(mti, str):
            self._refuse(FaultCode.WRONG_VALUE_TYPE if "mti" in document else FaultCode.MISSING_FIELD, "mti")
            mti = ""
        elif not re.fullmatch(r"[0-9]{4}", mti):
            self._refuse(FaultCode.BAD_MESSAGE_TYPE, "mti")
        fields = document.get("fields")
        if not isinstance(fields, dict):
            code = FaultCode.WRONG_VALUE_TYPE if "fields" in document else FaultCode.MISSING_FIELD
            self._refuse(code, "fields")
            fields = {}
        return Message(mti, dict(sorted(self._fields(fields))))

    def _fields(self, fields: Mapping[str, object]) -> Iterator[tuple[int, Value]]:
        table = codec_table(self.spec)
        for key, content in fields.items():
            if not _FIELD_NUMBER.fullmatch(key):
                self._refuse(FaultCode.UNKNOWN_FIELD, "fields")
                continue
            field = self.spec.fields.get(int(key))
            codec = table.fields[int(key)] if field else None
            if field is None or codec is None:
                self._refuse(FaultCode.UNKNOWN_FIELD, key)
                continue
            known = len(self.faults)
            value = self._value(field, content, key)
            if len(self.faults) == known:
                # The parts fit; whether the whole does only the codec of the whole can say.
                self._try(codec.write, value)
            yield int(key), value

    def _value(self, field: FieldSpec, content: object, path: str) -> Value:
        if field.kind == "b":
            return self._bytes(content, path)
        if not field.is_composite:
            return self._text(content, path)
        if not isinstance(content, dict):
            self._refuse(FaultCode.WRONG_VALUE_TYPE, path)
            return {}
        if field.kind == "tlv":
            return self._tags(content, path, 1)
        return self._parts(field, content, path)

    def _tags(self, content: Mapping[str, object], path: str, depth: int) -> Value:
        if depth > MAXIMUM_DEPTH:
            self._refuse(FaultCode.NESTED_TOO_DEEP, path)
            return {}
        found: dict[str, Value] = {}
        codec = tlv_content(self.spec.tags, path)
        for tag, inner in content.items():
            if not _TAG.fullmatch(tag):
                self._refuse(FaultCode.BAD_TAG, path)
                continue
            known = len(self.faults)
            spec = self.spec.tags.get(tag)
            where = f"{path}.{tag}"
            if spec is not None and spec.kind == "tlv":
                if isinstance(inner, dict):
                    found[tag] = self._tags(inner, where, depth + 1)
                else:
                    self._refuse(FaultCode.WRONG_VALUE_TYPE, where)
                    continue
            elif spec is None or spec.kind == "b":
                found[tag] = self._bytes(inner, where)
            else:
                found[tag] = self._text(inner, where)
            if len(self.faults) == known:
                self._try(codec.build, {tag: found[tag]})
        return found

    def _parts(self, field: FieldSpec, content: Mapping[str, object], path: str) -> Value:
        found: dict[str, Value] = {}
        for key, inner in content.items():
            part = field.parts.get(key)
            if part is None:
                if field.tag is None or len(key) != field.tag.size * (1 + (field.tag.encoding == "binary")):
                    code = FaultCode.UNKNOWN_FIELD if field.tag is None else FaultCode.BAD_TAG
                    self._refuse(code, f"{path}.{key}" if _PART_NUMBER.fullmatch(key) else path)
                    continue
                found[key] = self._bytes(inner, f"{path}.{key}")
                continue
            where = f"{path}.{key}"
            known = len(self.faults)
            found[key] = self._value(part, inner, where)
            if len(self.faults) == known:
                self._try(field_codec(self.spec, part, where).write, found[key])
        if field.kind in ("positional", "bitmapped"):
            return {key: found[key] for key in sorted(found, key=int)}
        return found

    def _text(self, content: object, path: str) -> str:
        if isinstance(content, str):
            return content
        self._refuse(FaultCode.WRONG_VALUE_TYPE, path)
        return ""

    def _bytes(self, content: object, path: str) -> bytes:
        text = self._text(content, path)
        if not _BYTES.fullmatch(text):
            self._refuse(FaultCode.BAD_CHARACTER, path)
            return b""
        return bytes.fromhex(text)

    def _try(self, write: Callable[[Value], object], value: Value) -> None:
        """Let a codec judge what it would write."""
        try:
            write(value)
        except ProtocolFault as fault:
            self.faults.append(fault)

    def _refuse(self, code: FaultCode, path: str) -> None:
        self.faults.append(ProtocolFault(code, path, side="local"))


def _behind_spaces(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("a key stands twice in one object")
    return found
