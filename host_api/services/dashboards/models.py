"""Tables of the dashboards service: sums by day, which only the feed projection writes."""

from datetime import date

from sqlalchemy import BigInteger, Date, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import KeyedByProgramme
from host_api.core.tables import Base


class DailyAnswers(KeyedByProgramme, Base):
    """Transactions of a day at a branch that did the same and were answered the same."""

    __tablename__ = "daily_answers"
    is_audited = False

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(15), primary_key=True)
    branch_number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    operation: Mapped[str] = mapped_column(String(20), primary_key=True)
    response_code: Mapped[str] = mapped_column(String(2), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)
    discount: Mapped[int] = mapped_column(BigInteger)
    tendered: Mapped[int] = mapped_column(BigInteger)
    net_amount: Mapped[int] = mapped_column(BigInteger)


class DailyPoints(KeyedByProgramme, Base):
    """What a day gave to and took from all purses of one name, by reason."""

    __tablename__ = "daily_points"
    is_audited = False

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    holder: Mapped[str] = mapped_column(String(12), primary_key=True)
    purse: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    received: Mapped[int] = mapped_column(BigInteger)
    spent: Mapped[int] = mapped_column(BigInteger)


class DailyRule(KeyedByProgramme, Base):
    """What a rule did on a day in one purse; in minor units, under an empty purse, for discounts."""

    __tablename__ = "daily_rules"
    is_audited = False

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    rule: Mapped[str] = mapped_column(String(32), primary_key=True)
    type: Mapped[str] = mapped_column(String(16), primary_key=True)
    purse: Mapped[str] = mapped_column(String(32), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    granted: Mapped[int] = mapped_column(BigInteger)


class DailyMembers(KeyedByProgramme, Base):
    """How many members had a sale on a day, and how many of them their first one."""

    __tablename__ = "daily_members"
    is_audited = False

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    active: Mapped[int] = mapped_column(BigInteger)
    first_time: Mapped[int] = mapped_column(BigInteger)


class MemberActivity(KeyedByProgramme, Base):
    """The last day on which a member had a sale."""

    __tablename__ = "member_activity"
    __table_args__ = (Index("ix_member_activity_programme_id_last_day", "programme_id", "last_day"),)
    is_audited = False

    member_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    last_day: Mapped[date] = mapped_column(Date)


class LotTotal(KeyedByProgramme, Base):
    """What all holders of a kind have in purses of one name that runs out in one Jalali month.

    `expires_month` is year times 100 plus month; `NEVER` and `DEBT` stand for what has no end.
    """

    __tablename__ = "lot_totals"
    is_audited = False

    holder: Mapped[str] = mapped_column(String(12), primary_key=True)
    purse: Mapped[str] = mapped_column(String(32), primary_key=True)
    expires_month: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    amount: Mapped[int] = mapped_column(BigInteger)
