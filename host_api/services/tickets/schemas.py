"""What tickets take and give."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.core.short_code import ShortCode

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Name = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Subject = Annotated[str, Field(min_length=1, max_length=120), kept_name(120)]
Body = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=4000,
        pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+$",
    ),
]
CannedText = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=2000,
        pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+$",
    ),
]
Note = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]
CallerKey = Annotated[str, StringConstraints(pattern=r"^(user|api_key):[!-~]{1,60}$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,23}$")]
FieldText = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f]{1,200}$")]
Value = FieldText | int
Minutes = Annotated[int, Field(ge=1, le=60 * 24 * 60)]
CODE: Final = "7K2Q9XW4M3"


class TicketState(StrEnum):
    """Where a ticket stands.

    OPEN waits for staff, ANSWERED for the member. RESOLVED can be reopened for fourteen days, and is then
    CLOSED.
    """

    OPEN = "open"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    CLOSED = "closed"
    MERGED = "merged"


class StepKind(StrEnum):
    """What happened to a ticket."""

    OPENED = "opened"
    ASSIGNED = "assigned"
    FORWARDED = "forwarded"
    ESCALATED = "escalated"
    LATE_ANSWER = "late_answer"
    LATE_END = "late_end"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CLOSED = "closed"
    MERGED = "merged"
    SCORED = "scored"


class FieldKind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"


class WorkingHours(BaseModel):
    """Part of a weekday, 0 Monday to 6 Sunday, in minutes of the day in Tehran."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"weekday": 5, "from_minute": 480, "until_minute": 960}},
    )

    weekday: int = Field(ge=0, le=6)
    from_minute: int = Field(ge=0, le=1439)
    until_minute: int = Field(ge=1, le=1440)

    @model_validator(mode="after")
    def _goes_on(self) -> Self:
        if self.until_minute <= self.from_minute:
            raise ValueError("hours end after they begin")
        return self


class TicketDepartmentCreate(BaseModel):
    """A unit that answers."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"code": "cards", "name_fa": "کارت‌ها", "name_en": "Cards"}},
    )

    code: ShortCode
    name_fa: Name
    name_en: Name
    above_id: Id | None = Field(default=None, description="The unit to which late tickets go.")
    hours: list[WorkingHours] = Field(default=[], max_length=28, description="All time where empty.")
    first_answer_minutes: Minutes = Field(default=240, description="Working minutes.")
    resolution_minutes: Minutes = Field(default=1440, description="Working minutes.")


class TicketDepartmentUpdate(BaseModel):
    """What is to be different."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"first_answer_minutes": 120}})

    name_fa: Name | None = None
    name_en: Name | None = None
    above_id: Id | None = None
    hours: list[WorkingHours] | None = Field(default=None, max_length=28)
    first_answer_minutes: Minutes | None = None
    resolution_minutes: Minutes | None = None
    is_open: bool | None = None


_DEPARTMENT: Final[JsonDict] = {
    "id": 1,
    "code": "cards",
    "name_fa": "کارت‌ها",
    "name_en": "Cards",
    "above_id": None,
    "hours": [],
    "first_answer_minutes": 240,
    "resolution_minutes": 1440,
    "is_open": True,
}


class TicketDepartmentRead(BaseModel):
    """A unit that answers."""

    model_config = ConfigDict(json_schema_extra={"example": _DEPARTMENT})

    id: int
    code: str
    name_fa: str
    name_en: str
    above_id: int | None
    hours: list[WorkingHours]
    first_answer_minutes: int
    resolution_minutes: int
    is_open: bool


class TicketStaffCreate(BaseModel):
    """Somebody who works in a department."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"caller_key": "user:7", "name": "نگار"}}
    )

    caller_key: CallerKey
    name: Name


class TicketStaffRead(BaseModel):
    """The same."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"id": 3, "department_id": 1, "caller_key": "user:7", "name": "نگار"}}
    )

    id: int
    department_id: int
    caller_key: str
    name: str


class TicketLinkCreate(BaseModel):
    """Whose customer a member, or everybody of an organisation, is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"member_id": 12}})

    member_id: Id | None = Field(default=None, description="Linked directly.")
    organisation: ShortCode | None = Field(default=None, description="All its members are linked indirectly.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.member_id is None) == (self.organisation is None):
            raise ValueError("give member_id or organisation, and one of them only")
        return self


class TicketLinkRead(BaseModel):
    """The same."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"id": 2, "department_id": 1, "member_id": 12, "organisation": None}}
    )

    id: int
    department_id: int
    member_id: int | None
    organisation: str | None


class TicketField(BaseModel):
    """A field that a type of ticket asks for."""

    model_config = ConfigDict(extra="forbid")

    name: FieldName
    label_fa: Name
    label_en: Name
    kind: FieldKind = FieldKind.TEXT
    is_required: bool = True
    choices: list[FieldName] = Field(default=[], max_length=40)
    least: int | None = Field(default=None, ge=-(10**15), le=10**15)
    most: int | None = Field(default=None, ge=-(10**15), le=10**15)


_FIELD: Final[JsonDict] = {
    "name": "side",
    "label_fa": "خرید یا فروش",
    "label_en": "Buy or sell",
    "kind": "choice",
    "is_required": True,
    "choices": ["buy", "sell"],
    "least": None,
    "most": None,
}


class TicketTypeCreate(BaseModel):
    """A kind of ticket."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "code": "order",
                "name_fa": "سفارش آفلاین",
                "name_en": "Offline order",
                "department_id": 1,
                "fields": [_FIELD],
            }
        },
    )

    code: ShortCode
    name_fa: Name
    name_en: Name
    department_id: Id = Field(description="Where it goes, unless the member is linked to another unit.")
    fields: list[TicketField] = Field(default=[], max_length=30)

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        if len({field.name for field in self.fields}) != len(self.fields):
            raise ValueError("two fields have the same name")
        return self


class TicketTypeUpdate(BaseModel):
    """What is to be different; tickets that are there keep their fields."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_open": False}})

    name_fa: Name | None = None
    name_en: Name | None = None
    department_id: Id | None = None
    fields: list[TicketField] | None = Field(default=None, max_length=30)
    is_open: bool | None = None


class TicketTypeRead(BaseModel):
    """A kind of ticket."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 1,
                "code": "order",
                "name_fa": "سفارش آفلاین",
                "name_en": "Offline order",
                "department_id": 1,
                "fields": [_FIELD],
                "is_open": True,
            }
        }
    )

    id: int
    code: str
    name_fa: str
    name_en: str
    department_id: int
    fields: list[TicketField]
    is_open: bool


class TicketCreate(BaseModel):
    """What a member asks."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "member_id": 12,
                "type": "order",
                "subject": "سفارش فروش",
                "text": "لطفاً پیش از پایان بازار ثبت شود.",
                "values": {"side": "sell"},
            }
        },
    )

    member_id: Id
    type: ShortCode
    subject: Subject
    text: Body
    values: dict[str, Value] = Field(default={}, max_length=30)


class TicketMessageCreate(BaseModel):
    """What staff writes; a canned answer's text comes before it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"text": "بررسی شد.", "is_internal": False}}
    )

    text: Body | None = None
    canned: ShortCode | None = Field(default=None, description="Code of a canned answer.")
    is_internal: bool = Field(default=False, description="Only for staff.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.text is None and self.canned is None:
            raise ValueError("give text, canned or both")
        return self


class MemberMessageCreate(BaseModel):
    """What a member writes; a resolved ticket is opened again by it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"member_id": 12, "text": "هنوز درست نشده است."}}
    )

    member_id: Id
    text: Body


class TicketForward(BaseModel):
    """To which unit, or to whom in it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"department_id": 2, "note": "به کارت مربوط است"}}
    )

    department_id: Id | None = Field(default=None, description="The same where left out.")
    caller_key: CallerKey | None = Field(
        default=None, description="Somebody of that unit; nobody where left out."
    )
    note: Note | None = None


class TicketMerge(BaseModel):
    """Into which other ticket of the same member this one goes."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"into": 4}})

    into: Id


class TicketScore(BaseModel):
    """How satisfied the member is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"member_id": 12, "score": 5}})

    member_id: Id
    score: int = Field(ge=1, le=5)


class CannedAnswerCreate(BaseModel):
    """A text to be sent again; `{code}`, `{subject}` and `{name}` stand for the ticket's and the member's."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "code": "seen",
                "text_fa": "تیکت {code} در دست بررسی است.",
                "text_en": "We look into ticket {code}.",
            }
        },
    )

    code: ShortCode
    text_fa: CannedText
    text_en: CannedText


class CannedAnswerUpdate(BaseModel):
    """What is to be different."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"text_en": "Ticket {code}"}})

    text_fa: CannedText | None = None
    text_en: CannedText | None = None


class CannedAnswerRead(BaseModel):
    """A canned answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 1,
                "code": "seen",
                "text_fa": "تیکت {code} در دست بررسی است.",
                "text_en": "We look into ticket {code}.",
            }
        }
    )

    id: int
    code: str
    text_fa: str
    text_en: str


_TICKET: Final[JsonDict] = {
    "id": 4,
    "tracking_code": CODE,
    "type": "order",
    "department_id": 1,
    "member_id": 12,
    "subject": "سفارش فروش",
    "values": {"side": "sell"},
    "state": "open",
    "assignee": None,
    "assignee_name": None,
    "opened_at": "2026-03-21T06:30:00Z",
    "answer_due_at": "2026-03-21T10:30:00Z",
    "resolution_due_at": "2026-03-22T06:30:00Z",
    "first_answered_at": None,
    "resolved_at": None,
    "was_answered_late": False,
    "was_resolved_late": False,
    "reopened": 0,
    "score": None,
    "merged_into": None,
}


class TicketRead(BaseModel):
    """A ticket without its thread."""

    model_config = ConfigDict(json_schema_extra={"example": _TICKET})

    id: int
    tracking_code: str
    type: str
    department_id: int
    member_id: int
    subject: str
    values: dict[str, str | int]
    state: TicketState
    assignee: str | None
    assignee_name: str | None
    opened_at: datetime
    answer_due_at: datetime | None
    resolution_due_at: datetime | None
    first_answered_at: datetime | None
    resolved_at: datetime | None
    was_answered_late: bool
    was_resolved_late: bool
    reopened: int
    score: int | None
    merged_into: int | None


class TicketMessageRead(BaseModel):
    """What was written."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 7,
                "at": "2026-03-21T06:30:00Z",
                "is_of_member": True,
                "is_internal": False,
                "author": "—",
                "text": "لطفاً پیش از پایان بازار ثبت شود.",
            }
        }
    )

    id: int
    at: datetime
    is_of_member: bool
    is_internal: bool
    author: str
    text: str | None = Field(description="None where it was erased.")


class TicketFileRead(BaseModel):
    """A file of a ticket."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 2,
                "name": "receipt.png",
                "media_type": "image/png",
                "size": 48213,
                "is_internal": False,
                "at": "2026-03-21T06:31:00Z",
                "author": "—",
            }
        }
    )

    id: int
    name: str
    media_type: str
    size: int
    is_internal: bool
    at: datetime
    author: str


class TicketStepRead(BaseModel):
    """One step of a ticket's way."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "at": "2026-03-21T06:30:00Z",
                "kind": "forwarded",
                "by": "نگار",
                "from_department_id": 1,
                "to_department_id": 2,
                "assignee_name": None,
                "note": None,
            }
        }
    )

    at: datetime
    kind: StepKind
    by: str
    from_department_id: int | None
    to_department_id: int | None
    assignee_name: str | None
    note: str | None


class TicketThread(BaseModel):
    """A ticket with all that was written, its files and its way."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"ticket": _TICKET, "messages": [], "files": [], "steps": []}}
    )

    ticket: TicketRead
    messages: list[TicketMessageRead]
    files: list[TicketFileRead]
    steps: list[TicketStepRead]


class TicketReport(BaseModel):
    """How a department does."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "department_id": 1,
                "tickets": 40,
                "waiting": 6,
                "answered_late": 2,
                "resolved_late": 3,
                "scored": 20,
                "score_sum": 88,
            }
        }
    )

    department_id: int
    tickets: int
    waiting: int = Field(description="Those that wait for staff.")
    answered_late: int
    resolved_late: int
    scored: int
    score_sum: int = Field(description="Divided by `scored`, the mean.")
