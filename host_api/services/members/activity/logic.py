"""What a member's purchases say of how active they are, and the thresholds of a programme."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from host_api.core.database import AnySession, WriteSession, conflict_as
from host_api.core.errors import Problem
from host_api.core.locking import ChangedMeanwhile
from host_api.services.members.activity.models import ActivityThresholds
from host_api.services.members.schemas import Activity

Days = Annotated[int, Field(ge=1, le=3650)]


class ThresholdsOutOfOrder(Problem):
    """Members would be inactive before they lapse."""

    status = 422
    code = "activity-thresholds-out-of-order"
    title = "Thresholds out of order"
    title_fa = "ترتیب آستانه‌ها درست نیست"
    detail = "A member must lapse before becoming inactive: lapsing_after_days below inactive_after_days."
    detail_fa = "عضو باید پیش از غیرفعال شدن کم‌فعال شود: lapsing_after_days کمتر از inactive_after_days."
    field = "inactive_after_days"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When members are called active.

    Attributes:
        new_days: so long after joining a member is new, until they have bought often enough to be active.
        lapsing_after_days: an active member's last purchase is at most so old.
        inactive_after_days: a lapsing member's; also the period in which purchases are counted.
        active_purchases: fewer in that period are lapsing.
        version: 0 where the programme has set none.
    """

    new_days: int = 30
    lapsing_after_days: int = 60
    inactive_after_days: int = 180
    active_purchases: int = 1
    version: int = 0

    def counted_since(self, now: datetime) -> datetime:
        """From when purchases are counted."""
        return now - timedelta(days=self.inactive_after_days)

    def activity(
        self, *, joined_at: datetime, last_purchase_at: datetime | None, purchases: int, now: datetime
    ) -> Activity:
        """What a member is, by purchases of the period."""
        is_new = joined_at > now - timedelta(days=self.new_days)
        if (
            last_purchase_at is not None
            and purchases >= self.active_purchases
            and last_purchase_at >= now - timedelta(days=self.lapsing_after_days)
        ):
            return Activity.ACTIVE
        if is_new:
            return Activity.NEW
        return Activity.INACTIVE if last_purchase_at is None else Activity.LAPSING


class ThresholdsRead(BaseModel):
    """When the programme calls its members active."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "new_days": 30,
                "lapsing_after_days": 60,
                "inactive_after_days": 180,
                "active_purchases": 1,
                "version": 0,
            }
        }
    )

    new_days: int = Field(description="So long after joining a member without enough purchases is `new`.")
    lapsing_after_days: int = Field(description="An `active` member's last purchase is at most so old.")
    inactive_after_days: int = Field(description="Who bought nothing for so long is `inactive`.")
    active_purchases: int = Field(description="Fewer purchases within that time are `lapsing`.")
    version: int = Field(description="For `If-Match`; 0 where the programme has changed nothing.")


class ThresholdsUpdate(BaseModel):
    """What is to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"lapsing_after_days": 45}})

    new_days: Days | None = None
    lapsing_after_days: Days | None = None
    inactive_after_days: Days | None = None
    active_purchases: Annotated[int, Field(ge=1, le=1000)] | None = None


_NAMES: Final = tuple(ThresholdsUpdate.model_fields)


async def thresholds_of(session: AnySession) -> Thresholds:
    """The thresholds of the session's programme."""
    row = await session.scalar(select(ActivityThresholds))
    return Thresholds() if row is None else _held(row)


async def change_thresholds(session: WriteSession, if_match: str, wanted: ThresholdsUpdate) -> Thresholds:
    """Change what is given; the next night counts by it.

    Raises:
        ChangedMeanwhile, ThresholdsOutOfOrder
    """
    row = await session.scalar(select(ActivityThresholds).with_for_update())
    held = Thresholds() if row is None else _held(row)
    if held.version != int(if_match):
        raise ChangedMeanwhile
    if row is None:
        row = ActivityThresholds(**{name: getattr(held, name) for name in _NAMES})
        session.add(row)
    for name in _NAMES:
        value = getattr(wanted, name)
        if value is not None:
            setattr(row, name, value)
    if row.lapsing_after_days >= row.inactive_after_days:
        raise ThresholdsOutOfOrder
    async with conflict_as(ChangedMeanwhile()):
        await session.flush()
    return _held(row)


def shown(thresholds: Thresholds) -> ThresholdsRead:
    """The thresholds as they are shown."""
    return ThresholdsRead(**{name: getattr(thresholds, name) for name in _NAMES}, version=thresholds.version)


def _held(row: ActivityThresholds) -> Thresholds:
    return Thresholds(
        row.new_days, row.lapsing_after_days, row.inactive_after_days, row.active_purchases, row.version
    )
