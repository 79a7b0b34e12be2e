"""Tables of publications, and of what was in force."""

from sqlalchemy import Boolean, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole


class RulePublication(NeedsSecondPerson, InProgramme, Base):
    """A wish to put a table in force where `expected_version` is; another person decides on it.

    It is of a frozen version, or of `wanted_table_version`, which the switch still has.
    """

    __tablename__ = "rule_publications"
    __table_args__ = (
        Index("ix_rule_publications_programme_id_id", "programme_id", "id"),
        Index("ix_rule_publications_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_rule_publications_programme_id_digest", "programme_id", "digest"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(9))
    version_id: Mapped[Whole | None]
    wanted_table_version: Mapped[int | None] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
    expected_version: Mapped[int] = mapped_column(Integer)
    publish_at: Mapped[Instant | None]
    is_despite_errors: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(String(200))
    table_version: Mapped[int | None] = mapped_column(Integer)
    failure: Mapped[str | None] = mapped_column(String(11))
    response_code: Mapped[str | None] = mapped_column(String(2))
    found_version: Mapped[int | None] = mapped_column(Integer)
    finished_at: Mapped[Instant | None]


class TableInForce(KeyedByProgramme, Base):
    """A rule table that came into force, as the journal tells it; the highest number is in force."""

    __tablename__ = "rule_tables"
    is_audited = False

    table_version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
    since: Mapped[Instant]
    position: Mapped[Whole]
