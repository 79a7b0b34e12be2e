"""The tiers of a programme and its policy: reading and changing them."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from pydantic import TypeAdapter
from sqlalchemy import exists, select

from host_api.core.database import AnySession, WriteSession, conflict_as
from host_api.core.default_rows import insert_missing
from host_api.core.errors import Problem
from host_api.core.locking import check_version
from host_api.services.members import selection
from host_api.services.members.schemas import LOWEST_TIER
from host_api.services.tiers.decision import Rung
from host_api.services.tiers.defaults import DEFAULT_POLICY, DEFAULT_TIERS, default_policy, default_tiers
from host_api.services.tiers.models import Tier, TierPolicy
from host_api.services.tiers.schemas import (
    MOST_TIERS,
    Criterion,
    CriterionKind,
    Downgrade,
    Match,
    TierBenefit,
    TierCreate,
    TierPolicyRead,
    TierPolicyUpdate,
    TierRead,
    TierSetRead,
    TierUpdate,
    WindowKind,
)
from host_api.services.tiers.windows import Windows, windows_at

_CRITERIA = TypeAdapter(list[Criterion])
_BENEFITS = TypeAdapter(list[TierBenefit])


class TierNotFound(Problem):
    """No tier has this code."""

    status = 404
    code = "tier-not-found"
    title = "Tier not found"
    title_fa = "سطح پیدا نشد"
    detail = "There is no tier with this code."
    detail_fa = "سطحی با این کد وجود ندارد."


class TierTaken(Problem):
    """Another tier has the code or the rank."""

    status = 409
    code = "tier-taken"
    title = "Code or rank taken"
    title_fa = "کد یا رتبه تکراری است"
    detail = "Another tier has this code or this rank already."
    detail_fa = "سطح دیگری با همین کد یا رتبه هست."


class TooManyTiers(Problem):
    """As many tiers as there may be."""

    status = 409
    code = "too-many-tiers"
    title = "Too many tiers"
    title_fa = "شمار سطح‌ها بیش از اندازه است"
    detail = "A programme has at most twelve tiers."
    detail_fa = "هر برنامه حداکثر دوازده سطح دارد."


class LowestTierFixed(Problem):
    """Members begin with the lowest tier."""

    status = 409
    code = "lowest-tier-fixed"
    title = "Lowest tier"
    title_fa = "پایین‌ترین سطح"
    detail = "Members begin with this tier: it stays, it is the lowest, and it has no criteria."
    detail_fa = "عضو از این سطح آغاز می‌کند: حذف نمی‌شود، پایین‌ترین می‌ماند و معیار ندارد."


class TierInUse(Problem):
    """Members have the tier."""

    status = 409
    code = "tier-in-use"
    title = "Tier in use"
    title_fa = "سطح در کار است"
    detail = "Members have this tier; it can be deleted once nobody has."
    detail_fa = "عضوهایی این سطح را دارند؛ هنگامی حذف می‌شود که کسی آن را نداشته باشد."


@dataclass(frozen=True)
class TierSet:
    """The tiers, the lowest first, and the policy."""

    tiers: tuple[Tier, ...]
    policy: TierPolicy

    @cached_property
    def ladder(self) -> tuple[Rung, ...]:
        """What can be earned, the lowest first."""
        return tuple(
            Rung(tier.code, Match(tier.match), tuple(_CRITERIA.validate_python(tier.criteria)))
            for tier in self.tiers
            if not is_by_hand(tier)
        )

    @cached_property
    def places(self) -> dict[str, int]:
        """Place on the ladder by code."""
        return {rung.code: place for place, rung in enumerate(self.ladder)}

    @cached_property
    def order(self) -> dict[str, int]:
        """Place among all tiers by code."""
        return {tier.code: place for place, tier in enumerate(self.tiers)}

    @cached_property
    def kinds(self) -> frozenset[CriterionKind]:
        """What has to be counted."""
        return frozenset(entry.kind for rung in self.ladder for entry in rung.criteria)

    @property
    def downgrade(self) -> Downgrade:
        """What becomes of a tier that is no longer earned."""
        return Downgrade(self.policy.downgrade)

    def windows(self, now: datetime) -> Windows:
        """The windows at `now`."""
        return windows_at(now, WindowKind(self.policy.window), self.policy.rolling_days)

    def tier(self, code: str) -> Tier | None:
        """The tier with this code."""
        place = self.order.get(code)
        return None if place is None else self.tiers[place]


def is_by_hand(tier: Tier) -> bool:
    """Whether no criteria lead to a tier."""
    return not tier.criteria and tier.code != LOWEST_TIER


async def read(session: AnySession) -> TierSet:
    """The programme's tiers and policy."""
    tiers = list(await session.scalars(select(Tier).order_by(Tier.rank))) or default_tiers()
    policy = await session.scalar(select(TierPolicy))
    return TierSet(tuple(tiers), policy or default_policy())


async def find(session: AnySession, code: str) -> Tier:
    """One tier.

    Raises:
        TierNotFound
    """
    tier = (await read(session)).tier(code)
    if tier is None:
        raise TierNotFound
    return tier


async def create(session: WriteSession, wanted: TierCreate) -> Tier:
    """Add a tier.

    Raises:
        TierTaken, TooManyTiers
    """
    tiers = await _own(session)
    if len(tiers) >= MOST_TIERS:
        raise TooManyTiers
    if any(wanted.code == tier.code or wanted.rank == tier.rank for tier in tiers):
        raise TierTaken
    tier = Tier(**wanted.model_dump(mode="json"))
    session.add(tier)
    async with conflict_as(TierTaken()):
        await session.flush()
    return tier


async def change(session: WriteSession, code: str, if_match: str, wanted: TierUpdate) -> Tier:
    """Change what is given of a tier; members are evaluated by it the next time.

    Raises:
        TierNotFound, ChangedMeanwhile, TierTaken, LowestTierFixed
    """
    tiers = await _own(session)
    tier = _only(tiers, code)
    check_version(tier, if_match)
    given = {name: value for name, value in wanted.model_dump(mode="json").items() if value is not None}
    if code == LOWEST_TIER and ({"rank"} & set(given) or given.get("criteria")):
        raise LowestTierFixed
    if any(other is not tier and other.rank == given.get("rank") for other in tiers):
        raise TierTaken
    for name, value in given.items():
        setattr(tier, name, value)
    async with conflict_as(TierTaken()):
        await session.flush()
    return tier


async def delete(session: WriteSession, code: str, if_match: str) -> None:
    """Delete a tier that nobody has.

    Raises:
        TierNotFound, ChangedMeanwhile, LowestTierFixed, TierInUse
    """
    tier = _only(await _own(session), code)
    check_version(tier, if_match)
    if code == LOWEST_TIER:
        raise LowestTierFixed
    if await session.scalar(select(exists().where(selection.TEXTS["tier"] == code))):
        raise TierInUse
    await session.delete(tier)
    await session.flush()


async def change_policy(session: WriteSession, if_match: str, wanted: TierPolicyUpdate) -> TierPolicy:
    """Change what is given of the policy; members are evaluated by it the next time.

    Raises:
        ChangedMeanwhile
    """
    await insert_missing(session, TierPolicy, [DEFAULT_POLICY])
    policy = await session.scalar(select(TierPolicy).with_for_update())
    if policy is None:
        raise LookupError("the policy has gone")
    check_version(policy, if_match)
    for name, value in wanted.model_dump(mode="json").items():
        if value is not None:
            setattr(policy, name, value)
    await session.flush()
    return policy


def shown(tier: Tier) -> TierRead:
    """The tier as it is shown."""
    return TierRead(
        code=tier.code,
        title=tier.title,
        title_fa=tier.title_fa,
        rank=tier.rank,
        colour=tier.colour,
        match=Match(tier.match),
        criteria=_CRITERIA.validate_python(tier.criteria),
        benefits=benefits_of(tier),
        is_by_hand=is_by_hand(tier),
    )


def shown_policy(policy: TierPolicy) -> TierPolicyRead:
    """The policy as it is shown."""
    return TierPolicyRead(
        window=WindowKind(policy.window),
        rolling_days=policy.rolling_days,
        downgrade=Downgrade(policy.downgrade),
        grace_days=policy.grace_days,
        purse=policy.purse,
        steps_alone=policy.steps_alone,
    )


def shown_set(tier_set: TierSet) -> TierSetRead:
    """All of it as it is shown."""
    return TierSetRead(tiers=[shown(tier) for tier in tier_set.tiers], policy=shown_policy(tier_set.policy))


def benefits_of(tier: Tier) -> list[TierBenefit]:
    """What a tier gives."""
    return _BENEFITS.validate_python(tier.benefits)


async def _own(session: WriteSession) -> list[Tier]:
    """The programme's own rows, kept from other writers; made from the defaults where there are none."""
    own = select(Tier).order_by(Tier.rank).with_for_update()
    tiers = list(await session.scalars(own))
    if not tiers:
        await insert_missing(session, Tier, DEFAULT_TIERS)
        tiers = list(await session.scalars(own))
    return tiers


def _only(tiers: list[Tier], code: str) -> Tier:
    tier = next((tier for tier in tiers if tier.code == code), None)
    if tier is None:
        raise TierNotFound
    return tier
