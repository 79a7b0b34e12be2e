"""Offers to members who pass by a place (CMP-05): within a radius, not in quiet hours, and not too often.

Where a member was is used and forgotten; kept is only of which offer somebody was told, and when.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from sqlalchemy import delete, select

from host_api.core.database import AnySession, WriteSession, conflict_as
from host_api.core.locking import ChangedMeanwhile
from host_api.core.tehran_time import TEHRAN, today
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus
from host_api.services.messages.logic import tell_member
from host_api.services.offers import logic
from host_api.services.offers.claims import lock, may_have, state_of
from host_api.services.offers.models import Offer, PassagePolicy, PassageTold
from host_api.services.offers.problems import OfferNotForMember
from host_api.services.offers.schemas import Degrees, Longitude, MemberChosen, OfferedState

_EARTH_M: Final = 6_371_008.8  # mean radius of the GRS 80 ellipsoid (IUGG)
_KEPT: Final = timedelta(days=366)
_DEFAULTS: Final[dict[str, int]] = {
    "most_a_day": 2,
    "hours_between": 4,
    "days_between_same": 7,
    "quiet_from_hour": 22,
    "quiet_until_hour": 8,
}
_EXAMPLE: Final[JsonDict] = {**_DEFAULTS}


class HeldBack(StrEnum):
    """Why a member was told nothing though offers are near."""

    QUIET_HOURS = "quiet_hours"
    TOO_OFTEN = "too_often"


class Passage(MemberChosen):
    """A member passes by; an app tells."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"member_id": 12, "latitude": 35.700654, "longitude": 51.338057}},
    )

    latitude: Degrees
    longitude: Longitude


class NearOffer(BaseModel):
    """An offer near the member."""

    offer_id: int
    title: str
    title_fa: str
    distance_m: int


class PassageRead(BaseModel):
    """What came of a passage."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "near": [
                    {"offer_id": 4, "title": "Coffee", "title_fa": "قهوه", "distance_m": 120},
                ],
                "told_offer_id": 4,
                "held_back": None,
            }
        }
    )

    near: list[NearOffer] = Field(description="Offers that the member can have here, the nearest first.")
    told_offer_id: int | None = Field(description="The one that a message told the member of.")
    held_back: HeldBack | None = Field(description="Why there was no message though something is near.")


class PassagePolicyRead(BaseModel):
    """When members hear of offers at a place."""

    model_config = ConfigDict(json_schema_extra={"example": {**_EXAMPLE, "version": 0}})

    most_a_day: int = Field(description="Messages to a member in a day of Tehran.")
    hours_between: int = Field(description="So many hours lie between two messages.")
    days_between_same: int = Field(description="So many days, where it is the same offer.")
    quiet_from_hour: int = Field(description="From this hour in Tehran nobody is told.")
    quiet_until_hour: int = Field(description="Until this hour; the same as the first is no quiet at all.")
    version: int = Field(description="For `If-Match`; 0 where the programme has changed nothing.")


class PassagePolicyUpdate(BaseModel):
    """What is to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"most_a_day": 1}})

    most_a_day: Annotated[int, Field(ge=0, le=20)] | None = None
    hours_between: Annotated[int, Field(ge=0, le=168)] | None = None
    days_between_same: Annotated[int, Field(ge=0, le=365)] | None = None
    quiet_from_hour: Annotated[int, Field(ge=0, le=23)] | None = None
    quiet_until_hour: Annotated[int, Field(ge=0, le=23)] | None = None


@dataclass(frozen=True, slots=True)
class _Near:
    offer: Offer
    distance_m: int


def distance_m(latitude_e6: int, longitude_e6: int, other_latitude_e6: int, other_longitude_e6: int) -> int:
    """Great-circle distance of two places in micro-degrees, by the haversine formula, metres rounded down."""
    first, second = math.radians(latitude_e6 / 1e6), math.radians(other_latitude_e6 / 1e6)
    across = math.radians((other_longitude_e6 - longitude_e6) / 1e6)
    part = (
        math.sin((second - first) / 2) ** 2 + math.cos(first) * math.cos(second) * math.sin(across / 2) ** 2
    )
    return int(2 * _EARTH_M * math.asin(min(1.0, math.sqrt(part))))


def is_quiet(now: datetime, from_hour: int, until_hour: int) -> bool:
    """Whether `now` is within the quiet hours in Tehran, which may run over midnight."""
    hour = now.astimezone(TEHRAN).hour
    if from_hour <= until_hour:
        return from_hour <= hour < until_hour
    return hour >= from_hour or hour < until_hour


async def read_policy(session: AnySession) -> PassagePolicyRead:
    """The policy in force."""
    row = await session.scalar(select(PassagePolicy))
    values = _DEFAULTS if row is None else {name: getattr(row, name) for name in _DEFAULTS}
    return PassagePolicyRead(**values, version=0 if row is None else row.version)


async def change_policy(
    session: WriteSession, if_match: str, wanted: PassagePolicyUpdate
) -> PassagePolicyRead:
    """Change what is given.

    Raises:
        ChangedMeanwhile
    """
    row = await session.scalar(select(PassagePolicy).with_for_update())
    if (0 if row is None else row.version) != int(if_match):
        raise ChangedMeanwhile
    if row is None:
        row = PassagePolicy(**_DEFAULTS)
        session.add(row)
    for name, value in wanted.model_dump(exclude_none=True).items():
        setattr(row, name, value)
    async with conflict_as(ChangedMeanwhile()):
        await session.flush()
    return await read_policy(session)


async def passes(session: WriteSession, passage: Passage, now: datetime) -> PassageRead:
    """A member passes by: tell of the nearest offer that may be told now.

    Raises:
        members.MemberNotFound, OfferNotForMember
    """
    # Locked, so that of two passages at once the second sees what the first has told.
    if (await members.lock(session, passage.member_id)).status != MemberStatus.ACTIVE:
        raise OfferNotForMember
    near = await _near(session, passage, now)
    policy = await read_policy(session)
    told, held_back = await _tell(session, passage.member_id, near, policy, now)
    return PassageRead(
        near=[
            NearOffer(
                offer_id=one.offer.id,
                title=one.offer.title,
                title_fa=one.offer.title_fa,
                distance_m=one.distance_m,
            )
            for one in near
        ],
        told_offer_id=told,
        held_back=held_back,
    )


async def _near(session: WriteSession, passage: Passage, now: datetime) -> list[_Near]:
    latitude_e6, longitude_e6 = round(passage.latitude * 1e6), round(passage.longitude * 1e6)
    found = []
    for offer in await logic.open_today(session, now):
        if offer.latitude_e6 is None or offer.longitude_e6 is None or offer.radius_m is None:
            continue
        away_m = distance_m(latitude_e6, longitude_e6, offer.latitude_e6, offer.longitude_e6)
        if away_m <= offer.radius_m and await _can_have(session, offer, passage.member_id, now):
            found.append(_Near(offer, away_m))
    return sorted(found, key=lambda one: (one.distance_m, one.offer.id))


async def _can_have(session: WriteSession, offer: Offer, member_id: int, now: datetime) -> bool:
    row = await lock(session, offer.id, member_id)
    if row is None:
        return await may_have(session, offer, member_id, now)
    state = state_of(row, now)
    may_again = state is OfferedState.USED and row.claims < offer.per_member
    return may_again or state in {OfferedState.OFFERED, OfferedState.CLAIMED}


async def _tell(
    session: WriteSession, member_id: int, near: list[_Near], policy: PassagePolicyRead, now: datetime
) -> tuple[int | None, HeldBack | None]:
    if not near:
        return None, None
    if is_quiet(now, policy.quiet_from_hour, policy.quiet_until_hour):
        return None, HeldBack.QUIET_HOURS
    told = list(
        await session.scalars(
            select(PassageTold).where(PassageTold.member_id == member_id, PassageTold.at > now - _KEPT)
        )
    )
    begun = today(now).start
    is_often = sum(row.at >= begun for row in told) >= policy.most_a_day or any(
        row.at > now - timedelta(hours=policy.hours_between) for row in told
    )
    same_since = now - timedelta(days=policy.days_between_same)
    lately = {row.offer_id for row in told if row.at > same_since}
    chosen = next((one.offer for one in near if one.offer.id not in lately), None)
    if is_often or chosen is None:
        return None, HeldBack.TOO_OFTEN
    session.add(PassageTold(member_id=member_id, at=now, offer_id=chosen.id))
    await tell_member(
        session,
        member_id,
        topic="offer_nearby",
        reference=f"{chosen.id}-{member_id}-{int(now.timestamp())}",
        text_fa=f"{chosen.title_fa}: {chosen.text_fa}",
        text_en=f"{chosen.title}: {chosen.text}",
    )
    await session.execute(
        delete(PassageTold)
        .where(PassageTold.member_id == member_id, PassageTold.at <= now - _KEPT)
        .execution_options(synchronize_session=False)
    )
    await session.flush()
    return chosen.id, None
