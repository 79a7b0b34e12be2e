"""The JSON form of message specs of github.com/moov-io/iso8583 (its `specs.ImportJSON`), as it stands."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from protocol.spec.schema import Encoding, LengthEncoding, Mask

TEXT_ENCODINGS: dict[str, Encoding] = {"ASCII": "ascii", "EBCDIC1047": "ebcdic1047"}
PREFIX_ENCODINGS: dict[str, LengthEncoding] = {
    "ASCII": "ascii",
    "BCD": "bcd",
    "Binary": "binary",
    "EBCDIC": "ebcdic",
    "EBCDIC1047": "ebcdic1047",
}
# What stands in logs of these fields is the same in every dialect, so a spec that has no masks gets them.
MASKS: dict[str, Mask] = {
    "2": "pan",
    "34": "pan",
    "35": "track",
    "36": "track",
    "45": "track",
    "52": "wipe",
    "55": "wipe",
    "102": "pan",
    "103": "pan",
}
MTI, BITMAP = "0", "1"
BER_TAG = "BerTLVTag"
BY_NUMBER, BY_HEXADECIMAL = "StringsByInt", "StringsByHex"
# A tag without a length of its own.
UNLIMITED = 9999


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class MoovPadding(_Form):
    """What fills a short value up."""

    type: Literal["Left", "Right", "None"]
    pad: str


class MoovTag(_Form):
    """How the parts of a composite are told apart."""

    length: int = 0
    enc: str = ""
    padding: MoovPadding | None = None
    sort: str = ""
    skipUnknownTLVTags: bool = False  # noqa: N815  (names of the JSON form)
    storeUnknownTLVTags: bool = False  # noqa: N815
    prefUnknownTLV: str = ""  # noqa: N815


class MoovField(_Form):
    """One field, or one part of a composite."""

    type: str = ""
    length: Annotated[int, Field(ge=0)] = 0
    description: str = ""
    enc: str = ""
    prefix: str = ""
    padding: MoovPadding | None = None
    tag: MoovTag | None = None
    subfields: dict[str, "MoovField"] = {}
    bitmap: "MoovField | None" = None
    disableAutoExpand: bool = False  # noqa: N815


class MoovSpec(_Form):
    """A whole spec; field 0 is the message type, field 1 the bitmap."""

    name: str = ""
    fields: dict[str, MoovField]
