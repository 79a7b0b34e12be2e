"""Tables of the draft."""

from sqlalchemy import JSON, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.tables import Base, Identifier
from host_api.services.rules.draft.json_content import JsonObject


class RuleDraft(Versioned, KeyedByProgramme, Base):
    """What all rules of the draft share: purses, tiers, groups, budgets and so on, as written."""

    __tablename__ = "rule_drafts"

    head: Mapped[JsonObject] = mapped_column(JSON)


class DraftRule(Versioned, InProgramme, Base):
    """One rule as written, in one line or in full; it may be at fault."""

    __tablename__ = "draft_rules"
    __table_args__ = (
        UniqueConstraint("programme_id", "rule_id"),
        Index("ix_draft_rules_programme_id_place_id", "programme_id", "place", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    rule_id: Mapped[str] = mapped_column(String(16))
    place: Mapped[int] = mapped_column(Integer)
    form: Mapped[str] = mapped_column(String(6))
    status: Mapped[str] = mapped_column(String(10))
    content: Mapped[JsonObject] = mapped_column(JSON)


class RuleEdition(KeyedByProgramme, Base):
    """The last frozen edition of each rule that ever was: a changed rule gets the next number."""

    __tablename__ = "rule_editions"
    is_audited = False

    rule_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    edition: Mapped[int] = mapped_column(Integer)
    content_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
