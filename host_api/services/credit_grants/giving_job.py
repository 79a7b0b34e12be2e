"""The jobs that give a grant to its members, some hundreds in each step, and that end what is given."""

from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict

from host_api.core.jobs.declaration import Job, JobFailed
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.credit_grants import logic
from host_api.services.credit_grants.models import CreditGrant
from host_api.services.credit_grants.schemas import GrantState
from host_api.services.groups.audience import members_of

_AT_ONCE: Final = 500


class GivingArguments(BaseModel):
    """Which grant."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"grant_id": 2}})

    grant_id: int


async def _give(running: RunningJob) -> JsonObject:
    checkpoint = running.checkpoint
    # The audience is that of one instant, whenever a member's turn comes.
    now = datetime.fromisoformat(str(checkpoint.setdefault("at", running.now().isoformat())))
    grant_id = GivingArguments.model_validate(running.arguments).grant_id
    while True:
        after, asked = (int(str(checkpoint.get(name, 0))) for name in ("after", "asked"))
        async with running.reading() as session:
            grant = await session.get(CreditGrant, grant_id)
            if grant is None:
                raise JobFailed("grant-gone")
            if grant.state != GrantState.GIVING or grant.is_asked:
                return {"asked": asked}
            room = grant.members_at_most - asked
            found = [grant.member_id] if grant.member_id is not None and not after else []
            if grant.member_id is None:
                async for batch in members_of(session, grant.audience, now, after=after, at_once=_AT_ONCE):
                    found = batch
                    break
        async with running.step() as session:
            grant = await session.get(CreditGrant, grant_id, with_for_update=True)
            if grant is None:
                raise JobFailed("grant-gone")
            await logic.give(session, grant, found[:room], running.caller)
            checkpoint["asked"] = running.done = asked + len(found[:room])
            if found:
                checkpoint["after"] = found[-1]
            if not found or len(found) > room:
                grant.left_out = len(found) > room
                grant.is_asked = True


async def _end(running: RunningJob) -> JsonObject:
    async with running.reading() as session:
        waiting = await logic.unfinished(session)
    ended = 0
    for grant_id in waiting:
        async with running.step() as session:
            ended += await logic.finish(session, grant_id)
    return {"ended": ended}


GIVE_GRANT: Final = Job(
    logic.GIVE_JOB,
    "Giving of credit grants",
    "دادن اعتبار و هدیه",
    _give,
    arguments=GivingArguments,
    timeout=timedelta(hours=12),
)

END_GRANTS: Final = Job(
    "end-credit-grants",
    "Ending of credit grants",
    "پایان دادن به اعطاها",
    _end,
    schedule=Every(timedelta(minutes=1)),
    is_on_demand=True,
)
