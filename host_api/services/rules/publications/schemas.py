"""What publications take and give."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from host_api.core.path_ids import LARGEST_ID
from host_api.services.rules.versions.schemas import Note
from switch.rules.schema.values import Moment

_DIGEST = "0903125a20ee99cc49d0a0a61f615adfd10a4a50fbd65eea8a6ee68521742d95"


class PublicationKind(StrEnum):
    """A ROLLBACK puts a table in force that was so before."""

    PUBLISH = "publish"
    ROLLBACK = "rollback"


class PublicationState(StrEnum):
    """Where a publication stands. ASKED waits for the second person, WAITING for its time, SENDING is on its
    way to the switch."""

    ASKED = "asked"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    WAITING = "waiting"
    SENDING = "sending"
    PUBLISHED = "published"
    FAILED = "failed"


class PublicationFailure(StrEnum):
    """Why nothing came into force. CONFLICT: another table did meanwhile; see `found_version`, compare and
    ask anew."""

    CONFLICT = "conflict"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    NO_SWITCH = "no-switch"
    TABLE_GONE = "table-gone"


class RulePublicationCreate(BaseModel):
    """Ask to put a version in force, or a table again that was."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"version_id": 3, "reason": "جشنوارهٔ بهار", "publish_at": "1405-01-01T00:00"}
        },
    )

    version_id: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = Field(
        default=None, description="A frozen version; an earlier one rolls back to it."
    )
    table_version: Annotated[int, Field(ge=1, le=99_999_999)] | None = Field(
        default=None,
        description="A table that was in force, by the switch's number; it keeps the last eight.",
    )
    reason: Note
    publish_at: Moment | None = Field(
        default=None, description="In Tehran, Jalali where the year is below 1700; at once where left out."
    )
    despite_errors: bool = Field(default=False, description="Also where lints found errors.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.version_id is None) == (self.table_version is None):
            raise ValueError("give version_id or table_version, and one of them only")
        return self


class PublicationDecision(BaseModel):
    """What the second person says."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"note": "با شعبه‌ها هماهنگ شد"}})

    note: Note | None = None


class RulePublicationRead(BaseModel):
    """A publication: what, when, who asked, who decided, what became of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4,
                "kind": "publish",
                "state": "published",
                "version_id": 3,
                "wanted_table_version": None,
                "digest": _DIGEST,
                "expected_version": 1,
                "publish_at": None,
                "despite_errors": False,
                "reason": "جشنوارهٔ بهار",
                "asked_by": "نگار",
                "asked_at": "2026-03-21T06:30:00Z",
                "decided_by": "امید",
                "decided_at": "2026-03-21T06:35:00Z",
                "note": None,
                "table_version": 2,
                "failure": None,
                "response_code": None,
                "found_version": None,
                "finished_at": "2026-03-21T06:35:01Z",
            }
        }
    )

    id: int
    kind: PublicationKind
    state: PublicationState
    version_id: int | None
    wanted_table_version: int | None
    digest: str
    expected_version: int = Field(
        description="The table in force when it was asked for; no other is replaced."
    )
    publish_at: datetime | None
    despite_errors: bool
    reason: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None = Field(description="Who approved, rejected or cancelled it.")
    decided_at: datetime | None
    note: str | None
    table_version: int | None = Field(description="The switch's number of the table.")
    failure: PublicationFailure | None
    response_code: str | None = Field(description="Field 39 of a refusal.")
    found_version: int | None = Field(description="The table that was found in force instead.")
    finished_at: datetime | None


class TableInForceRead(BaseModel):
    """A rule table of the journal, and who put it in force, where it was done here."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "table_version": 2,
                "digest": _DIGEST,
                "since": "2026-03-21T06:35:01Z",
                "version_id": 3,
                "publication_id": 4,
                "asked_by": "نگار",
                "approved_by": "امید",
            }
        }
    )

    table_version: int
    digest: str
    since: datetime
    version_id: int | None = Field(description="The frozen version that has this table.")
    publication_id: int | None = Field(
        description="Null where the switch's own start or `vafa rules publish` put it in force."
    )
    asked_by: str | None
    approved_by: str | None
