"""What other services take from credit packages, and what the switch's outcomes lead to."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from host_api.core.database import ReadSession, WriteSession
from host_api.core.ledger.outcomes import Outcome
from host_api.core.service import Notice
from host_api.services.credit_packages import contracts, paying, turnovers
from host_api.services.credit_packages.contracts import give_kept, keep_back, let_go
from host_api.services.credit_packages.interest.due_days import DueDayAdjustment, WeekendDay
from host_api.services.credit_packages.interest.instalments import InstalmentMethod
from host_api.services.credit_packages.models import CreditContract, CreditPayment
from host_api.services.credit_packages.packages import find as find_package
from host_api.services.credit_packages.packages import holidays
from host_api.services.credit_packages.problems import PackageNotFound, PackageNotSold
from host_api.services.credit_packages.schedules import ScheduledInstalment, ScheduleTerms, schedule
from host_api.services.credit_packages.states import CreditContractState, CreditPaymentState

__all__ = [
    "DueDayAdjustment",
    "InstalmentMethod",
    "PackageNotFound",
    "PackageNotSold",
    "ScheduleTerms",
    "ScheduledInstalment",
    "WeekendDay",
    "absorb",
    "find_package",
    "give_kept",
    "holidays",
    "keep_back",
    "let_go",
    "notices",
    "on_outcome",
    "schedule",
]


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Go on with the contract or payment that a request was for."""
    what, number, *_ = outcome.reference.split("-")
    if what == "give":
        await contracts.on_given(session, outcome, int(number))
    elif what == "pay":
        await paying.on_paid(session, outcome, int(number))
    else:
        await paying.on_returned(session, outcome, int(number))


async def absorb(session: WriteSession, from_member_id: int, to_member_id: int) -> None:
    """Have what a merged record has and owes go on in the record that it went into."""
    await contracts.absorb(session, from_member_id, to_member_id)
    await paying.absorb(session, from_member_id, to_member_id)
    await turnovers.absorb(session, from_member_id, to_member_id)


async def notices(session: ReadSession) -> Sequence[Notice]:
    """Credit that the switch refused to give, and payments whose rest it refused to give back."""
    found: list[Notice] = []
    for code, text, text_fa, table, state in (
        (
            "credit-not-given",
            "The switch has refused the credit of {} contracts; give them again",
            "سوئیچ اعتبار {} قرارداد را نپذیرفته است؛ دوباره بفرستید.",
            CreditContract,
            CreditContractState.FAILED.value,
        ),
        (
            "credit-payment-unreturned",
            "The switch has refused to give back the rest of {} payments; try them again",
            "سوئیچ برگشت ماندهٔ {} پرداخت را نپذیرفته است؛ دوباره بفرستید.",
            CreditPayment,
            CreditPaymentState.UNRETURNED.value,
        ),
    ):
        statement = select(func.count(table.id), func.min(table.asked_at)).where(table.state == state)
        count, since = (await session.execute(statement)).one()
        if count and isinstance(since, datetime):
            found.append(Notice(code, text.format(count), text_fa.format(count), since))
    return found
