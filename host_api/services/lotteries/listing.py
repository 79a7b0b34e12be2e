"""How lotteries and entries are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.lotteries.entry_schemas import LotteryEntryState
from host_api.services.lotteries.models import Lottery, LotteryEntry
from host_api.services.lotteries.schemas import LotteryModel


class LotterySort(StrEnum):
    """Orders of lotteries."""

    LATEST = "-id"
    ID = "id"
    ENDS_AT = "ends_at"


class LotteryQuery(ListQuery):
    """Which lotteries, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Lottery.id, "ends_at": Lottery.ends_at}

    sort: LotterySort = Field(
        default=LotterySort.LATEST, description="The latest first unless asked otherwise."
    )
    model: Annotated[LotteryModel | None, Equals(Lottery.model)] = None
    ends_from: Annotated[AwareDatetime | None, AtLeast(Lottery.ends_at)] = Field(
        default=None, description="Ends at this instant or later: with now, those that are not over."
    )
    starts_before: Annotated[AwareDatetime | None, Below(Lottery.starts_at)] = Field(
        default=None, description="Starts before this instant."
    )


class EntrySort(StrEnum):
    """Orders of entries."""

    LATEST = "-id"
    ID = "id"


class EntryQuery(ListQuery):
    """Which entries, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": LotteryEntry.id}

    sort: EntrySort = Field(default=EntrySort.LATEST, description="The latest first unless asked otherwise.")
    lottery_id: Annotated[int | None, Equals(LotteryEntry.lottery_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only entries of this lottery."
    )
    round_id: Annotated[int | None, Equals(LotteryEntry.round_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only entries of this round."
    )
    member_id: Annotated[int | None, Equals(LotteryEntry.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only entries of this member."
    )
    state: Annotated[LotteryEntryState | None, Equals(LotteryEntry.state)] = None
