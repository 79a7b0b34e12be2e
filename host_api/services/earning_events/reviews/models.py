"""Tables of reviews."""

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class Review(InProgramme, Base):
    """What a member wrote about a product, a branch or the club; one for each subject.

    `digest` is the same for texts that differ in spelling only; `attempt` counts what was written again after
    a rejection.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        UniqueConstraint("programme_id", "kind", "subject_kind", "subject", "member_id"),
        Index("ix_reviews_programme_id_id", "programme_id", "id"),
        Index("ix_reviews_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_reviews_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_reviews_programme_id_digest", "programme_id", "digest"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(String(6))
    subject_kind: Mapped[str] = mapped_column(String(7))
    subject: Mapped[str] = mapped_column(String(64))
    member_id: Mapped[Whole]
    text: Mapped[str] = mapped_column(String(2000))
    digest: Mapped[str] = mapped_column(String(32))
    stars: Mapped[int | None] = mapped_column(Integer)
    attempt: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(9))
    written_at: Mapped[Instant]
    decided_at: Mapped[Instant | None]
    decided_by_name: Mapped[str | None] = mapped_column(String(100))
    reason: Mapped[str | None] = mapped_column(String(200))
    event_id: Mapped[Whole | None]


class ReviewReport(InProgramme, Base):
    """What a member finds wrong with another's review."""

    __tablename__ = "review_reports"
    __table_args__ = (
        UniqueConstraint("programme_id", "review_id", "member_id"),
        Index("ix_review_reports_programme_id_id", "programme_id", "id"),
        Index(
            "ix_review_reports_programme_id_member_id_reported_at", "programme_id", "member_id", "reported_at"
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    review_id: Mapped[Whole] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"))
    member_id: Mapped[Whole]
    reason: Mapped[str] = mapped_column(String(200))
    reported_at: Mapped[Instant]


class ReviewPolicy(Versioned, KeyedByProgramme, Base):
    """What texts of a kind have to be like, and which event they tell."""

    __tablename__ = "review_policies"

    kind: Mapped[str] = mapped_column(String(6), primary_key=True)
    event: Mapped[str] = mapped_column(String(16))
    least_characters: Mapped[int] = mapped_column(Integer)
    most_characters: Mapped[int] = mapped_column(Integer)
    are_links_allowed: Mapped[bool] = mapped_column(Boolean)
    most_waiting: Mapped[int] = mapped_column(Integer)
    most_per_day: Mapped[int] = mapped_column(Integer)
