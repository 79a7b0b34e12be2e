"""Tables of paid notices."""

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.policy_versions import PolicyVersion
from host_api.core.programmes import InProgramme, KeyedByProgramme, within_programme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole


class PaidNoticePolicy(PolicyVersion, InProgramme, Base):
    """One version of what a message costs, and how many a member gets."""

    __tablename__ = "paid_notice_policies"
    __table_args__ = (
        Index("ix_paid_notice_policies_programme_id_valid_from_id", "programme_id", "valid_from", "id"),
        {"sqlite_autoincrement": True},
    )

    is_open: Mapped[bool] = mapped_column(Boolean)
    message_rials: Mapped[Whole]
    most_recipients: Mapped[int] = mapped_column(Integer)
    most_per_member: Mapped[int] = mapped_column(Integer)
    per_days: Mapped[int] = mapped_column(Integer)


class NoticeConsent(KeyedByProgramme, Base):
    """That a member wants sellers' notices; who doesn't has no row."""

    __tablename__ = "notice_consents"
    __table_args__ = (within_programme("member_id", "members"),)

    member_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    given_at: Mapped[Instant]


class PaidNotice(NeedsSecondPerson, InProgramme, Base):
    """A text for members who are interested in something, with the price of its moment.

    `after_id`: up to this one the audience has been gone through.
    """

    __tablename__ = "paid_notices"
    __table_args__ = (
        Index("ix_paid_notices_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_paid_notices_programme_id_seller_id_id", "programme_id", "seller_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    seller_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("sellers.id"))
    policy_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("paid_notice_policies.id"))
    interest: Mapped[str] = mapped_column(String(32))
    audience: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    text: Mapped[str] = mapped_column(String(300))
    text_fa: Mapped[str] = mapped_column(String(300))
    means: Mapped[str] = mapped_column(String(7))
    recipients: Mapped[int] = mapped_column(Integer)
    message_rials: Mapped[Whole]
    after_id: Mapped[Whole]
    queued: Mapped[int] = mapped_column(Integer)
    sent: Mapped[int] = mapped_column(Integer)
    billed_rials: Mapped[Whole]
    ended_at: Mapped[Instant | None]


class PaidNoticeMessage(InProgramme, Base):
    """One member's message of a notice."""

    __tablename__ = "paid_notice_messages"
    __table_args__ = (
        within_programme("member_id", "members"),
        UniqueConstraint("notice_id", "member_id"),
        Index(
            "ix_paid_notice_messages_programme_id_notice_id_state_id",
            "programme_id",
            "notice_id",
            "state",
            "id",
        ),
        Index(
            "ix_paid_notice_messages_programme_id_member_id_queued_at",
            "programme_id",
            "member_id",
            "queued_at",
        ),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    notice_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("paid_notices.id"))
    member_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(6))
    queued_at: Mapped[Instant]
