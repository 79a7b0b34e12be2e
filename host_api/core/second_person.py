"""Acts that one person asks for and another decides: who, when, and that they are two."""

from collections.abc import Container
from datetime import datetime
from enum import StrEnum
from typing import Final, TypedDict

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.errors import Problem
from host_api.core.tables import Instant


class Decision(StrEnum):
    """States before and beside an approval; what an approved act goes through is its service's."""

    ASKED = "asked"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


_UNDECIDED: Final = frozenset({Decision.ASKED})


class AlreadyDecided(Problem):
    """The act was approved, rejected or taken back before."""

    status = 409
    code = "already-decided"
    title = "Already decided"
    title_fa = "پیش‌تر تصمیم گرفته شده است"
    detail = "This has been approved, rejected or taken back already."
    detail_fa = "این درخواست پیش‌تر تأیید، رد یا پس گرفته شده است."


class OwnAct(Problem):
    """Whoever asked can't be the second person."""

    status = 403
    code = "second-person-needed"
    title = "A second person must decide"
    title_fa = "نفر دوم باید تصمیم بگیرد"
    detail = "You asked for this yourself; another person must approve or reject it. You can take it back."
    detail_fa = "این درخواست از خود شماست؛ کس دیگری باید آن را تأیید یا رد کند. می‌توانید پسش بگیرید."


class ActOfAnother(Problem):
    """Only who asked may take it back."""

    status = 403
    code = "act-of-another"
    title = "Asked by another person"
    title_fa = "درخواست شما نیست"
    detail = "Only who asked for this can take it back; another person can reject it."
    detail_fa = "تنها درخواست‌کننده می‌تواند پس بگیرد؛ دیگران می‌توانند رد کنند."


class Asker(TypedDict):
    """The columns that tell who asked."""

    asked_by: str
    asked_by_name: str
    asked_at: datetime


class NeedsSecondPerson:
    """Base of rows of such acts."""

    state: Mapped[str] = mapped_column(String(12))
    asked_by: Mapped[str] = mapped_column(String(72))
    asked_by_name: Mapped[str] = mapped_column(String(100))
    asked_at: Mapped[Instant]
    decided_by: Mapped[str | None] = mapped_column(String(72))
    decided_by_name: Mapped[str | None] = mapped_column(String(100))
    decided_at: Mapped[Instant | None]


def asked_by(caller: Caller) -> Asker:
    """What a new row says of who asks."""
    return {"asked_by": caller.key, "asked_by_name": caller.name, "asked_at": utc_now()}


def check_second_person(asked_by: str, caller: Caller) -> None:
    """See that the caller is another person than who asked.

    Raises:
        OwnAct
    """
    if asked_by == caller.key:
        raise OwnAct


def decide(
    row: NeedsSecondPerson, state: str, caller: Caller, *, undecided: Container[str] = _UNDECIDED
) -> None:
    """Approve or reject what another has asked for; the row is locked by the caller of this.

    Parameters:
        undecided: the states in which it can be decided.

    Raises:
        AlreadyDecided, OwnAct
    """
    _check_undecided(row, undecided)
    check_second_person(row.asked_by, caller)
    _write(row, state, caller)


def cancel(
    row: NeedsSecondPerson,
    caller: Caller,
    state: str = Decision.CANCELLED,
    *,
    undecided: Container[str] = _UNDECIDED,
) -> None:
    """Take one's own act back before it is decided.

    Raises:
        AlreadyDecided, ActOfAnother
    """
    _check_undecided(row, undecided)
    if row.asked_by != caller.key:
        raise ActOfAnother
    _write(row, state, caller)


def _check_undecided(row: NeedsSecondPerson, undecided: Container[str]) -> None:
    if row.state not in undecided:
        raise AlreadyDecided


def _write(row: NeedsSecondPerson, state: str, caller: Caller) -> None:
    row.state = str(state)
    row.decided_by, row.decided_by_name, row.decided_at = caller.key, caller.name, utc_now()
