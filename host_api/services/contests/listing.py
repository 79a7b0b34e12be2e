"""How contests and entries are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.contests.definition import CostMode, Scenario
from host_api.services.contests.entry_schemas import ContestEntryState
from host_api.services.contests.models import Contest, ContestEntry
from host_api.services.contests.schemas import Stage


class ContestSort(StrEnum):
    """Orders of contests."""

    LATEST = "-id"
    ID = "id"
    ENDS_AT = "ends_at"
    ENDS_LAST = "-ends_at"


class ContestQuery(ListQuery):
    """Which contests, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Contest.id, "ends_at": Contest.ends_at}

    sort: ContestSort = Field(
        default=ContestSort.LATEST, description="The latest first unless asked otherwise."
    )
    stage: Annotated[Stage | None, Equals(Contest.stage)] = Field(
        default=None,
        description="`published` with `starts_before` and `ends_from` of now: those that are open.",
    )
    scenario: Annotated[Scenario | None, Equals(Contest.scenario)] = None
    cost_mode: Annotated[CostMode | None, Equals(Contest.cost_mode)] = None
    starts_before: Annotated[AwareDatetime | None, Below(Contest.starts_at)] = None
    ends_from: Annotated[AwareDatetime | None, AtLeast(Contest.ends_at)] = None
    ends_before: Annotated[AwareDatetime | None, Below(Contest.ends_at)] = None


class EntrySort(StrEnum):
    """Orders of entries."""

    LATEST = "-id"
    ID = "id"


class EntryQuery(ListQuery):
    """Which entries, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": ContestEntry.id}

    sort: EntrySort = Field(default=EntrySort.LATEST, description="The latest first unless asked otherwise.")
    contest_id: Annotated[int | None, Equals(ContestEntry.contest_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only entries of this contest."
    )
    member_id: Annotated[int | None, Equals(ContestEntry.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only entries of this member."
    )
    state: Annotated[ContestEntryState | None, Equals(ContestEntry.state)] = None
