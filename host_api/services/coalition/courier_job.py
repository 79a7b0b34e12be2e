"""Carries letters to clubs of the same installation; foreign ones come for theirs, and bring their own."""

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select

from host_api.core.access.caller import system_caller
from host_api.core.audit import audit_as
from host_api.core.errors import Problem
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.coalition import clubs, mailbox
from host_api.services.coalition.models import ClubAccount, ClubLetter, PartnerClub
from host_api.services.coalition.taking import take

KEPT_FOR: Final = timedelta(days=90)


async def _run(running: RunningJob) -> JsonObject:
    async with running.reading() as session:
        own_code = await clubs.own_code(session)
        ids = list(await session.scalars(select(PartnerClub.id).where(PartnerClub.is_local)))
    carried = stuck = 0
    for club_id in ids:
        try:
            while count := await _carry(running, own_code, club_id):
                carried += count
        except Problem:  # they wait: the status of the club's letters tells
            stuck += 1
    async with running.step() as session:
        accounts = list(await session.scalars(select(ClubAccount)))
        for account in accounts:
            await session.execute(
                delete(ClubLetter)
                .where(
                    ClubLetter.club_id == account.club_id,
                    ClubLetter.number <= account.arrived_number,
                    ClubLetter.written_at < running.now() - KEPT_FOR,
                )
                .execution_options(synchronize_session=False)
            )
    return {"carried": carried, "stuck": stuck}


async def _carry(running: RunningJob, own_code: str, club_id: int) -> int:
    """Carry some letters; how many. Carried twice, they are taken in once."""
    async with running.reading() as session:
        club = await clubs.find(session, club_id)
        account = await clubs.account_of(session, club_id)
        letters = await mailbox.waiting(session, account, account.arrived_number)
        programme_id = await clubs.local_programme(session, club.club_code)
    if not letters.letters or programme_id is None:
        return 0
    async with running.database.writing(programme_id) as session:
        audit_as(session, system_caller(mailbox.COURIER, programme_id))
        there = await clubs.by_code(session, own_code)
        if there is None:  # that club has not entered this one yet
            return 0
        taken = await take(session, there.id, letters)
    async with running.step() as session:
        account = await clubs.lock_account(session, club_id)
        mailbox.note_arrived(account, taken.taken)
    return len(letters.letters)


COALITION_COURIER: Final = Job(
    mailbox.COURIER,
    "Carry letters to the clubs of this installation",
    "رساندن نامه‌ها به باشگاه‌های همین سامانه",
    _run,
    schedule=Every(timedelta(minutes=5)),
    is_on_demand=True,
)
