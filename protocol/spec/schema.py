"""The published form of a message spec; a wrong spec reports all its faults at once."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

FORMAT_VERSION = 1

Kind = Literal["n", "an", "ans", "z", "b", "tlv"]
TagKind = Literal["n", "text", "b"]
Mask = Literal["pan", "track", "wipe"]
FieldNumber = Annotated[int, Field(ge=2, le=128)]
MessageType = Annotated[str, Field(pattern=r"^\d{4}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Title(_Part):
    """A name for people."""

    en: str = Field(min_length=1)
    fa: str = Field(min_length=1)


class FieldSpec(_Part):
    """One field of the bitmap, each property an axis of its own."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Kind
    encoding: Literal["bcd", "ascii", "binary"]
    length: Literal["fixed", "LL", "LLL"]
    size: int = Field(ge=1, le=999)
    unit: Literal["digits", "bytes"]
    pad: Literal["left", "right"] | None = None
    justify: Literal["left"] | None = None
    mask: Mask | None = None
    title: Title

    @model_validator(mode="after")
    def _axes_agree(self) -> Self:
        if (self.encoding == "bcd") != (self.unit == "digits"):
            raise ValueError("BCD is counted in digits, everything else in bytes")
        if self.encoding == "bcd" and self.kind not in ("n", "z"):
            raise ValueError("only n and z can be BCD")
        if self.kind in ("b", "tlv") and self.encoding != "binary":
            raise ValueError(f"{self.kind} is binary")
        if self.length == "LL" and self.size > 99:
            raise ValueError("LL counts to 99")
        may_be_odd = self.unit == "digits" and (self.length != "fixed" or self.size % 2 == 1)
        if may_be_odd != (self.pad is not None):
            raise ValueError("pad is for BCD that can have an odd number of digits, and needed there")
        if self.justify is not None and (self.kind != "ans" or self.length != "fixed"):
            raise ValueError("only fixed ans can be justified")
        return self


class TagSpec(_Part):
    """One BER-TLV tag; `size` counts digits for n (fixed), bytes for text and b (at most)."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: TagKind
    size: int = Field(ge=1, le=255)
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
    one_of: tuple[tuple[FieldNumber, ...], ...] = ()
    optional: tuple[FieldNumber, ...] = ()
    echo: tuple[FieldNumber, ...] = ()


class ResponseCodeSpec(_Part):
    """One value of field 39."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Title


class SpecDocument(_Part):
    """A whole message spec."""

    format: Literal[1]
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    version: int = Field(ge=1)
    title: Title
    mti_encoding: Literal["bcd"]
    bitmap_encoding: Literal["binary"]
    length_encoding: Literal["bcd"]
    frame_maximum_bytes: int = Field(ge=16, le=0xFFFF)
    fields: dict[FieldNumber, FieldSpec]
    tags: dict[Annotated[str, Field(pattern=r"^([0-9A-F]{2}){1,3}$")], TagSpec] = {}
    messages: dict[MessageType, MessageTypeSpec]
    response_codes: dict[Annotated[str, Field(pattern=r"^[0-9A-Z]{2}$")], ResponseCodeSpec]

    def __hash__(self) -> int:
        # A loaded spec is one immutable object; codecs compiled from it are cached by its identity.
        return id(self)

    @model_validator(mode="after")
    def _references_exist(self) -> Self:
        faults: list[str] = []
        names = [field.name for field in self.fields.values()] + [tag.name for tag in self.tags.values()]
        faults += [f"name {name} stands twice" for name in sorted({n for n in names if names.count(n) > 1})]
        for mti, message in self.messages.items():
            groups = [number for group in message.one_of for number in group]
            listed = [*message.mandatory, *groups, *message.optional]
            for number in sorted({*listed, *message.echo} - set(self.fields)):
                faults.append(f"message {mti}: field {number} is not defined")
            for number in sorted({n for n in listed if listed.count(n) > 1}):
                faults.append(f"message {mti}: field {number} stands twice")
            for number in sorted(set(message.echo) - set(listed)):
                faults.append(f"message {mti}: echoes field {number}, which it may not have")
        for mac in (64, 128):
            if mac in self.fields and (self.fields[mac].kind, self.fields[mac].length) != ("b", "fixed"):
                faults.append(f"field {mac} is the MAC: binary and fixed")
        if faults:
            raise ValueError("; ".join(faults))
        return self
