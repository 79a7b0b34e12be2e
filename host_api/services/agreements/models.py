"""Tables of agreements."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import SealedBytes, SealedField
from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, within_programme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant


class Agreement(Versioned, InProgramme, Base):
    """What members or merchants agree to, whatever its text is at a time, and what waits for it."""

    __tablename__ = "agreements"
    __table_args__ = (
        UniqueConstraint("programme_id", "code"),
        Index("ix_agreements_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    code: Mapped[str] = mapped_column(String(16))
    party: Mapped[str] = mapped_column(String(8))
    processes: Mapped[list[str]] = mapped_column(JSON)
    refusal_fa: Mapped[str] = mapped_column(String(80))
    refusal_en: Mapped[str] = mapped_column(String(80))
    is_retired: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[Instant]


class AgreementVersion(Versioned, NeedsSecondPerson, InProgramme, Base):
    """One text of an agreement; once published it never changes.

    `bit` is that of the members' records on the switch; a version that needs no new acceptance has the one
    before it.
    """

    __tablename__ = "agreement_versions"
    __table_args__ = (
        UniqueConstraint("programme_id", "agreement_id", "number"),
        Index("ix_agreement_versions_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    agreement_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("agreements.id"))
    number: Mapped[int] = mapped_column(Integer)
    title_fa: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(120))
    text_fa: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    needs_acceptance: Mapped[bool] = mapped_column(Boolean)
    bit: Mapped[int | None] = mapped_column(Integer)
    effective_from: Mapped[Instant | None]
    note: Mapped[str | None] = mapped_column(String(200))


class AgreementAcceptance(InProgramme, Base):
    """That somebody has accepted a version, and what proves it; rows are only ever added."""

    __tablename__ = "agreement_acceptances"
    __table_args__ = (
        within_programme("member_id", "members"),
        CheckConstraint("(member_id IS NULL) <> (merchant_key IS NULL)", name="one_party"),
        UniqueConstraint("programme_id", "version_id", "member_id"),
        UniqueConstraint("programme_id", "version_id", "merchant_key"),
        Index("ix_agreement_acceptances_programme_id_id", "programme_id", "id"),
        Index("ix_agreement_acceptances_programme_id_member_id_id", "programme_id", "member_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    agreement_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("agreements.id"))
    version_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("agreement_versions.id"))
    content_hash: Mapped[str] = mapped_column(String(64))
    member_id: Mapped[int | None] = mapped_column(BigInteger)
    merchant_key: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("merchants.id"))
    accepted_at: Mapped[Instant]
    channel: Mapped[str] = mapped_column(String(8))
    proof: Mapped[str] = mapped_column(String(8))
    reference: Mapped[str | None] = mapped_column(String(48))
    rrn: Mapped[str | None] = mapped_column(String(12))
    address_sealed: Mapped[SealedBytes | None]
    recorded_by: Mapped[str] = mapped_column(String(100))


ADDRESS = SealedField("agreement_acceptances.address", AgreementAcceptance.address_sealed)
