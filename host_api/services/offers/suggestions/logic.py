"""Suggestions for members: the weights, computing them, and what the receipt says."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select

from host_api.core.database import AnySession, WriteSession, conflict_as
from host_api.core.locking import ChangedMeanwhile
from host_api.services.groups.audience import those_in
from host_api.services.members import logic as members
from host_api.services.members import selection
from host_api.services.members.schemas import MemberStatus
from host_api.services.members.standing import Standing, set_standings
from host_api.services.offers import logic as offers
from host_api.services.offers.claims import state_of
from host_api.services.offers.models import Offer, OfferCount, OfferedMember
from host_api.services.offers.schemas import Allocation, OfferedState, OfferKind
from host_api.services.offers.suggestions.facts import facts_of
from host_api.services.offers.suggestions.models import MemberSuggestion, SuggestionPolicy
from host_api.services.offers.suggestions.schemas import (
    MemberSuggestionsRead,
    SuggestionPolicyRead,
    SuggestionPolicyUpdate,
    SuggestionRead,
)
from host_api.services.offers.suggestions.weighing import (
    Facts,
    Proposal,
    Weighed,
    Weights,
    best_of_each,
    names_of_weights,
    ranked,
    weigh,
)

_NAMES: Final = names_of_weights()
_NOTHING: Final = Facts()


async def weights_of(session: AnySession) -> tuple[Weights, int]:
    """The programme's weights, and their version; 0 without any of its own."""
    row = await session.scalar(select(SuggestionPolicy))
    if row is None:
        return Weights(), 0
    return Weights(**{name: getattr(row, name) for name in _NAMES}), row.version


async def read_policy(session: AnySession) -> SuggestionPolicyRead:
    """The weights as they are shown."""
    weights, version = await weights_of(session)
    return SuggestionPolicyRead(**asdict(weights), version=version)


async def change_policy(
    session: WriteSession, if_match: str, wanted: SuggestionPolicyUpdate
) -> SuggestionPolicyRead:
    """Change what is given; the next computation goes by it.

    Raises:
        ChangedMeanwhile
    """
    weights, version = await weights_of(session)
    if version != int(if_match):
        raise ChangedMeanwhile
    row = await session.scalar(select(SuggestionPolicy).with_for_update())
    if row is None:
        row = SuggestionPolicy(**asdict(weights))
        session.add(row)
    elif row.version != version:
        raise ChangedMeanwhile
    for name, value in wanted.model_dump(exclude_none=True).items():
        setattr(row, name, value)
    async with conflict_as(ChangedMeanwhile()):
        await session.flush()
    return await read_policy(session)


async def of_member(session: AnySession, member_id: int, now: datetime) -> MemberSuggestionsRead:
    """All that suits a member now, with reasons, and what the receipt says.

    Raises:
        members.MemberNotFound
    """
    member = await members.find(session, member_id)
    open_offers = await offers.open_today(session, now)
    weights, _ = await weights_of(session)
    found = (await weighed_for(session, [member_id], open_offers, weights, now)).get(member_id, [])
    by_id = {offer.id: offer for offer in open_offers}
    kept = await session.scalar(select(MemberSuggestion).where(MemberSuggestion.member_id == member_id))
    return MemberSuggestionsRead(
        member_id=member_id,
        suggestions=[_shown(one, by_id[one.offer_id]) for one in ranked(found)],
        at_till=member.till_text,
        at_till_fa=member.till_text_fa,
        told_at=None if kept is None else kept.at,
    )


async def weighed_for(
    session: AnySession,
    member_ids: Sequence[int],
    open_offers: Sequence[Offer],
    weights: Weights,
    now: datetime,
) -> dict[int, list[Weighed]]:
    """Each open offer that a member can have, weighed, for some hundreds of members."""
    proposed = [offer for offer in open_offers if offer.kind != OfferKind.PRIVILEGE]
    if not proposed:
        return {}
    facts = await facts_of(session, member_ids, weights, now)
    rows = {
        (row.offer_id, row.member_id): row
        for row in await session.scalars(
            select(OfferedMember).where(
                OfferedMember.member_id.in_(member_ids),
                OfferedMember.offer_id.in_([offer.id for offer in proposed]),
            )
        )
    }
    counts = await session.execute(
        select(OfferCount.offer_id, OfferCount.taken).where(
            OfferCount.offer_id.in_([offer.id for offer in proposed])
        )
    )
    taken = {offer_id: int(count) for offer_id, count in counts}
    found: dict[int, list[Weighed]] = {}
    for offer in proposed:
        is_gone = offer.stock is not None and taken.get(offer.id, 0) >= offer.stock
        free: frozenset[int] = frozenset()
        if offer.allocation == Allocation.FIRST_COME and not is_gone:
            free = await those_in(session, offer.audience, member_ids, now)
        proposal = _proposal(offer)
        for member_id in member_ids:
            row = rows.get((offer.id, member_id))
            if member_id in free if row is None else _is_within_reach(row, offer, now, is_gone=is_gone):
                weighed = weigh(proposal, facts.get(member_id, _NOTHING), weights, now)
                found.setdefault(member_id, []).append(weighed)
    return found


async def suggest(
    session: WriteSession,
    member_ids: Sequence[int],
    open_offers: Sequence[Offer],
    weights: Weights,
    now: datetime,
) -> int:
    """Keep what suits members, and send what their receipts say; how many members' receipts change."""
    briefs = await selection.lock(session, member_ids)
    active = [member.id for member in briefs if member.status == MemberStatus.ACTIVE]
    weighed = await weighed_for(session, active, open_offers, weights, now)
    by_id = {offer.id: offer for offer in open_offers}
    known = [member.id for member in briefs]
    await session.execute(
        delete(MemberSuggestion)
        .where(MemberSuggestion.member_id.in_(known))
        .execution_options(synchronize_session=False)
    )
    standings: dict[int, Standing] = {}
    for member_id in known:
        best = best_of_each(weighed.get(member_id, ()), weights.least_score)
        told = next((by_id[one.offer_id] for one in best if by_id[one.offer_id].till_text), None)
        standings[member_id] = {
            "till_text": None if told is None else told.till_text,
            "till_text_fa": None if told is None else told.till_text_fa,
        }
        if best:
            session.add(
                MemberSuggestion(
                    member_id=member_id,
                    suggestions=[
                        {
                            "offer_id": one.offer_id,
                            "score": one.score,
                            "reasons": {reason.value: figure for reason, figure in one.reasons.items()},
                        }
                        for one in best
                    ],
                    told_offer_id=None if told is None else told.id,
                    at=now,
                )
            )
    return await set_standings(session, standings)


async def told_of(session: AnySession, offer_ids: Sequence[int], limit: int) -> list[int]:
    """Members whose receipts tell of one of some offers."""
    rows = await session.scalars(
        select(MemberSuggestion.member_id)
        .where(MemberSuggestion.told_offer_id.in_(offer_ids))
        .order_by(MemberSuggestion.member_id)
        .limit(limit)
    )
    return list(rows)


async def told_offers(session: AnySession) -> list[int]:
    """The offers that receipts tell of."""
    rows = await session.scalars(
        select(MemberSuggestion.told_offer_id).where(MemberSuggestion.told_offer_id.is_not(None)).distinct()
    )
    return [offer_id for offer_id in rows if offer_id is not None]


def _is_within_reach(row: OfferedMember, offer: Offer, now: datetime, *, is_gone: bool) -> bool:
    state = state_of(row, now)
    if state is OfferedState.CLAIMED:
        return True
    may_claim = row.claims < offer.per_member and not is_gone
    return may_claim and state in {OfferedState.OFFERED, OfferedState.USED}


def _proposal(offer: Offer) -> Proposal:
    return Proposal(
        offer_id=offer.id,
        is_gift=offer.kind == OfferKind.GIFT,
        points_needed=offer.points_needed,
        merchants=frozenset(offer.merchants),
        branches=frozenset(offer.branches),
        interests=frozenset(offer.interests),
    )


def _shown(one: Weighed, offer: Offer) -> SuggestionRead:
    return SuggestionRead.model_validate(
        {
            "offer_id": offer.id,
            "kind": offer.kind,
            "title": offer.title,
            "title_fa": offer.title_fa,
            "score": one.score,
            "reasons": {reason.value: figure for reason, figure in one.reasons.items()},
        }
    )
