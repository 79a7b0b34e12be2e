"""How policies, applications, failed attempts and waiting texts are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.iran.schema_types import MobileNumber
from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.services.joining.models import Application, FailedAttempt, JoiningPolicy
from host_api.services.joining.schemas import ApplicationState, PolicyKind, Way


class IdSort(StrEnum):
    """Orders by id."""

    ID = "id"
    LATEST = "-id"


class PolicyQuery(ListQuery):
    """Which policies, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": JoiningPolicy.id}

    sort: IdSort = Field(default=IdSort.ID, description="The order; a minus turns it round.")
    kind: Annotated[PolicyKind | None, Equals(JoiningPolicy.kind)] = None


class ApplicationQuery(ListQuery):
    """Which applications, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Application.id}

    sort: IdSort = Field(default=IdSort.LATEST, description="The order; a minus turns it round.")
    state: Annotated[ApplicationState | None, Equals(Application.state)] = None
    way: Annotated[Way | None, Equals(Application.way)] = None
    club_level: Annotated[str | None, Equals(Application.club_level)] = Field(
        default=None, max_length=16, description="Only those for this sub-club; empty, for the club itself."
    )
    mobile: MobileNumber | None = Field(default=None, description="Only those with this mobile number.")
    begin: Annotated[AwareDatetime | None, AtLeast(Application.created_at)] = Field(
        default=None, alias="from", description="From this instant on (ISO 8601 with offset)."
    )
    end: Annotated[AwareDatetime | None, Below(Application.created_at)] = Field(
        default=None, alias="to", description="Before this instant (ISO 8601 with offset)."
    )


class AttemptQuery(ListQuery):
    """Which failed attempts, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": FailedAttempt.id}

    sort: IdSort = Field(default=IdSort.LATEST, description="The order; a minus turns it round.")
    way: Annotated[Way | None, Equals(FailedAttempt.way)] = None
    is_followed_up: Annotated[bool | None, Equals(FailedAttempt.is_followed_up)] = Field(
        default=None, description="Only those somebody has seen to, or only the others."
    )
    begin: Annotated[AwareDatetime | None, AtLeast(FailedAttempt.at)] = Field(
        default=None, alias="from", description="From this instant on (ISO 8601 with offset)."
    )
    end: Annotated[AwareDatetime | None, Below(FailedAttempt.at)] = Field(
        default=None, alias="to", description="Before this instant (ISO 8601 with offset)."
    )
