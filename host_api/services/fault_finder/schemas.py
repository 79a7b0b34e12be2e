"""What the fault finder takes and gives."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from host_api.services.fault_finder.kinds import FaultKind

_EXAMPLE: JsonDict = {
    "id": 3,
    "kind": "record_refused",
    "place": "terminal",
    "cause": "code 12",
    "count": 2,
    "first_seen_at": "2026-03-21T06:30:00Z",
    "last_seen_at": "2026-03-21T07:10:00Z",
    "is_open": True,
    "acknowledged_at": None,
    "acknowledged_by": None,
    "note": None,
    "title": "The switch refused a record",
    "title_fa": "سوئیچ رکوردی را نپذیرفت",
    "meaning": "A member, card or terminal is not known to the switch as it stands here.",
    "meaning_fa": "عضو، کارت یا پایانه‌ای آن‌گونه که این‌جاست به سوئیچ نرسیده است.",
    "next_step": "The response code says why; correct the record and store it again.",
    "next_step_fa": "کد پاسخ علت را می‌گوید؛ رکورد را درست و دوباره ذخیره کنید.",
}
_SIGHTING: JsonDict = {
    "reference": "record:17",
    "at": "2026-03-21T07:10:00Z",
    "request_id": None,
    "rrn": None,
    "terminal_id": "TERM0001",
}


class Acknowledgement(BaseModel):
    """Somebody sees to it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"note": "پایانه اصلاح شد"}})

    note: (
        Annotated[
            str,
            StringConstraints(
                strip_whitespace=True, min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
            ),
        ]
        | None
    ) = None


class FaultRead(BaseModel):
    """A fault, how often it was seen, and what to do."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    id: int
    kind: FaultKind
    place: str = Field(description="Where: a route, a worker, a job, a kind of record.")
    cause: str = Field(description="What: an exception's kind and function, a response code.")
    count: int
    first_seen_at: datetime
    last_seen_at: datetime
    is_open: bool = Field(description="Not acknowledged, or seen again since.")
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    note: str | None
    title: str
    title_fa: str
    meaning: str
    meaning_fa: str
    next_step: str
    next_step_fa: str


class SightingRead(BaseModel):
    """One time that it was seen."""

    model_config = ConfigDict(json_schema_extra={"example": _SIGHTING})

    reference: str = Field(
        description="What was seen: `run:5` a job's run, `record:17`, `movement:9`, `letter:2`."
    )
    at: datetime
    request_id: str | None
    rrn: str | None
    terminal_id: str | None


class FaultWithSightings(FaultRead):
    """A fault and the latest times that it was seen."""

    model_config = ConfigDict(json_schema_extra={"example": {**_EXAMPLE, "sightings": [_SIGHTING]}})

    sightings: list[SightingRead] = Field(description="The latest hundred, the latest first.")
