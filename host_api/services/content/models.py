"""Tables of what articles, books and courses have in common."""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class ContentCategory(Versioned, InProgramme, Base):
    """A node of the tree of an area: blog, library or courses."""

    __tablename__ = "content_categories"
    __table_args__ = (
        UniqueConstraint("programme_id", "area", "slug"),
        Index("ix_content_categories_programme_id_parent_id", "programme_id", "parent_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    area: Mapped[str] = mapped_column(String(7))
    parent_id: Mapped[Whole | None] = mapped_column(ForeignKey("content_categories.id"))
    slug: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))


class ContentPerson(Versioned, InProgramme, Base):
    """An analyst, author or teacher, as readers see them."""

    __tablename__ = "content_people"
    __table_args__ = (
        Index("ix_content_people_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    role: Mapped[str] = mapped_column(String(7))
    name: Mapped[str] = mapped_column(String(80))
    name_fa: Mapped[str] = mapped_column(String(80))
    position: Mapped[str | None] = mapped_column(String(80))
    licence_number: Mapped[str | None] = mapped_column(String(40))
    specialities: Mapped[str | None] = mapped_column(String(200))
    biography: Mapped[str | None] = mapped_column(String(2000))
    created_at: Mapped[Instant]


class ContentWord(KeyedByProgramme, Base):
    """A word of a text, by which the text is found; its beginning is enough."""

    __tablename__ = "content_words"
    __table_args__ = (
        Index("ix_content_words_programme_id_kind_subject_id", "programme_id", "kind", "subject_id"),
        Index(
            "ix_content_words_pattern",
            "programme_id",
            "kind",
            "word",
            postgresql_ops={"word": "varchar_pattern_ops"},
        ),
    )
    is_audited = False

    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    word: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject_id: Mapped[Whole] = mapped_column(primary_key=True)
