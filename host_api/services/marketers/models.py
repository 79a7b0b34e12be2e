"""Tables of marketers, of what counts for them, of what they are owed and paid, and of affiliate links.

A marketer is a member, and whom they brought hangs on them in the referral network: that is not kept here.
Months are counted through: a Jalali year times twelve, and its months from 0.
"""

from datetime import date

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.policy_versions import PolicyVersion
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole


class Marketer(Versioned, InProgramme, Base):
    """A member who brings customers; what those trade counts from the day `since` on."""

    __tablename__ = "marketers"
    __table_args__ = (
        UniqueConstraint("programme_id", "member_id"),
        Index("ix_marketers_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    member_id: Mapped[Whole]
    since: Mapped[date] = mapped_column(Date)
    is_active: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[Instant]


class RebateTable(PolicyVersion, InProgramme, Base):
    """One version of which part of the commission goes back to marketers, by tiers."""

    __tablename__ = "marketer_rebate_tables"
    __table_args__ = (
        Index("ix_marketer_rebate_tables_programme_id_valid_from_id", "programme_id", "valid_from", "id"),
        {"sqlite_autoincrement": True},
    )

    tier_by: Mapped[str] = mapped_column(String(10))
    tiers: Mapped[list[dict[str, JsonValue]]] = mapped_column(JSON)


class MarketerGate(KeyedByProgramme, Base):
    """One row a programme: up to which change of trades was followed; whoever follows holds it."""

    __tablename__ = "marketer_gates"
    is_audited = False

    followed_up_to: Mapped[Whole]


class MarketerLine(InProgramme, Base):
    """What counts for a marketer in a month: a customer's trade, what a correction took off, or an entry.

    Lines are only added. A statement claims each of them once, which is all that is ever changed of it.
    """

    __tablename__ = "marketer_lines"
    __table_args__ = (
        UniqueConstraint("programme_id", "reference"),
        Index("ix_marketer_lines_programme_id_id", "programme_id", "id"),
        Index("ix_marketer_lines_programme_id_marketer_id_month", "programme_id", "marketer_id", "month"),
        Index(
            "ix_marketer_lines_programme_id_marketer_id_statement_id",
            "programme_id",
            "marketer_id",
            "statement_id",
        ),
        Index("ix_marketer_lines_programme_id_trade_id_id", "programme_id", "trade_id", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    marketer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("marketers.id"))
    month: Mapped[int] = mapped_column(Integer)
    day: Mapped[date] = mapped_column(Date)
    customer_id: Mapped[Whole | None]
    trade_id: Mapped[Whole | None]
    reference: Mapped[str | None] = mapped_column(String(40))
    trades: Mapped[int] = mapped_column(Integer)
    turnover_rials: Mapped[Whole]
    commission_rials: Mapped[Whole]
    new_customers: Mapped[int] = mapped_column(Integer)
    note: Mapped[str | None] = mapped_column(String(200))
    made_by: Mapped[str] = mapped_column(String(100))
    made_at: Mapped[Instant]
    statement_id: Mapped[Whole | None]


class MarketerStatement(InProgramme, Base):
    """What a marketer is owed for a month: made once, and never changed but for its payment."""

    __tablename__ = "marketer_statements"
    __table_args__ = (
        UniqueConstraint("programme_id", "marketer_id", "month"),
        Index("ix_marketer_statements_programme_id_id", "programme_id", "id"),
        Index("ix_marketer_statements_programme_id_state_id", "programme_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    marketer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("marketers.id"))
    month: Mapped[int] = mapped_column(Integer)
    customers: Mapped[int] = mapped_column(Integer)
    new_customers: Mapped[int] = mapped_column(Integer)
    trades: Mapped[int] = mapped_column(Integer)
    turnover_rials: Mapped[Whole]
    commission_rials: Mapped[Whole]
    rebate_table_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("marketer_rebate_tables.id"))
    basis_points: Mapped[int] = mapped_column(Integer)
    rebate_rials: Mapped[Whole]
    adjustment_rials: Mapped[Whole]
    carried_in_rials: Mapped[Whole]
    payable_rials: Mapped[Whole]
    carried_on_rials: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(7))
    closed_at: Mapped[Instant]
    paid_on: Mapped[date | None] = mapped_column(Date)


class MarketerAdjustment(InProgramme, Base):
    """What became known of an earlier month after its statement: part of a later one."""

    __tablename__ = "marketer_adjustments"
    __table_args__ = (
        Index("ix_marketer_adjustments_programme_id_statement_id_id", "programme_id", "statement_id", "id"),
        Index(
            "ix_marketer_adjustments_programme_id_marketer_id_month", "programme_id", "marketer_id", "month"
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    statement_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("marketer_statements.id"))
    marketer_id: Mapped[Whole]
    month: Mapped[int] = mapped_column(Integer)
    turnover_rials: Mapped[Whole]
    commission_rials: Mapped[Whole]
    basis_points: Mapped[int] = mapped_column(Integer)
    rebate_rials: Mapped[Whole]


class MarketerPayment(NeedsSecondPerson, InProgramme, Base):
    """That a statement was paid, as one person says and another confirms."""

    __tablename__ = "marketer_payments"
    __table_args__ = (
        Index("ix_marketer_payments_programme_id_id", "programme_id", "id"),
        Index("ix_marketer_payments_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_marketer_payments_programme_id_statement_id", "programme_id", "statement_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    statement_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("marketer_statements.id"))
    amount_rials: Mapped[Whole]
    paid_on: Mapped[date] = mapped_column(Date)
    bank_reference: Mapped[str] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(String(200))


class AffiliateLink(Versioned, InProgramme, Base):
    """An address that a marketer gives away, and how long after a click somebody who joins is theirs."""

    __tablename__ = "affiliate_links"
    __table_args__ = (
        UniqueConstraint("programme_id", "code"),
        Index("ix_affiliate_links_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    marketer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("marketers.id"))
    code: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(60))
    target_url: Mapped[str] = mapped_column(String(300))
    window_days: Mapped[int] = mapped_column(Integer)
    most_clicks_a_day: Mapped[int] = mapped_column(Integer)
    is_active: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[Instant]


class AffiliateClick(InProgramme, Base):
    """A visitor's first click on a link on a day; `visitor` is a digest."""

    __tablename__ = "affiliate_clicks"
    __table_args__ = (
        UniqueConstraint("programme_id", "link_id", "day", "visitor"),
        Index("ix_affiliate_clicks_programme_id_visitor_clicked_at", "programme_id", "visitor", "clicked_at"),
        Index("ix_affiliate_clicks_programme_id_clicked_at", "programme_id", "clicked_at"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    link_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("affiliate_links.id"))
    day: Mapped[date] = mapped_column(Date)
    visitor: Mapped[str] = mapped_column(String(32))
    clicked_at: Mapped[Instant]


class AffiliateDay(InProgramme, Base):
    """A link's clicks on a day of Tehran, those beyond its bound, and who joined by it."""

    __tablename__ = "affiliate_days"
    __table_args__ = (
        UniqueConstraint("programme_id", "link_id", "day"),
        Index("ix_affiliate_days_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    link_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("affiliate_links.id"))
    day: Mapped[date] = mapped_column(Date)
    clicks: Mapped[int] = mapped_column(Integer)
    uncounted: Mapped[Whole]
    attributions: Mapped[int] = mapped_column(Integer)


class AffiliateAttribution(InProgramme, Base):
    """By which click a customer came: one for each, for ever."""

    __tablename__ = "affiliate_attributions"
    __table_args__ = (
        UniqueConstraint("programme_id", "member_id"),
        Index("ix_affiliate_attributions_programme_id_id", "programme_id", "id"),
        Index("ix_affiliate_attributions_programme_id_link_id_id", "programme_id", "link_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    link_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("affiliate_links.id"))
    member_id: Mapped[Whole]
    clicked_at: Mapped[Instant]
    attributed_at: Mapped[Instant]
