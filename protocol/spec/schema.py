"""The published form of a message spec; a wrong spec reports all its faults at once.

A field is described along independent axes: what it holds (kind), how that is written (encoding), how long it
is (length, size, unit) and how it is filled up (pad, justify).
"""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

FORMAT_VERSION = 1
SCHEMA_URN = "urn:vafa:message-spec:1"

Kind = Literal["n", "an", "ans", "z", "text", "b", "tlv", "tags", "positional", "bitmapped"]
Encoding = Literal["bcd", "ascii", "ebcdic", "ebcdic1047", "utf8", "binary", "hex"]
LengthEncoding = Literal["bcd", "ascii", "ebcdic", "ebcdic1047", "binary"]
Mask = Literal["pan", "track", "wipe"]
FieldNumber = Annotated[int, Field(ge=2, le=192)]
MessageType = Annotated[str, Field(pattern=r"^[0-9]{4}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Tag = Annotated[str, Field(pattern=r"^([0-9A-F]{2}){1,3}$")]

COMPOSITES: frozenset[str] = frozenset(("tlv", "tags", "positional", "bitmapped"))
LENGTH_DIGITS = {"fixed": 0, "rest": 0, "L": 1, "LL": 2, "LLL": 3, "LLLL": 4, "LLLLL": 5, "LLLLLL": 6}
# Their bits announce a further word of the bitmap.
NEVER_A_FIELD = (65, 129)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Title(_Part):
    """A name for people."""

    en: str = Field(min_length=1)
    fa: str = Field(min_length=1)


class TagForm(_Part):
    """How the elements of a `tags` composite start: a tag of fixed size, then a length of fixed size."""

    encoding: Literal["ascii", "ebcdic", "binary"] = "ascii"
    size: int = Field(ge=1, le=4, description="characters or bytes of a tag")
    length_encoding: LengthEncoding = "ascii"
    length_digits: int = Field(ge=1, le=4, description="digits of a length; bytes where it is binary")


class FieldSpec(_Part):
    """One field, or one part of a composite field."""

    name: Name
    kind: Kind = Field(
        description="n digits, an letters and digits, ans printable, z track, text any, b bytes"
    )
    encoding: Encoding
    length: Literal["fixed", "L", "LL", "LLL", "LLLL", "LLLLL", "LLLLLL", "rest"] = Field(
        description="rest: a part of a `tags` composite that fills its element"
    )
    size: int = Field(ge=1, le=999_999, description="the fixed or the greatest length, counted in `unit`")
    unit: Literal["digits", "bytes"] = Field(description="digits of BCD, or bytes as encoded")
    length_encoding: LengthEncoding | None = Field(None, description="in place of the spec's own")
    pad: Literal["left", "right"] | None = Field(None, description="side of the nibble that fills an odd BCD")
    justify: Literal["left", "right"] | None = Field(None, description="side of a text that is too short")
    fill: Annotated[str, Field(min_length=1, max_length=1)] | None = Field(
        None, description="what fills it up"
    )
    mask: Mask | None = None
    title: Title
    tag: TagForm | None = Field(None, description="of a `tags` composite")
    parts: dict[str, "FieldSpec"] = Field({}, description="of a composite: by number, or by tag")

    @model_validator(mode="after")
    def _axes_agree(self) -> Self:
        faults = list(self._faults())
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _faults(self) -> Iterator[str]:
        if self.kind in ("n", "an", "ans", "z", "text"):
            yield from self._text_faults()
        elif self.kind == "b":
            if self.encoding not in ("binary", "hex"):
                yield "b is binary or hex"
        elif self.encoding != "binary":
            yield f"{self.kind} is binary: its parts have encodings of their own"
        if self.unit == "digits" and self.encoding != "bcd":
            yield "only BCD is counted in digits"
        if self.unit == "digits" and self.length == "rest":
            yield "what fills its element is counted in bytes"
        if self.length_encoding is not None:
            yield from self.length_faults(self.length_encoding)
        can_be_odd = self.unit == "digits" and (self.length != "fixed" or self.size % 2 == 1)
        if can_be_odd != (self.pad is not None):
            yield "pad is for BCD that can have an odd number of digits, and needed there"
        if (self.justify is not None) != (self.fill is not None):
            yield "justify and fill go together"
        if self.justify is not None and (self.kind == "b" or self.is_composite or self.length != "fixed"):
            yield "only a text of fixed length can be justified"
        if self.encoding == "bcd" and self.fill is not None and not "0" <= self.fill <= "9":
            yield "BCD is filled with a digit"
        yield from self._composite_faults()

    def length_faults(self, encoding: LengthEncoding) -> Iterator[str]:
        """Whether a length in this encoding can count to `size`; a binary one takes a byte for each L."""
        most = (256 if encoding == "binary" else 10) ** LENGTH_DIGITS[self.length] - 1
        if LENGTH_DIGITS[self.length] and self.size > most:
            yield f"{self.length} counts to {most}"

    def _text_faults(self) -> Iterator[str]:
        if self.encoding in ("binary", "hex"):
            yield f"{self.kind} is text: BCD, ASCII, EBCDIC or UTF-8"
        if self.encoding == "bcd" and self.kind not in ("n", "z"):
            yield "only n and z can be BCD"
        if self.encoding == "utf8" and self.kind != "text":
            yield "only text can be UTF-8"

    def _composite_faults(self) -> Iterator[str]:
        if self.parts and (not self.is_composite or self.kind == "tlv"):
            yield f"{self.kind} has no parts"
        if not self.parts and self.kind in ("positional", "bitmapped", "tags"):
            yield f"{self.kind} needs parts"
        if self.kind != "tags" and any(part.length == "rest" for part in self.parts.values()):
            yield "only a part of a `tags` composite fills its element"
        if (self.kind == "tags") != (self.tag is not None):
            yield "tag is for `tags` composites, and needed there"
        if self.kind in ("positional", "bitmapped"):
            numbers = [key for key in self.parts if not key.isdecimal() or int(key) < 1]
            if numbers:
                yield "parts of a positional or bitmapped field are numbered from 1"
            elif self.kind == "bitmapped" and any(int(key) > 64 for key in self.parts):
                yield "a bitmap inside a field has at most 64 bits"
        if self.tag is not None:
            width = self.tag.size * (2 if self.tag.encoding == "binary" else 1)
            wrong = sorted(key for key in self.parts if len(key) != width)
            if wrong:
                yield f"tags {', '.join(wrong)} do not have {width} characters"

    @property
    def is_composite(self) -> bool:
        """Whether its value is a mapping."""
        return self.kind in COMPOSITES


class TagSpec(_Part):
    """One BER-TLV tag; `size` counts digits for n (fixed), bytes for the others (at most).

    A `tlv` tag is constructed: its content is BER-TLV again, read by the same table.
    """

    name: Name
    kind: Literal["n", "text", "b", "tlv"]
    size: int = Field(ge=1, le=9999)
    mask: Mask | None = None
    title: Title

    @model_validator(mode="after")
    def _whole_bytes(self) -> Self:
        if self.kind == "n" and self.size % 2:
            raise ValueError("a numeric tag has an even number of digits")
        return self


class MessageTypeSpec(_Part):
    """Which fields a message type has. The bitmap and the MAC are not listed."""

    title: Title
    mandatory: tuple[FieldNumber, ...]
    one_of: tuple[tuple[FieldNumber, ...], ...] = Field((), description="exactly one of each group")
    conditional: dict[FieldNumber, Title] = Field({}, description="may be there; the title says when it must")
    optional: tuple[FieldNumber, ...] = ()
    echo: tuple[FieldNumber, ...] = Field((), description="what a response copies from its request")

    @property
    def listed(self) -> list[int]:
        """All fields that the type may have, as often as they are named."""
        groups = [number for group in self.one_of for number in group]
        return [*self.mandatory, *groups, *self.conditional, *self.optional]


class ResponseCodeSpec(_Part):
    """One value of the response code field."""

    name: Name
    title: Title


class SpecDocument(_Part):
    """A whole message spec."""

    format: Literal[1]
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    version: int = Field(ge=1)
    title: Title
    mti_encoding: Literal["bcd", "ascii", "ebcdic", "ebcdic1047"]
    bitmap_encoding: Literal["binary", "hex"]
    bitmap_bytes: Literal[8, 16] = Field(
        8, description="8: more where bit 1 announces them; 16: always so many, and bit 1 is never set"
    )
    length_encoding: LengthEncoding
    characters: Literal["codec", "validate"] = Field(
        "codec", description="who judges the characters of text fields: the codec, or only `validate`"
    )
    sealed: bool = Field(False, description="whether every message ends with a MAC in field 64 or 128")
    payload_maximum_bytes: int = Field(ge=16, le=0xFFFF)
    fields: dict[FieldNumber, FieldSpec]
    tags: dict[Tag, TagSpec] = {}
    messages: dict[MessageType, MessageTypeSpec] = {}
    response_codes: dict[Annotated[str, Field(pattern=r"^[0-9A-Z]{2,3}$")], ResponseCodeSpec] = {}

    def __hash__(self) -> int:
        # A loaded spec is one immutable object; codecs compiled from it are cached by its identity.
        return id(self)

    def echo_of(self, response_mti: str) -> tuple[int, ...]:
        """Fields that a response of this type copies from its request.

        A response of a type that the spec lacks copies those that tell whose request it was.
        """
        message = self.messages.get(response_mti)
        return message.echo if message else tuple(number for number in (7, 11, 41) if number in self.fields)

    @model_validator(mode="after")
    def _references_exist(self) -> Self:
        faults = [
            *self._field_faults(),
            *self._name_faults(),
            *self._message_faults(),
            *self._mac_faults(),
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _field_faults(self) -> Iterator[str]:
        if self.bitmap_bytes == 16 and max(self.fields, default=0) > 128:
            yield f"fields.{max(self.fields)}: a bitmap of 16 bytes ends with field 128"
        for number in sorted(set(self.fields).intersection(NEVER_A_FIELD)):
            yield f"fields.{number}: this bit announces a further bitmap and never has a value"
        for number, field in sorted(self.fields.items()):
            if field.length == "rest":
                yield f"fields.{number}: only a part of a `tags` composite fills its element"
            yield from self._length_faults(field, f"fields.{number}")

    def _length_faults(self, field: FieldSpec, path: str) -> Iterator[str]:
        if field.length_encoding is None:
            for fault in field.length_faults(self.length_encoding):
                yield f"{path}: {fault}"
        for key, part in field.parts.items():
            yield from self._length_faults(part, f"{path}.parts.{key}")

    def _name_faults(self) -> Iterator[str]:
        names = [field.name for field in self.fields.values()] + [tag.name for tag in self.tags.values()]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"name {name} stands twice"

    def _message_faults(self) -> Iterator[str]:
        for mti, message in self.messages.items():
            listed = message.listed
            for number in sorted({*listed, *message.echo} - set(self.fields)):
                yield f"message {mti}: field {number} is not defined"
            for number in sorted({number for number in listed if listed.count(number) > 1}):
                yield f"message {mti}: field {number} stands twice"
            for number in sorted(set(message.echo) - set(listed)):
                yield f"message {mti}: echoes field {number}, which it may not have"

    def _mac_faults(self) -> Iterator[str]:
        if not self.sealed:
            return
        for number in (64, 128):
            field = self.fields.get(number)
            if field is None or (field.kind, field.encoding, field.length, field.size) != (
                "b",
                "binary",
                "fixed",
                8,
            ):
                yield f"field {number} of a sealed spec is the MAC: 8 binary bytes"
