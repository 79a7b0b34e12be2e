"""Tables of offers."""

from datetime import date

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class Offer(Versioned, InProgramme, Base):
    """An offer. `draw_id`: the draw by which it is given out, once it is published."""

    __tablename__ = "offers"
    __table_args__ = (
        Index("ix_offers_programme_id_state_id", "programme_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(String(13))
    state: Mapped[str] = mapped_column(String(6))
    title: Mapped[str] = mapped_column(String(100))
    title_fa: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(String(500))
    text_fa: Mapped[str] = mapped_column(String(500))
    till_text: Mapped[str | None] = mapped_column(String(100))
    till_text_fa: Mapped[str | None] = mapped_column(String(100))
    prize_id: Mapped[Whole | None]
    pool_id: Mapped[Whole | None]
    rule_id: Mapped[str | None] = mapped_column(String(32))
    group_id: Mapped[Whole | None]
    sku: Mapped[str | None] = mapped_column(String(32))
    price: Mapped[Whole | None]
    privilege: Mapped[str | None] = mapped_column(String(16))
    points_needed: Mapped[Whole]
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    seasons: Mapped[list[JsonValue]] = mapped_column(JSON)
    weekdays: Mapped[list[str]] = mapped_column(JSON)
    audience: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    merchants: Mapped[list[str]] = mapped_column(JSON)
    branches: Mapped[list[str]] = mapped_column(JSON)
    interests: Mapped[list[str]] = mapped_column(JSON)
    stock: Mapped[Whole | None]
    per_member: Mapped[int] = mapped_column(Integer)
    allocation: Mapped[str] = mapped_column(String(10))
    places: Mapped[int | None] = mapped_column(Integer)
    use_days: Mapped[int | None] = mapped_column(Integer)
    latitude_e6: Mapped[int | None] = mapped_column(Integer)
    longitude_e6: Mapped[int | None] = mapped_column(Integer)
    radius_m: Mapped[int | None] = mapped_column(Integer)
    draw_id: Mapped[Whole | None]
    created_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[Instant]
    allocated_at: Mapped[Instant | None]


class OfferCount(KeyedByProgramme, Base):
    """How many of an offer are gone; locked by whoever takes one."""

    __tablename__ = "offer_counts"
    is_audited = False

    offer_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("offers.id"), primary_key=True, autoincrement=False
    )
    taken: Mapped[Whole]


class OfferedMember(KeyedByProgramme, Base):
    """A member has an offer; the latest claim of it, and how many there were."""

    __tablename__ = "offered_members"
    __table_args__ = (
        Index("ix_offered_members_programme_id_member_id_offer_id", "programme_id", "member_id", "offer_id"),
        Index("ix_offered_members_programme_id_state_ends_at", "programme_id", "state", "ends_at"),
        Index("ix_offered_members_programme_id_used_rrn", "programme_id", "used_rrn"),
        Index(
            "ix_offered_members_programme_id_offer_id_state_rank",
            "programme_id",
            "offer_id",
            "state",
            "rank",
        ),
    )
    is_audited = False

    offer_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("offers.id"), primary_key=True, autoincrement=False
    )
    member_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(9))
    rank: Mapped[Whole]
    source: Mapped[str] = mapped_column(String(40))
    claims: Mapped[int] = mapped_column(Integer)
    uses: Mapped[int] = mapped_column(Integer)
    offered_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    opened_at: Mapped[Instant | None]
    claimed_at: Mapped[Instant | None]
    used_at: Mapped[Instant | None]
    given_id: Mapped[Whole | None]
    used_rrn: Mapped[str | None] = mapped_column(String(12))


class OfferMark(KeyedByProgramme, Base):
    """The journal position up to which a job has looked."""

    __tablename__ = "offer_marks"
    is_audited = False

    job: Mapped[str] = mapped_column(String(32), primary_key=True)
    position: Mapped[Whole]


class PassagePolicy(Versioned, KeyedByProgramme, Base):
    """When members hear of offers at a place; without a row the defaults hold."""

    __tablename__ = "offer_passage_policies"

    most_a_day: Mapped[int] = mapped_column(Integer)
    hours_between: Mapped[int] = mapped_column(Integer)
    days_between_same: Mapped[int] = mapped_column(Integer)
    quiet_from_hour: Mapped[int] = mapped_column(Integer)
    quiet_until_hour: Mapped[int] = mapped_column(Integer)


class PassageTold(KeyedByProgramme, Base):
    """A member was told of an offer in passing; where the member was is not kept."""

    __tablename__ = "offer_passages_told"
    is_audited = False

    member_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[Instant] = mapped_column(primary_key=True)
    offer_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
