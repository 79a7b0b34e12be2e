"""Tables of public bodies, their participations, their members' benefits, and credit that banks provide."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole


class PublicBody(InProgramme, Base):
    """An organisation as a public body. Whoever decides on its participations locks this row."""

    __tablename__ = "public_bodies"
    __table_args__ = (UniqueConstraint("programme_id", "organisation_id"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    organisation_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("organisations.id"))
    kind: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[Instant]


class BodyParticipation(NeedsSecondPerson, InProgramme, Base):
    """That a body takes part in a role on some days, and what of a bank's limit is drawn.

    Whoever draws, repays or ends it locks this row.
    """

    __tablename__ = "body_participations"
    __table_args__ = (
        CheckConstraint("drawn_rials >= 0 AND drawn_rials <= credit_limit_rials", name="within_limit"),
        Index("ix_body_participations_programme_id_body_id_id", "programme_id", "body_id", "id"),
        Index("ix_body_participations_programme_id_state_id", "programme_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    body_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("public_bodies.id"))
    role: Mapped[str] = mapped_column(String(15))
    terms: Mapped[str] = mapped_column(String(2000))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date | None] = mapped_column(Date)
    credit_limit_rials: Mapped[Whole]
    drawn_rials: Mapped[Whole]
    ended_by_name: Mapped[str | None] = mapped_column(String(100))
    ended_at: Mapped[Instant | None]


class BodyBenefit(InProgramme, Base):
    """Something of another service that a body's members get."""

    __tablename__ = "body_benefits"
    __table_args__ = (
        UniqueConstraint("programme_id", "body_id", "kind", "target_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    body_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("public_bodies.id"))
    kind: Mapped[str] = mapped_column(String(5))
    target_id: Mapped[int] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(String(100))
    title_fa: Mapped[str] = mapped_column(String(100))


class BodyCreditLine(InProgramme, Base):
    """Credit drawn or repaid; lines are only ever added."""

    __tablename__ = "body_credit_lines"
    __table_args__ = (
        UniqueConstraint("programme_id", "participation_id", "reference"),
        Index("ix_body_credit_lines_programme_id_id", "programme_id", "id"),
        Index(
            "ix_body_credit_lines_programme_id_participation_id_at", "programme_id", "participation_id", "at"
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    participation_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("body_participations.id"))
    kind: Mapped[str] = mapped_column(String(6))
    reference: Mapped[str] = mapped_column(String(40))
    rials: Mapped[Whole]
    drawn_after_rials: Mapped[Whole]
    written_by: Mapped[str] = mapped_column(String(100))
    at: Mapped[Instant]
