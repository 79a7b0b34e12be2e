"""What a club lets its contests do."""

from typing import Final

from sqlalchemy import select

from host_api.core.database import AnySession, WriteSession
from host_api.core.default_rows import insert_missing
from host_api.core.locking import check_version
from host_api.services.contests.models import ContestPolicy
from host_api.services.contests.schemas import ContestPolicyRead, ContestPolicyUpdate

DEFAULT: Final = {"stake_cap": 10_000, "exposure_cap": 1_000_000, "version": 1}


async def read(session: AnySession) -> ContestPolicy:
    """The policy in force."""
    return await session.scalar(select(ContestPolicy)) or ContestPolicy(**DEFAULT)


async def change(session: WriteSession, if_match: str, wanted: ContestPolicyUpdate) -> ContestPolicy:
    """Change what is given; it holds for entries from now on.

    Raises:
        ChangedMeanwhile
    """
    await insert_missing(session, ContestPolicy, [DEFAULT])
    policy = await session.scalar(select(ContestPolicy).with_for_update())
    if policy is None:
        raise LookupError("the policy has gone")
    check_version(policy, if_match)
    for name, value in wanted.model_dump(exclude_none=True).items():
        setattr(policy, name, value)
    await session.flush()
    return policy


def shown(policy: ContestPolicy) -> ContestPolicyRead:
    """The policy as it is shown."""
    return ContestPolicyRead(stake_cap=policy.stake_cap, exposure_cap=policy.exposure_cap)
