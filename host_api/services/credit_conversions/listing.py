"""How rates and conversions are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.credit_conversions.models import ConversionRate, CreditConversion
from host_api.services.credit_conversions.schemas import ConversionState, RateState


class ConversionSort(StrEnum):
    """Orders by time."""

    LATEST = "-id"
    ID = "id"


class RateQuery(ListQuery):
    """Which rates, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": ConversionRate.id}

    sort: ConversionSort = ConversionSort.LATEST
    purse: Annotated[int | None, Equals(ConversionRate.purse)] = Field(default=None, ge=60, le=99)
    state: Annotated[RateState | None, Equals(ConversionRate.state)] = None


class ConversionQuery(ListQuery):
    """Which conversions, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": CreditConversion.id}

    sort: ConversionSort = ConversionSort.LATEST
    member_id: Annotated[int | None, Equals(CreditConversion.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    state: Annotated[ConversionState | None, Equals(CreditConversion.state)] = None
    begin: Annotated[AwareDatetime | None, AtLeast(CreditConversion.asked_at)] = Field(
        default=None, alias="from", description="From this instant on (ISO 8601 with offset)."
    )
    end: Annotated[AwareDatetime | None, Below(CreditConversion.asked_at)] = Field(
        default=None, alias="to", description="Before this instant (ISO 8601 with offset)."
    )
