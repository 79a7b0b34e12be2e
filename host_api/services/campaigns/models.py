"""Tables of campaigns."""

from datetime import date

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class Campaign(Versioned, InProgramme, Base):
    """A campaign; `changed_by` is who wrote it last, and so can't start it."""

    __tablename__ = "campaigns"
    __table_args__ = (
        Index("ix_campaigns_programme_id_state_id", "programme_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    title: Mapped[str] = mapped_column(String(100))
    title_fa: Mapped[str] = mapped_column(String(100))
    goal: Mapped[str] = mapped_column(String(14))
    state: Mapped[str] = mapped_column(String(9))
    paused_because: Mapped[str | None] = mapped_column(String(20))
    audience: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    trigger: Mapped[dict[str, JsonValue]] = mapped_column(JSON)
    last_day: Mapped[date] = mapped_column(Date)
    control_percent: Mapped[int] = mapped_column(Integer)
    variants: Mapped[list[JsonValue]] = mapped_column(JSON)
    budget_id: Mapped[Whole | None]
    measure_days: Mapped[int] = mapped_column(Integer)
    margin_percent: Mapped[int] = mapped_column(Integer)
    message_cost: Mapped[Whole]
    offer_cost: Mapped[Whole]
    code_cost: Mapped[Whole]
    unit_cost: Mapped[Whole]
    suspend_after_days: Mapped[int | None] = mapped_column(Integer)
    suspend_on: Mapped[str] = mapped_column(String(8))
    least_return_percent: Mapped[int] = mapped_column(Integer)
    least_members: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[Instant]
    changed_by: Mapped[str] = mapped_column(String(72))
    changed_by_name: Mapped[str] = mapped_column(String(100))
    started_by_name: Mapped[str | None] = mapped_column(String(100))
    started_at: Mapped[Instant | None]


class CampaignProgress(KeyedByProgramme, Base):
    """How far a running campaign has looked for members: events, members of an audience, days."""

    __tablename__ = "campaign_progress"
    is_audited = False

    campaign_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("campaigns.id"), primary_key=True, autoincrement=False
    )
    sequence: Mapped[Whole]
    after_member: Mapped[Whole]
    on_day: Mapped[date] = mapped_column(Date)
    is_complete: Mapped[bool] = mapped_column(Boolean)
    measured_at: Mapped[Instant | None]


class CampaignEntry(KeyedByProgramme, Base):
    """A member on the way through a campaign, once for each occasion; or one of the control group."""

    __tablename__ = "campaign_entries"
    __table_args__ = (
        Index("ix_campaign_entries_programme_id_campaign_id_due_at", "programme_id", "campaign_id", "due_at"),
        Index("ix_campaign_entries_programme_id_member_id", "programme_id", "member_id"),
    )
    is_audited = False

    campaign_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("campaigns.id"), primary_key=True, autoincrement=False
    )
    member_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    occasion: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    arm: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(7))
    step: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[Instant | None]
    entered_at: Mapped[Instant]


class CampaignAct(InProgramme, Base):
    """What a step did for a member."""

    __tablename__ = "campaign_acts"
    __table_args__ = (
        UniqueConstraint(
            "programme_id", "campaign_id", "member_id", "occasion", "step", name="uq_campaign_acts_once"
        ),
        Index("ix_campaign_acts_programme_id_member_id_at", "programme_id", "member_id", "at"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    campaign_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("campaigns.id"))
    member_id: Mapped[Whole]
    occasion: Mapped[int] = mapped_column(Integer)
    step: Mapped[int] = mapped_column(Integer)
    arm: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(9))
    is_message: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(8))
    units: Mapped[Whole]
    has_budget: Mapped[bool] = mapped_column(Boolean)
    rrn: Mapped[str | None] = mapped_column(String(12))
    at: Mapped[Instant]


class CampaignResult(KeyedByProgramme, Base):
    """What the members of an arm bought within their days; `squares` is the sum of squares, in digits."""

    __tablename__ = "campaign_results"
    is_audited = False

    campaign_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("campaigns.id"), primary_key=True, autoincrement=False
    )
    arm: Mapped[str] = mapped_column(String(16), primary_key=True)
    members: Mapped[Whole]
    buyers: Mapped[Whole]
    purchases: Mapped[Whole]
    amount: Mapped[Whole]
    squares: Mapped[str] = mapped_column(String(60))


class CampaignPolicy(Versioned, KeyedByProgramme, Base):
    """How often campaigns may write to a member, all together; without a row the defaults hold."""

    __tablename__ = "campaign_policies"

    most_a_day: Mapped[int] = mapped_column(Integer)
    most_a_week: Mapped[int] = mapped_column(Integer)
    quiet_from_hour: Mapped[int] = mapped_column(Integer)
    quiet_until_hour: Mapped[int] = mapped_column(Integer)
