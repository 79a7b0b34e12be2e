"""Tables of credit packages. Amounts are rials."""

from datetime import date

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole


class CreditPackage(Versioned, InProgramme, Base):
    """Credit on terms that never change; only whether it is sold does, so contracts need not copy them."""

    __tablename__ = "credit_packages"
    __table_args__ = (
        Index("ix_credit_packages_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    rials: Mapped[Whole]
    cost_rials: Mapped[Whole]
    valid_days: Mapped[int] = mapped_column(Integer)
    sold_from: Mapped[date | None] = mapped_column(Date)
    sold_until: Mapped[date | None] = mapped_column(Date)
    budget_id: Mapped[Whole | None]
    rate_bp: Mapped[int] = mapped_column(Integer)
    late_rate_bp: Mapped[int] = mapped_column(Integer)
    day_count: Mapped[str] = mapped_column(String(12))
    compounding: Mapped[str] = mapped_column(String(7))
    rounding: Mapped[str] = mapped_column(String(9))
    grace_days: Mapped[int] = mapped_column(Integer)
    months_of: Mapped[str] = mapped_column(String(9))
    instalments: Mapped[int] = mapped_column(Integer)
    instalment_months: Mapped[int] = mapped_column(Integer)
    instalment_method: Mapped[str] = mapped_column(String(15))
    due_adjustment: Mapped[str] = mapped_column(String(18))
    weekend: Mapped[list[str]] = mapped_column(JSON)
    turnover_days: Mapped[int] = mapped_column(Integer)
    turnover_tiers: Mapped[list[dict[str, int]]] = mapped_column(JSON)
    is_open: Mapped[bool] = mapped_column(Boolean)
    created_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[Instant]


class CreditHoliday(InProgramme, Base):
    """A day on which nothing falls due."""

    __tablename__ = "credit_holidays"
    __table_args__ = (UniqueConstraint("programme_id", "day"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    day: Mapped[date] = mapped_column(Date)
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))


class CreditContract(NeedsSecondPerson, InProgramme, Base):
    """One package of one member or guest, and its figures: the sums of its entries.

    `account`, `available_from_s` and `expires_at_s` name the lot that the switch gave. `accrued` is what has
    accrued through `accrued_through`, exactly; from `unsure_from` on it has to be computed again.
    """

    __tablename__ = "credit_contracts"
    __table_args__ = (
        UniqueConstraint("programme_id", "service", "reference"),
        Index("ix_credit_contracts_programme_id_id", "programme_id", "id"),
        Index("ix_credit_contracts_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_credit_contracts_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_credit_contracts_programme_id_guest_id_id", "programme_id", "guest_id", "id"),
        Index("ix_credit_contracts_programme_id_package_id_id", "programme_id", "package_id", "id"),
        Index("ix_credit_contracts_programme_id_account", "programme_id", "account"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    package_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("credit_packages.id"))
    member_id: Mapped[Whole | None]
    guest_id: Mapped[Whole | None]
    service: Mapped[str] = mapped_column(String(32))
    reference: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(200))
    giving_attempts: Mapped[int] = mapped_column(Integer)
    response_code: Mapped[str | None] = mapped_column(String(2))
    credit_rrn: Mapped[str | None] = mapped_column(String(12))
    account: Mapped[str | None] = mapped_column(String(64))
    available_from_s: Mapped[Whole | None]
    expires_at_s: Mapped[Whole | None]
    started_on: Mapped[date | None] = mapped_column(Date)
    last_day: Mapped[date | None] = mapped_column(Date)
    accrued_through: Mapped[date | None] = mapped_column(Date)
    accrued: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    unsure_from: Mapped[date | None] = mapped_column(Date)
    overdue: Mapped[Whole]
    overdue_since: Mapped[date | None] = mapped_column(Date)
    instalments_due: Mapped[int] = mapped_column(Integer)
    settled_at: Mapped[Instant | None]
    open: Mapped[Whole]
    principal: Mapped[Whole]
    interest: Mapped[Whole]
    cost: Mapped[Whole]
    late: Mapped[Whole]
    paid: Mapped[Whole]
    club: Mapped[Whole]
    consumed: Mapped[Whole]
    accrued_interest: Mapped[Whole]


class CreditEntry(InProgramme, Base):
    """A movement between two accounts of a contract; never changed, corrected by a counter entry.

    `key` is what it is for, once in a contract. `day` is the day from which it counts.
    """

    __tablename__ = "credit_entries"
    __table_args__ = (
        UniqueConstraint("programme_id", "contract_id", "key"),
        Index("ix_credit_entries_programme_id_contract_id_id", "programme_id", "contract_id", "id"),
        Index("ix_credit_entries_programme_id_rrn", "programme_id", "rrn"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    contract_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("credit_contracts.id"))
    kind: Mapped[str] = mapped_column(String(10))
    debit: Mapped[str] = mapped_column(String(9))
    credit: Mapped[str] = mapped_column(String(9))
    rials: Mapped[Whole]
    day: Mapped[date] = mapped_column(Date)
    key: Mapped[str] = mapped_column(String(64))
    rrn: Mapped[str | None] = mapped_column(String(40))
    at: Mapped[Instant]


class CreditInstalment(KeyedByProgramme, Base):
    """An instalment that has fallen due."""

    __tablename__ = "credit_instalments"
    is_audited = False

    contract_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("credit_contracts.id"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    due_on: Mapped[date] = mapped_column(Date)
    principal: Mapped[Whole]
    interest: Mapped[Whole]


class CreditPayment(NeedsSecondPerson, InProgramme, Base):
    """What was paid: a member's from the wallet, by the switch; a guest's by a receipt that two have seen."""

    __tablename__ = "credit_payments"
    __table_args__ = (
        UniqueConstraint("programme_id", "receipt"),
        Index("ix_credit_payments_programme_id_id", "programme_id", "id"),
        Index("ix_credit_payments_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_credit_payments_programme_id_member_id_id", "programme_id", "member_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    member_id: Mapped[Whole | None]
    guest_id: Mapped[Whole | None]
    contract_id: Mapped[Whole | None]
    rials: Mapped[Whole]
    receipt: Mapped[str | None] = mapped_column(String(40))
    paid_on: Mapped[date | None] = mapped_column(Date)
    applied: Mapped[Whole]
    return_attempts: Mapped[int] = mapped_column(Integer)
    response_code: Mapped[str | None] = mapped_column(String(2))
    debit_rrn: Mapped[str | None] = mapped_column(String(12))


class CreditCorrection(NeedsSecondPerson, InProgramme, Base):
    """More or less of one debt of a contract, as two persons want it."""

    __tablename__ = "credit_corrections"
    __table_args__ = (
        Index("ix_credit_corrections_programme_id_id", "programme_id", "id"),
        Index("ix_credit_corrections_programme_id_state_id", "programme_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    contract_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("credit_contracts.id"))
    debt: Mapped[str] = mapped_column(String(9))
    rials: Mapped[Whole]
    reason: Mapped[str] = mapped_column(String(200))


class CreditTurnover(InProgramme, Base):
    """What a member or guest has traded on a day, as the broker tells it; once for each reference."""

    __tablename__ = "credit_turnovers"
    __table_args__ = (
        UniqueConstraint("programme_id", "reference"),
        Index("ix_credit_turnovers_programme_id_member_id_day", "programme_id", "member_id", "day"),
        Index("ix_credit_turnovers_programme_id_guest_id_day", "programme_id", "guest_id", "day"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    member_id: Mapped[Whole | None]
    guest_id: Mapped[Whole | None]
    day: Mapped[date] = mapped_column(Date)
    rials: Mapped[Whole]
    reference: Mapped[str] = mapped_column(String(40))


class CreditReading(KeyedByProgramme, Base):
    """How far the switch's transactions were read for what they use of credit."""

    __tablename__ = "credit_reading"
    is_audited = False

    position: Mapped[Whole]
