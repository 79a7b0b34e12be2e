"""The published form of a script, format 1. A wrong script reports all its faults at once.

Texts may hold references in braces, as "{amount}" or "{sale.rrn}": see `simulator.scripts.references`.
"""

import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from protocol.spec.schema import Title

SCHEMA_URN = "urn:vafa:script:1"
WAIT_MAX_MS = 600_000
DEPTH_MAX = 4

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Text = Annotated[str, Field(max_length=2048)]
Scalar = Text | Annotated[int, Field(ge=0)]
Reference = Annotated[str, Field(pattern=r"^\{[^{}]+\}$", max_length=80)]
# A number, or a reference that gives one.
Amount = Annotated[int, Field(ge=0)] | Reference
Milliseconds = Annotated[int, Field(ge=0, le=WAIT_MAX_MS)]
Key = Annotated[str, Field(pattern=r"^([0-9]{1,3}|[A-Z][0-9A-F]{3}|[a-z][a-z0-9_]*)$")]
MessageType = Annotated[str, Field(pattern=r"^[0-9]{4}$")]
Hexadecimal = Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{2}| )*$", max_length=200_000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Matcher(_Part):
    """What a value must be; everything that is given must hold."""

    is_: Scalar | None = Field(None, alias="is", description="exactly this")
    echo: bool | None = Field(None, description="true: as in the message that this answers")
    present: bool | None = Field(None, description="true: any value")
    absent: bool | None = Field(None, description="true: the field must not be there")
    pattern: Annotated[str, Field(max_length=200)] | None = Field(
        None, description="a regular expression for the whole value"
    )
    one_of: Annotated[list[Scalar], Field(min_length=1, max_length=64)] | None = None
    least: Amount | None = Field(None, description="a number, at least this")
    most: Amount | None = Field(None, description="a number, at most this")
    clock_within_s: Annotated[int, Field(ge=1, le=86_400)] | None = Field(
        None, description="a time in UTC, MMDDhhmmss or YYYYMMDDhhmmss, so near to our clock"
    )
    capture: Name | None = Field(None, description="keep the value under this name")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        given = self.model_fields_set
        if not given:
            raise ValueError("say what the value must be")
        if any(getattr(self, flag) is False for flag in ("echo", "present", "absent")):
            raise ValueError("echo, present and absent are true or not there")
        if self.absent and given != {"absent"}:
            raise ValueError("what is absent can't be anything else")
        if self.pattern is not None:
            try:
                re.compile(self.pattern)
            except re.error as error:
                raise ValueError(f"pattern: {error}") from None
        return self


Expectation = Scalar | Matcher
Values = dict[Key, Scalar]
Expectations = dict[Key, Expectation]


class Delay(_Part):
    """The frame leaves late, and the script waits for it."""

    kind: Literal["delay"]
    ms: Milliseconds


class LateReply(_Part):
    """The frame leaves late, and the script goes on meanwhile."""

    kind: Literal["late_reply"]
    ms: Milliseconds


class Drop(_Part):
    """The frame never leaves."""

    kind: Literal["drop"]


class Duplicate(_Part):
    """The frame leaves several times."""

    kind: Literal["duplicate"]
    times: int = Field(2, ge=2, le=100)


class Truncate(_Part):
    """The payload ends early, in a frame of the right length."""

    kind: Literal["truncate"]
    keep_bytes: Amount


class Reorder(_Part):
    """The frame leaves behind the next one."""

    kind: Literal["reorder"]


class WrongMac(_Part):
    """The MAC is made with another key."""

    kind: Literal["wrong_mac"]


class CutMidFrame(_Part):
    """The link is closed in the middle of the frame."""

    kind: Literal["cut_mid_frame"]
    at_byte: Amount | None = Field(None, description="of the frame, its length included; else half of it")


class Garbage(_Part):
    """Bytes that are no message stand in a frame of their own in front."""

    kind: Literal["garbage"]
    hex: Hexadecimal | Reference


class WrongLength(_Part):
    """The frame announces another length than its payload has."""

    kind: Literal["wrong_length"]
    announce_bytes: Annotated[int, Field(ge=0, le=0xFFFF)]


class Overwrite(_Part):
    """Bytes of the payload are others."""

    kind: Literal["overwrite"]
    at_byte: Amount
    hex: Hexadecimal | Reference
    reseal: bool = Field(True, description="the MAC covers the other bytes")


Fault = Annotated[
    Delay
    | LateReply
    | Drop
    | Duplicate
    | Truncate
    | Reorder
    | WrongMac
    | CutMidFrame
    | Garbage
    | WrongLength
    | Overwrite,
    Field(discriminator="kind"),
]


class Connect(_Part):
    """Open a link to the peer, or as `switch` wait for one."""

    do: Literal["connect"]
    within_ms: Milliseconds | None = None


class Disconnect(_Part):
    """Close the link, at once and without farewell."""

    do: Literal["disconnect"]


class Network(_Part):
    """An exchange of network messages: asked for by a terminal, waited for and answered by a switch."""

    do: Literal["sign_on", "sign_off", "key_change", "echo"]
    terminal: Text | None = None
    response_code: Annotated[str, Field(pattern=r"^[0-9]{2}$")] = "00"
    within_ms: Milliseconds | None = None


class _Outgoing(_Part):
    name: Name | None = Field(None, description="by which later steps refer to this message")
    fields: Values = Field({}, description="by number or name; the others are filled in")
    tags: Values = Field({}, description="of field 48, by tag or name; bytes as hexadecimal digits")
    record: Values = Field({}, description="tags of field 120")
    without: list[Key] = Field([], description="fields that are left out")
    fault: Fault | None = None


class Send(_Outgoing):
    """A message of our own."""

    do: Literal["send"]
    message: MessageType
    terminal: Text | None = Field(None, description="who sends it; else the profile's terminal")
    like: Name | None = Field(None, description="the fields of this earlier message, its identity too")
    reverses: Name | None = Field(None, description="the earlier message that field 90 names")

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if self.like is not None and self.reverses is not None:
            raise ValueError("like and reverses exclude each other")
        return self


class Answer(_Outgoing):
    """The response to a request that came; what the spec echoes is copied."""

    do: Literal["answer"]
    to: Name | None = Field(None, description="the request; else the last one that was expected")
    message: MessageType | None = Field(None, description="in place of the right type")
    response_code: Annotated[str, Field(pattern=r"^[0-9A-Z]{2}$")] = "00"


class Expect(_Part):
    """A message must come, with these values."""

    do: Literal["expect"]
    message: MessageType = Field(
        description="a request's type stands for its repeat too, unless that is said"
    )
    name: Name | None = None
    to: Name | None = Field(None, description="the request that is answered; else the last one sent")
    fields: Expectations = {}
    tags: Expectations = {}
    record: Expectations = {}
    new_key: bool = Field(
        False, description="true: sealed with the key of the last key change, not before it"
    )
    within_ms: Milliseconds | None = None


class Silence(_Part):
    """Nothing must come, or have come, that no step has taken."""

    do: Literal["silence"]
    for_ms: Milliseconds


class Closed(_Part):
    """The peer must close the link; a frame that comes before is a failure."""

    do: Literal["closed"]
    within_ms: Milliseconds | None = None


class Wait(_Part):
    """Let time pass."""

    do: Literal["wait"]
    for_ms: Milliseconds


class Raw(_Part):
    """Bytes as they are."""

    do: Literal["raw"]
    hex: Hexadecimal
    framed: bool = Field(True, description="whether the length is put in front")


class ClockJump(_Part):
    """Our clock is other from now on: fields 7, 12, 13 and tag DF0B."""

    do: Literal["clock_jump"]
    seconds: Annotated[int, Field(ge=-366 * 86_400, le=366 * 86_400)]


class Ask(_Part):
    """Have whoever stands at the terminal under test do something."""

    do: Literal["ask"]
    what: Name = Field(description="for programs: purchase, redemption, balance, power_cut, …")
    amount: Amount | None = None
    text: Title


class Set(_Part):
    """Give variables a value."""

    do: Literal["set"]
    variables: dict[Name, Scalar]


class Each(_Part):
    """The steps for every row of a table, whose columns are variables then, or for every number."""

    do: Literal["each"]
    table: Name | None = None
    number: Name | None = Field(None, description="the variable that counts")
    first: Amount = 1
    last: Amount | None = Field(None, description="counted too")
    by: Annotated[int, Field(ge=1, le=100_000)] = 1
    steps: Annotated[list["Step"], Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _goes_over_one_thing(self) -> Self:
        counted = self.number is not None and self.last is not None
        if (self.table is not None) == counted or counted != (self.number is not None):
            raise ValueError("either a table, or a number and its last value")
        return self


Step = Annotated[
    Connect
    | Disconnect
    | Network
    | Send
    | Answer
    | Expect
    | Silence
    | Closed
    | Wait
    | Raw
    | ClockJump
    | Ask
    | Set
    | Each,
    Field(discriminator="do"),
]


class Script(_Part):
    """A conversation as one side of it has it."""

    format: Literal[1]
    title: Title
    rule: Title | None = Field(None, description="what the handbook asks for, in a sentence")
    about: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$")] = Field(
        "messages", description="where in the message handbook that is: an anchor, as 0200 or mac"
    )
    feature: Name | None = Field(
        None, description="what a subject may declare to be without; such a case of a pack is left out then"
    )
    as_: Literal["terminal", "concentrator", "till", "switch"] = Field(
        alias="as", description="the side that the script is; the other one is under test"
    )
    wait_ms: Milliseconds = Field(5000, description="how long a step waits that says nothing else")
    total_ms: Annotated[int, Field(ge=1, le=3_600_000)] = Field(120_000, description="bound of the whole")
    answers: list[MessageType] = Field(
        ["0800", "0300"], description="as `switch`: requests that are answered where no step waits for them"
    )
    variables: dict[Name, Scalar] = Field({}, description="a profile's value wins over the one here")
    tables: dict[Name, Annotated[list[dict[Name, Scalar]], Field(max_length=10_000)]] = {}
    steps: Annotated[list[Step], Field(min_length=1, max_length=500)]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        faults = list(dict.fromkeys(_step_faults(self, self.steps, 1)))
        if faults:
            raise ValueError("; ".join(faults))
        return self


def _step_faults(script: Script, steps: list[Step], depth: int) -> list[str]:
    found = []
    for step in steps:
        if isinstance(step, Answer | Ask) and script.as_ != "switch":
            found.append(f"{step.do}: only a script that is the switch does this")
        if isinstance(step, Each):
            if depth >= DEPTH_MAX:
                found.append(f"each: nested deeper than {DEPTH_MAX}")
                continue
            if step.table is not None and step.table not in script.tables:
                found.append(f"each: no table has the name {step.table}")
            found += _step_faults(script, step.steps, depth + 1)
    return found
