"""Tables of sources, of what they have told, and of what follows from it.

Reports are only added, so a large import holds SQLite's one writer no longer than it takes to put them in
place; a job then settles them a few at a time.
"""

from datetime import date

from sqlalchemy import Boolean, Date, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class BrokerageSource(Versioned, InProgramme, Base):
    """A broker or fund that tells trades and holdings; `event_code` is the event by which its trades earn."""

    __tablename__ = "brokerage_sources"
    __table_args__ = (UniqueConstraint("programme_id", "code"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    code: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(6))
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    event_code: Mapped[str | None] = mapped_column(String(16))
    is_active: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[Instant]


class TradeContent:
    """Columns of what is told of a trade."""

    source: Mapped[str] = mapped_column(String(16))
    reference: Mapped[str] = mapped_column(String(40))
    revision: Mapped[int] = mapped_column(Integer)
    member_id: Mapped[Whole]
    symbol: Mapped[str] = mapped_column(String(24))
    asset_type: Mapped[str] = mapped_column(String(9))
    side: Mapped[str] = mapped_column(String(4))
    traded_at: Mapped[Instant]
    quantity: Mapped[Whole]
    price_rials: Mapped[Whole]
    turnover_rials: Mapped[Whole]
    commission_rials: Mapped[Whole]
    is_cancelled: Mapped[bool] = mapped_column(Boolean)


class TradeReport(TradeContent, InProgramme, Base):
    """A row of an import; never changed but for what became of it.

    `digest` is of the content: a row that says otherwise under the same revision is another one, and refused.
    `next_try_at` is when the job settles it; None where that is done.
    """

    __tablename__ = "brokerage_trade_reports"
    __table_args__ = (
        UniqueConstraint(
            "programme_id",
            "source",
            "reference",
            "revision",
            "digest",
            name="uq_brokerage_trade_reports_once",
        ),
        Index("ix_brokerage_trade_reports_programme_id_id", "programme_id", "id"),
        Index("ix_brokerage_trade_reports_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_brokerage_trade_reports_programme_id_next_try_at_id", "programme_id", "next_try_at", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    digest: Mapped[str] = mapped_column(String(32))
    told_at: Mapped[Instant]
    state: Mapped[str] = mapped_column(String(10))
    refusal: Mapped[str | None] = mapped_column(String(32))
    next_try_at: Mapped[Instant | None]


class Trade(TradeContent, InProgramme, Base):
    """A trade as its last revision has it, and the event by which it earned."""

    __tablename__ = "brokerage_trades"
    __table_args__ = (
        UniqueConstraint("programme_id", "source", "reference"),
        Index("ix_brokerage_trades_programme_id_id", "programme_id", "id"),
        Index("ix_brokerage_trades_programme_id_traded_at_id", "programme_id", "traded_at", "id"),
        Index(
            "ix_brokerage_trades_programme_id_member_id_traded_at", "programme_id", "member_id", "traded_at"
        ),
        Index("ix_brokerage_trades_programme_id_symbol_traded_at", "programme_id", "symbol", "traded_at"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    first_told_at: Mapped[Instant]
    told_at: Mapped[Instant]
    event_id: Mapped[Whole | None]


class TradeChange(InProgramme, Base):
    """What a revision added to all trades, or took off them, in the order in which that happened.

    A correction takes the earlier revision off and adds its own, so the sums of all changes are the trades'.
    """

    __tablename__ = "brokerage_trade_changes"
    __table_args__ = (
        Index("ix_brokerage_trade_changes_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    trade_id: Mapped[Whole]
    member_id: Mapped[Whole]
    traded_at: Mapped[Instant]
    is_taken_off: Mapped[bool] = mapped_column(Boolean)
    turnover_rials: Mapped[Whole]
    commission_rials: Mapped[Whole]


class SymbolDay(InProgramme, Base):
    """The trades of a symbol at a source on a day of Tehran, counted along with every change."""

    __tablename__ = "brokerage_symbol_days"
    __table_args__ = (
        UniqueConstraint(
            "programme_id", "day", "source", "symbol", "asset_type", name="uq_brokerage_symbol_days_once"
        ),
        Index("ix_brokerage_symbol_days_programme_id_id", "programme_id", "id"),
        Index("ix_brokerage_symbol_days_programme_id_symbol_day", "programme_id", "symbol", "day"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    day: Mapped[date] = mapped_column(Date)
    source: Mapped[str] = mapped_column(String(16))
    symbol: Mapped[str] = mapped_column(String(24))
    asset_type: Mapped[str] = mapped_column(String(9))
    buy_count: Mapped[Whole]
    buy_rials: Mapped[Whole]
    sell_count: Mapped[Whole]
    sell_rials: Mapped[Whole]
    turnover_rials: Mapped[Whole]
    commission_rials: Mapped[Whole]


class Position(InProgramme, Base):
    """What a member held of a symbol at an instant, as a source has told it.

    It is seen once the member's update at that source has its instant; older ones are deleted then.
    """

    __tablename__ = "brokerage_positions"
    __table_args__ = (
        UniqueConstraint(
            "programme_id", "source", "member_id", "as_of", "symbol", name="uq_brokerage_positions_once"
        ),
        Index("ix_brokerage_positions_programme_id_id", "programme_id", "id"),
        Index("ix_brokerage_positions_programme_id_member_id", "programme_id", "member_id"),
        Index("ix_brokerage_positions_programme_id_next_try_at_id", "programme_id", "next_try_at", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    source: Mapped[str] = mapped_column(String(16))
    member_id: Mapped[Whole]
    symbol: Mapped[str] = mapped_column(String(24))
    asset_type: Mapped[str] = mapped_column(String(9))
    as_of: Mapped[Instant]
    quantity: Mapped[Whole]
    value_rials: Mapped[Whole]
    cost_rials: Mapped[Whole | None]
    told_at: Mapped[Instant]
    next_try_at: Mapped[Instant | None]


class PortfolioUpdate(KeyedByProgramme, Base):
    """Of which instant what is known of a member's holdings at a source is."""

    __tablename__ = "brokerage_portfolio_updates"
    is_audited = False

    member_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(String(16), primary_key=True)
    as_of: Mapped[Instant]
    told_at: Mapped[Instant]
