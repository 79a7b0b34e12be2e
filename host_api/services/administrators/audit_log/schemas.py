"""What the audit log gives, and how it is listed."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from host_api.core.access.caller import CallerKind
from host_api.core.audit import AuditEntry
from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery

_PLAIN = r"^[^\x00-\x1f\x7f]+$"


class AuditEntryRead(BaseModel):
    """One change, or one login."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 17,
                "at": "2026-03-21T06:30:00Z",
                "caller_kind": "user",
                "caller_id": "3",
                "caller_name": "سارا",
                "request_id": "6f1c1d0e-9a52-4d6e-8f0e-2b7c0c7f5a11",
                "action": "update",
                "table_name": "roles",
                "row_key": "5",
                "before": {"name": "a"},
                "after": {"name": "b"},
            }
        }
    )

    id: int
    at: datetime
    caller_kind: CallerKind
    caller_id: str
    caller_name: str
    request_id: str | None
    action: str = Field(description="create, update or delete; login, logout or reuse for logins.")
    table_name: str
    row_key: str = Field(description="Key of the row within the programme; its parts are joined by commas.")
    before: dict[str, JsonValue] | None = Field(
        description="What was there; `…` for secrets, `sealed` for personal data."
    )
    after: dict[str, JsonValue] | None = Field(description="What came in its place, likewise.")


class AuditSort(StrEnum):
    """Orders of entries."""

    LATEST = "-id"
    EARLIEST = "id"


class AuditQuery(ListQuery):
    """Which entries, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": AuditEntry.id}

    sort: AuditSort = Field(default=AuditSort.LATEST, description="The latest or the earliest first.")
    table_name: Annotated[str | None, Equals(AuditEntry.table_name)] = Field(
        default=None, max_length=64, pattern=_PLAIN, description="Such as `members`."
    )
    row_key: Annotated[str | None, Equals(AuditEntry.row_key)] = Field(
        default=None,
        max_length=64,
        pattern=_PLAIN,
        description="Together with `table_name`: one row's history.",
    )
    action: Annotated[str | None, Equals(AuditEntry.action)] = Field(
        default=None, max_length=6, pattern=r"^[a-z]+$"
    )
    caller_kind: Annotated[CallerKind | None, Equals(AuditEntry.caller_kind)] = None
    caller_id: Annotated[str | None, Equals(AuditEntry.caller_id)] = Field(
        default=None, max_length=60, pattern=_PLAIN, description="Id of a user or key."
    )
    request_id: Annotated[str | None, Equals(AuditEntry.request_id)] = Field(
        default=None, max_length=36, pattern=_PLAIN, description="All that one request changed."
    )
    at_from: Annotated[AwareDatetime | None, AtLeast(AuditEntry.at)] = Field(
        default=None, description="At this instant or later."
    )
    at_before: Annotated[AwareDatetime | None, Below(AuditEntry.at)] = Field(
        default=None, description="Before this instant."
    )
