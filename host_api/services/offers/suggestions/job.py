"""The jobs that compute suggestions: of all members each night, and of those for whom something changed."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.database import WriteSession
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import DailyAt, Every
from host_api.core.pace import Pace
from host_api.services.members import selection
from host_api.services.members.selection import MEMBERS_AT_ONCE
from host_api.services.offers import logic as offers
from host_api.services.offers.models import OfferMark
from host_api.services.offers.suggestions import logic
from host_api.services.transactions.member_history import buyers_after, last_position

SUGGEST_ALL: Final = "suggest-offers"
SUGGEST_CHANGED: Final = "suggest-offers-anew"

# Records wait in one queue for the switch: a card that was just issued should not wait behind all members.
SENT_PER_MINUTE: Final = 3000

_MOST_BUYERS: Final = 20_000


def suggestion_jobs(sent_per_minute: int = SENT_PER_MINUTE) -> tuple[Job, Job]:
    """The jobs; the nightly one runs soon after midnight in Tehran, when offers begin and end."""

    async def run_all(running: RunningJob) -> JsonObject:
        return await _suggest_all(running, Pace(sent_per_minute))

    async def run_changed(running: RunningJob) -> JsonObject:
        return await _suggest_changed(running, Pace(sent_per_minute))

    return (
        Job(
            SUGGEST_ALL,
            "Suggestions for all members",
            "پیشنهاد برای همهٔ عضوها",
            run_all,
            schedule=DailyAt(time(0, 40)),
            is_on_demand=True,
            timeout=timedelta(hours=12),
        ),
        Job(
            SUGGEST_CHANGED,
            "Suggestions for members who bought",
            "پیشنهاد تازه برای خریداران",
            run_changed,
            schedule=Every(timedelta(minutes=15)),
            is_on_demand=True,
            timeout=timedelta(hours=2),
        ),
    )


async def _suggest_all(running: RunningJob, pace: Pace) -> JsonObject:
    checkpoint = running.checkpoint
    if "position" not in checkpoint:
        async with running.reading() as session:
            checkpoint["position"] = await last_position(session)
            running.total = await selection.count(session)
    while True:
        async with running.reading() as session:
            after = int(str(checkpoint.get("after", 0)))
            members = await selection.briefs_after(session, after, MEMBERS_AT_ONCE)
        if not members:
            break
        checkpoint["after"] = members[-1].id
        await _suggest(running, [member.id for member in members], pace)
    async with running.step() as session:
        await _move_mark(session, int(str(checkpoint["position"])))
    return {"members": running.done, "receipts": checkpoint.get("sent", 0)}


async def _suggest_changed(running: RunningJob, pace: Pace) -> JsonObject:
    now = running.now()
    # Receipts that tell of what is no longer to be had.
    while True:
        async with running.reading() as session:
            held = {offer.id for offer in await offers.open_today(session, now)}
            gone = [offer_id for offer_id in await logic.told_offers(session) if offer_id not in held]
            members = await logic.told_of(session, gone, MEMBERS_AT_ONCE) if gone else []
        if not members:
            break
        await _suggest(running, members, pace)
    async with running.reading() as session:
        mark: OfferMark | None = await session.scalar(select(OfferMark).where(OfferMark.job == SUGGEST_ALL))
        # Before the first night nobody has any suggestion.
        buyers = [] if mark is None else await buyers_after(session, mark.position, _MOST_BUYERS)
    distinct = sorted({member_id for _, member_id in buyers})
    for first in range(0, len(distinct), MEMBERS_AT_ONCE):
        await _suggest(running, distinct[first : first + MEMBERS_AT_ONCE], pace)
    if buyers:
        async with running.step() as session:
            await _move_mark(session, buyers[-1][0])
    return {"members": running.done, "receipts": running.checkpoint.get("sent", 0)}


async def _suggest(running: RunningJob, member_ids: Sequence[int], pace: Pace) -> None:
    now: datetime = running.now()
    async with running.step() as session:
        open_offers = await offers.open_today(session, now)
        weights, _ = await logic.weights_of(session)
        sent = await logic.suggest(session, member_ids, open_offers, weights, now)
        running.checkpoint["sent"] = int(str(running.checkpoint.get("sent", 0))) + sent
        running.done += len(member_ids)
    await pace.take(sent)


async def _move_mark(session: WriteSession, position: int) -> None:
    mark: OfferMark | None = await session.scalar(select(OfferMark).where(OfferMark.job == SUGGEST_ALL))
    if mark is None:
        session.add(OfferMark(job=SUGGEST_ALL, position=position))
    else:
        mark.position = max(mark.position, position)
