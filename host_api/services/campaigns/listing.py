"""How campaigns and their entries are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.campaigns.models import Campaign, CampaignEntry
from host_api.services.campaigns.schemas import CampaignEntryState, CampaignState, Goal


class CampaignsLatestFirst(StrEnum):
    """Orders by id."""

    LATEST = "-id"
    ID = "id"


class CampaignQuery(ListQuery):
    """Which campaigns, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Campaign.id}

    sort: CampaignsLatestFirst = Field(
        default=CampaignsLatestFirst.LATEST, description="The latest first, or the first."
    )
    state: Annotated[CampaignState | None, Equals(Campaign.state)] = None
    goal: Annotated[Goal | None, Equals(Campaign.goal)] = None


class EntryQuery(ListQuery):
    """Which entries of one occasion of a campaign, by member."""

    sorts: ClassVar[dict[str, Column]] = {"id": CampaignEntry.member_id}

    sort: CampaignsLatestFirst = Field(default=CampaignsLatestFirst.ID, description="By member number.")
    occasion: Annotated[int, Equals(CampaignEntry.occasion)] = Field(
        default=0, ge=0, le=99_999_999, description="A Jalali year, a day as YYYYMMDD, or 0."
    )
    state: Annotated[CampaignEntryState | None, Equals(CampaignEntry.state)] = None
    arm: Annotated[str | None, Equals(CampaignEntry.arm)] = Field(default=None, max_length=16)
    member_id: Annotated[int | None, Equals(CampaignEntry.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
