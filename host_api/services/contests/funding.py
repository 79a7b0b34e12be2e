"""The budget that pays for a contest: all that it may have to give is set aside when it is published."""

from typing import Final

from host_api.core.database import WriteSession
from host_api.services.budgets import logic as budgets
from host_api.services.contests.models import Contest
from host_api.services.contests.problems import BudgetNeedsCap

_SERVICE: Final = "contests"


async def set_aside(session: WriteSession, contest: Contest) -> None:
    """Reserve the contest's exposure cap.

    Raises:
        BudgetNeedsCap, budgets.BudgetNotFound, budgets.BudgetExhausted, budgets.BudgetOfAnotherPurse
    """
    if contest.budget_id is None:
        return
    if not contest.exposure_cap:
        raise BudgetNeedsCap
    await budgets.check_purse(session, contest.budget_id, contest.purse)
    await budgets.reserve(
        session, contest.budget_id, contest.exposure_cap, service=_SERVICE, reference=_reference(contest)
    )


async def use(session: WriteSession, contest: Contest, won: int) -> None:
    """What winners get is used; the rest is free again."""
    if contest.budget_id is not None:
        await budgets.consume(session, service=_SERVICE, reference=_reference(contest), units=won)


async def free(session: WriteSession, contest: Contest) -> None:
    """Nobody wins in a contest that is cancelled."""
    if contest.budget_id is not None:
        await budgets.release(session, service=_SERVICE, reference=_reference(contest))


def _reference(contest: Contest) -> str:
    return f"contest {contest.id}"
