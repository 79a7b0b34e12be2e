"""Tables of the budgets service."""

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole


class Budget(Versioned, InProgramme, Base):
    """A budget as people describe it. What is in it changes with every gift and stands in `BudgetFigures`."""

    __tablename__ = "budgets"
    __table_args__ = (
        Index("ix_budgets_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    title: Mapped[str] = mapped_column(String(100))
    owner: Mapped[str] = mapped_column(String(100))
    purse: Mapped[int] = mapped_column(Integer)
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant | None]
    warning_percent: Mapped[int] = mapped_column(Integer)
    is_closed: Mapped[bool] = mapped_column(Boolean)
    created_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[Instant]


class BudgetFigures(KeyedByProgramme, Base):
    """The units of a budget: in all, promised, and given. Whoever changes them locks this row.

    `warned_at`: when the warning was given that holds until the budget grows.
    """

    __tablename__ = "budget_figures"
    is_audited = False

    budget_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    units: Mapped[Whole]
    reserved: Mapped[Whole]
    consumed: Mapped[Whole]
    warned_at: Mapped[Instant | None]


class BudgetReservation(InProgramme, Base):
    """Units set aside for something of a service, and how many of them it used in the end."""

    __tablename__ = "budget_reservations"
    __table_args__ = (
        UniqueConstraint("programme_id", "service", "reference"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    budget_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("budgets.id"))
    service: Mapped[str] = mapped_column(String(32))
    reference: Mapped[str] = mapped_column(String(64))
    units: Mapped[Whole]
    consumed: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(8))


class BudgetEntry(InProgramme, Base):
    """A step in a budget's history, with what was in it afterwards."""

    __tablename__ = "budget_entries"
    __table_args__ = (
        Index("ix_budget_entries_programme_id_budget_id_id", "programme_id", "budget_id", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    budget_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("budgets.id"))
    kind: Mapped[str] = mapped_column(String(8))
    units: Mapped[Whole]
    service: Mapped[str] = mapped_column(String(32))
    reference: Mapped[str] = mapped_column(String(64))
    units_after: Mapped[Whole]
    reserved_after: Mapped[Whole]
    consumed_after: Mapped[Whole]
    at: Mapped[Instant]


class BudgetChange(NeedsSecondPerson, InProgramme, Base):
    """More or less for a budget, which a second person approves."""

    __tablename__ = "budget_changes"
    __table_args__ = (
        Index("ix_budget_changes_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_budget_changes_programme_id_budget_id_id", "programme_id", "budget_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    budget_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("budgets.id"))
    kind: Mapped[str] = mapped_column(String(6))
    units: Mapped[Whole]
    reason: Mapped[str] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(String(200))
