"""Tables of the referral network: the tree, what is decided about it, and what it has earned.

Incomes are counted in ten-thousandths of a unit (`…_parts`): a rate in basis points of whole units is exact.
"""

from datetime import date

from pydantic import JsonValue
from sqlalchemy import JSON, Boolean, Date, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole

_UNTOLD = text("until IS NOT NULL AND expired_at IS NULL")


class NetworkGate(KeyedByProgramme, Base):
    """One row a programme: whoever changes its tree or scores by it holds the row until the end.

    `scored_up_to` is the journal position up to which purchases were scored, so that a projection that is
    built anew scores none twice.
    """

    __tablename__ = "network_gates"
    is_audited = False

    scored_up_to: Mapped[Whole]


class NetworkPlace(KeyedByProgramme, Base):
    """Where a member stands in the tree; `introducer` is the branch on which they hang.

    `upline` is derived of the introducers: the nearest first, as many as are ever paid. The branch began at
    `since` and has `until` as its last day; `counts_from` is later where it was suspended meanwhile. A closed
    place is of a member who was erased or merged: it holds the tree together.
    """

    __tablename__ = "network_places"
    __table_args__ = (
        UniqueConstraint("programme_id", "code"),
        Index(
            "ix_network_places_programme_id_introducer_member_id", "programme_id", "introducer", "member_id"
        ),
        Index(
            "ix_network_places_programme_id_until",
            "programme_id",
            "until",
            sqlite_where=_UNTOLD,
            postgresql_where=_UNTOLD,
        ),
    )
    # The feed of changes tells who did what; a moved branch may have a hundred thousand rows.
    is_audited = False

    member_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str | None] = mapped_column(String(8))
    introducer: Mapped[Whole | None]
    upline: Mapped[list[int]] = mapped_column(JSON)
    registered_at: Mapped[Instant | None]
    since: Mapped[Instant | None]
    counts_from: Mapped[Instant | None]
    until: Mapped[date | None] = mapped_column(Date)
    expired_at: Mapped[Instant | None]
    suspended_at: Mapped[Instant | None]
    closed_at: Mapped[Instant | None]
    merged_into: Mapped[Whole | None]
    introduction_paid_at: Mapped[Instant | None]


class DownlineCount(KeyedByProgramme, Base):
    """How many members a member has on a level of the downline; counted along with every change."""

    __tablename__ = "network_downline_counts"
    is_audited = False

    member_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    level: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    members: Mapped[Whole]


class NetworkMove(NeedsSecondPerson, InProgramme, Base):
    """A branch that is to hang elsewhere; without an introducer it becomes a tree of its own."""

    __tablename__ = "network_moves"
    __table_args__ = (
        Index("ix_network_moves_programme_id_id", "programme_id", "id"),
        Index("ix_network_moves_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_network_moves_programme_id_member_id_id", "programme_id", "member_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    member_id: Mapped[Whole]
    introducer: Mapped[Whole | None]
    from_introducer: Mapped[Whole | None]
    reason: Mapped[str] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(String(200))


class NetworkPolicy(NeedsSecondPerson, InProgramme, Base):
    """A version of the rules of the network; never changed, only followed by another."""

    __tablename__ = "network_policies"
    __table_args__ = (
        Index("ix_network_policies_programme_id_id", "programme_id", "id"),
        Index(
            "ix_network_policies_programme_id_state_in_force_from", "programme_id", "state", "in_force_from"
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    in_force_from: Mapped[Instant]
    content: Mapped[dict[str, JsonValue]] = mapped_column(JSON)
    note: Mapped[str | None] = mapped_column(String(200))


class NetworkChange(InProgramme, Base):
    """Something that happened in the network, for the feed."""

    __tablename__ = "network_changes"
    __table_args__ = (
        Index("ix_network_changes_programme_id_id", "programme_id", "id"),
        Index("ix_network_changes_programme_id_kind_id", "programme_id", "kind", "id"),
        Index("ix_network_changes_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_network_changes_programme_id_at", "programme_id", "at"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    at: Mapped[Instant]
    kind: Mapped[str] = mapped_column(String(12))
    member_id: Mapped[Whole]
    other_member_id: Mapped[Whole | None]
    units: Mapped[Whole | None]
    by_name: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str | None] = mapped_column(String(200))


class ScoredPurchase(KeyedByProgramme, Base):
    """A purchase that gave somebody an income."""

    __tablename__ = "network_purchases"
    is_audited = False

    rrn: Mapped[str] = mapped_column(String(12), primary_key=True)
    member_id: Mapped[Whole]
    policy_id: Mapped[Whole]
    at: Mapped[Instant]
    amount: Mapped[Whole]
    basis: Mapped[Whole]
    returned_amount: Mapped[Whole]
    is_reversed: Mapped[bool] = mapped_column(Boolean)


class ScoredReturn(KeyedByProgramme, Base):
    """A return of such a purchase."""

    __tablename__ = "network_returns"
    is_audited = False

    rrn: Mapped[str] = mapped_column(String(12), primary_key=True)
    purchase_rrn: Mapped[str] = mapped_column(String(12))
    amount: Mapped[Whole]
    is_reversed: Mapped[bool] = mapped_column(Boolean)


class IncomeLine(InProgramme, Base):
    """What one purchase or introduction gave a member, or its return took back."""

    __tablename__ = "network_income_lines"
    __table_args__ = (
        Index("ix_network_income_lines_programme_id_rrn", "programme_id", "rrn"),
        Index("ix_network_income_lines_programme_id_member_id_id", "programme_id", "member_id", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    at: Mapped[Instant]
    member_id: Mapped[Whole]
    kind: Mapped[str] = mapped_column(String(12))
    level: Mapped[int] = mapped_column(Integer)
    source_member_id: Mapped[Whole]
    rrn: Mapped[str | None] = mapped_column(String(12))
    policy_id: Mapped[Whole]
    purse: Mapped[int] = mapped_column(Integer)
    due: Mapped[date] = mapped_column(Date)
    parts: Mapped[Whole]
    taken_back_parts: Mapped[Whole]
    of_line_id: Mapped[Whole | None]


class Income(KeyedByProgramme, Base):
    """What a member is to get on a day, as far as it isn't on its way yet."""

    __tablename__ = "network_incomes"
    __table_args__ = (Index("ix_network_incomes_programme_id_member_id", "programme_id", "member_id"),)
    is_audited = False

    due: Mapped[date] = mapped_column(Date, primary_key=True)
    member_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    purse: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    parts: Mapped[Whole]


class IncomeCarry(KeyedByProgramme, Base):
    """What goes with a member's next payout: a fraction, what couldn't be given, or less than zero: owed."""

    __tablename__ = "network_income_carries"
    is_audited = False

    member_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    purse: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    parts: Mapped[Whole]


class IncomeTotal(KeyedByProgramme, Base):
    """What a member was granted in a period that caps count in: a day, or a month of the Jalali calendar."""

    __tablename__ = "network_income_totals"
    is_audited = False

    member_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    purse: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    parts: Mapped[Whole]


class NetworkPayout(InProgramme, Base):
    """Units on their way to a member, or back from one."""

    __tablename__ = "network_payouts"
    __table_args__ = (
        Index("ix_network_payouts_programme_id_id", "programme_id", "id"),
        Index("ix_network_payouts_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_network_payouts_programme_id_state_id", "programme_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    member_id: Mapped[Whole]
    purse: Mapped[int] = mapped_column(Integer)
    due: Mapped[date] = mapped_column(Date)
    units: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(8))
    budget_id: Mapped[Whole | None]
    request_id: Mapped[Whole | None]
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    asked_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
