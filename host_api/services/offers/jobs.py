"""The jobs of offers: giving them out to an audience, noting their use at tills, and ending them."""

from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, or_, select, update

from host_api.core.database import WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.jobs.declaration import Job, JobFailed
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.groups.audience import members_of
from host_api.services.members import selection
from host_api.services.members.schemas import MemberStatus
from host_api.services.offers import claims, drawing, giving, logic
from host_api.services.offers.events import OFFER_ALLOCATED, OfferAllocated
from host_api.services.offers.models import Offer, OfferedMember, OfferMark
from host_api.services.offers.schemas import Allocation, Id, OfferedState, OfferState
from host_api.services.offers.suggestions.facts import facts_of
from host_api.services.offers.suggestions.logic import weights_of
from host_api.services.offers.suggestions.weighing import FULL, score_of_member
from host_api.services.transactions.member_history import last_position, reversals_after, rule_uses_after

NOTE_OFFERS: Final = "offer-uses"
RESTORE_OFFERS: Final = "offer-reversals"

_AT_ONCE: Final = 500


class OfferArguments(BaseModel):
    """Which offer."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"offer_id": 4}})

    offer_id: Id


async def _allocate(running: RunningJob) -> JsonObject:
    """Give an offer out: to all at once, or make everybody a candidate first and then choose the best."""
    checkpoint = running.checkpoint
    offer_id = int(str(running.arguments["offer_id"]))
    at = datetime.fromisoformat(str(checkpoint.setdefault("at", running.now().isoformat())))
    async with running.reading() as session:
        offer = await session.get(Offer, offer_id)
    if offer is None:
        raise JobFailed("offer-not-found")
    if offer.allocated_at is not None:
        return {"members": 0}
    while "candidates" not in checkpoint:
        await _next_candidates(running, offer, at)
    if offer.allocation == Allocation.DRAW:
        await drawing.draw(running, offer)
    while "chosen_all" not in checkpoint:
        await (_give_drawn if offer.allocation == Allocation.DRAW else _choose)(running, offer)
    async with running.step() as session:
        offer = await session.get(Offer, offer_id, with_for_update=True)
        if offer is None:
            raise JobFailed("offer-not-found")
        members = int(str(checkpoint.get("chosen", 0)))
        if offer.allocated_at is None:
            offer.allocated_at = at
            emit(
                session,
                OFFER_ALLOCATED,
                Subject("offer", offer.id),
                OfferAllocated(offer_id=offer.id, members=members),
            )
    return {"members": members}


async def _next_candidates(running: RunningJob, offer: Offer, at: datetime) -> None:
    checkpoint = running.checkpoint
    after = int(str(checkpoint.get("after", 0)))
    async with running.reading() as session:
        batches = members_of(session, offer.audience, at, after=after, at_once=_AT_ONCE)
        found: list[int] = await anext(batches, [])
        briefs = await selection.briefs(session, found)
        member_ids = [member.id for member in briefs if member.status == MemberStatus.ACTIVE]
        is_draw = offer.allocation == Allocation.DRAW
        ranks = {} if is_draw else await _ranks(running, offer, member_ids, at)
    is_all = offer.allocation == Allocation.ALL
    state = OfferedState.OFFERED if is_all else OfferedState.CANDIDATE
    async with running.step() as session:
        if not found:
            checkpoint["candidates"] = True
            return
        checkpoint["after"] = found[-1]
        running.done += len(found)
        if is_draw:
            await drawing.list_some(session, running.cipher, offer, member_ids, at)
        if ranks:
            await claims.insert(session, offer, ranks, state, source="allocation", now=at)
        if is_all:
            checkpoint["chosen"] = int(str(checkpoint.get("chosen", 0))) + len(ranks)


async def _ranks(running: RunningJob, offer: Offer, member_ids: list[int], at: datetime) -> dict[int, int]:
    if offer.allocation == Allocation.SCORE:
        async with running.reading() as session:
            weights, _ = await weights_of(session)
            facts = await facts_of(session, member_ids, weights, at)
        return {member_id: FULL - score_of_member(facts[member_id], weights, at) for member_id in member_ids}
    return dict.fromkeys(member_ids, 0)


async def _give_drawn(running: RunningJob, offer: Offer) -> None:
    """Give the offer to the next winners of its draw."""
    checkpoint = running.checkpoint
    async with running.step() as session:
        after = int(str(checkpoint.get("after_rank", 0)))
        wins = await drawing.wins_behind(session, offer, after, _AT_ONCE)
        if not wins:
            checkpoint["chosen_all"] = True
            return
        ranks = {win.member_id: win.rank for win in wins}
        given = await claims.insert(
            session, offer, ranks, OfferedState.OFFERED, source="allocation", now=running.now()
        )
        checkpoint["after_rank"] = wins[-1].rank
        checkpoint["chosen"] = int(str(checkpoint.get("chosen", 0))) + given


async def _choose(running: RunningJob, offer: Offer) -> None:
    """Make the next candidates winners, and let the rest go once all places are given."""
    checkpoint = running.checkpoint
    chosen = int(str(checkpoint.get("chosen", 0)))
    left = (offer.places or 0) - chosen
    of_offer = (OfferedMember.offer_id == offer.id, OfferedMember.state == OfferedState.CANDIDATE.value)
    async with running.step() as session:
        rows = await session.scalars(
            select(OfferedMember.member_id)
            .where(*of_offer)
            .order_by(OfferedMember.rank, OfferedMember.member_id)
            .limit(_AT_ONCE)
        )
        next_ids = list(rows)
        winners = next_ids[: max(left, 0)]
        if winners:
            await session.execute(
                update(OfferedMember)
                .where(*of_offer, OfferedMember.member_id.in_(winners))
                .values(state=OfferedState.OFFERED.value)
                .execution_options(synchronize_session=False)
            )
            checkpoint["chosen"] = chosen + len(winners)
        elif next_ids:
            await session.execute(
                delete(OfferedMember)
                .where(*of_offer, OfferedMember.member_id.in_(next_ids))
                .execution_options(synchronize_session=False)
            )
        else:
            checkpoint["chosen_all"] = True


async def _note(running: RunningJob) -> JsonObject:
    """Note uses that tills have seen, take back those that were reversed, and end what is over."""
    used = await _note_uses(running)
    restored = await _restore_undone(running)
    ended = 0
    while True:
        async with running.step() as session:
            count = await _end_some(session, running.now())
        ended += count
        if count == 0:
            return {"used": used, "restored": restored, "ended": ended}


async def _mark(session: WriteSession, job: str) -> tuple[OfferMark, bool]:
    """How far a job has looked, and whether it looks for the first time: then from here on."""
    mark: OfferMark | None = await session.scalar(select(OfferMark).where(OfferMark.job == job))
    if mark is not None:
        return mark, False
    mark = OfferMark(job=job, position=await last_position(session))
    session.add(mark)
    return mark, True


async def _note_uses(running: RunningJob) -> int:
    used = 0
    while True:
        async with running.step() as session:
            mark, is_new = await _mark(session, NOTE_OFFERS)
            if is_new:
                return used
            by_rule: dict[str, list[Offer]] = {}
            for offer in await session.scalars(
                select(Offer).where(Offer.rule_id.is_not(None), Offer.state != OfferState.DRAFT.value)
            ):
                by_rule.setdefault(offer.rule_id or "", []).append(offer)
            uses = await rule_uses_after(session, sorted(by_rule), mark.position, _AT_ONCE)
            for use in uses:
                for offer in by_rule[use.rule]:
                    row = await claims.lock(session, offer.id, use.member_id)
                    if row is not None and row.state == OfferedState.CLAIMED:
                        await claims.mark_used(session, offer, row, use.at, use.rrn)
                        used += 1
            if not uses:
                return used
            # A page may end between two rules of one sale: that sale is looked at again.
            last = uses[-1].position
            is_cut = len(uses) == _AT_ONCE and uses[0].position < last
            mark.position = last - 1 if is_cut else last


async def _restore_undone(running: RunningJob) -> int:
    """A sale that was reversed used nothing."""
    restored = 0
    while True:
        async with running.step() as session:
            mark, is_new = await _mark(session, RESTORE_OFFERS)
            found = [] if is_new else await reversals_after(session, mark.position, _AT_ONCE)
            if not found:
                return restored
            mark.position = found[-1][0]
            rows = await session.scalars(
                select(OfferedMember)
                .where(
                    OfferedMember.used_rrn.in_([rrn for _, rrn in found]),
                    OfferedMember.state == OfferedState.USED.value,
                )
                .with_for_update()
            )
            for row in rows.all():
                row.state, row.used_at, row.used_rrn = OfferedState.CLAIMED.value, None, None
                row.uses -= 1
                offer = await logic.find(session, row.offer_id)
                if row.ends_at > running.now():
                    await giving.give_again(session, offer, row)
                restored += 1


async def _end_some(session: WriteSession, now: datetime) -> int:
    waits = (OfferedState.OFFERED.value, OfferedState.CLAIMED.value)
    rows = list(
        await session.scalars(
            select(OfferedMember)
            .where(
                OfferedMember.state.in_(waits),
                or_(
                    OfferedMember.ends_at <= now,
                    OfferedMember.offer_id.in_(select(Offer.id).where(Offer.state == OfferState.ENDED.value)),
                ),
            )
            .order_by(OfferedMember.ends_at)
            .limit(_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
    )
    leaving: dict[int, list[int]] = {}
    for row in rows:
        if row.state == OfferedState.CLAIMED:
            leaving.setdefault(row.offer_id, []).append(row.member_id)
        row.state = OfferedState.EXPIRED.value
    for offer_id, member_ids in sorted(leaving.items()):
        offer = await session.get(Offer, offer_id)
        if offer is not None:
            await giving.take_away(session, offer, member_ids)
    return len(rows)


ALLOCATE: Final = Job(
    logic.ALLOCATE_OFFER,
    "Giving out an offer",
    "بخش کردن پیشنهاد",
    _allocate,
    is_on_demand=True,
    arguments=OfferArguments,
    timeout=timedelta(hours=6),
)
NOTE: Final = Job(
    NOTE_OFFERS,
    "Uses and ends of offers",
    "کاربرد و پایان پیشنهادها",
    _note,
    schedule=Every(timedelta(minutes=1)),
    is_on_demand=True,
)
