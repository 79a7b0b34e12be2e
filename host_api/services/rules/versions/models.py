"""Tables of frozen versions."""

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant
from host_api.services.rules.draft.json_content import JsonObject


class RuleVersion(InProgramme, Base):
    """The draft as it stood once. `report` has faults, lints and cost; `digest` is the compiled table's
    SHA-256."""

    __tablename__ = "rule_versions"
    __table_args__ = (
        Index("ix_rule_versions_programme_id_id", "programme_id", "id"),
        Index("ix_rule_versions_programme_id_digest", "programme_id", "digest"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    state: Mapped[str] = mapped_column(String(9))
    note: Mapped[str] = mapped_column(String(200))
    rules: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str | None] = mapped_column(String(64))
    errors: Mapped[int | None] = mapped_column(Integer)
    report: Mapped[JsonObject | None] = mapped_column(JSON(none_as_null=True))
    frozen_by: Mapped[str] = mapped_column(String(72))
    frozen_by_name: Mapped[str] = mapped_column(String(100))
    frozen_at: Mapped[Instant]


class RuleVersionContent(InProgramme, Base):
    """What is large about a version: its document, and its table as it travels to the switch."""

    __tablename__ = "rule_version_contents"
    is_audited = False

    version_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("rule_versions.id"), primary_key=True, autoincrement=False
    )
    document: Mapped[JsonObject] = mapped_column(JSON)
    table: Mapped[bytes | None] = mapped_column("packed_table", LargeBinary)
