"""Tables of the blog."""

from datetime import date

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class BlogSite(Versioned, KeyedByProgramme, Base):
    """How a club's articles are shown to everybody; `domain` is the club's own, which no other club has."""

    __tablename__ = "blog_sites"
    __table_args__ = (UniqueConstraint("domain"),)

    domain: Mapped[str | None] = mapped_column(String(100))
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    tagline: Mapped[str | None] = mapped_column(String(120))
    tagline_fa: Mapped[str | None] = mapped_column(String(120))
    is_open: Mapped[bool] = mapped_column(Boolean)


class BlogPost(Versioned, InProgramme, Base):
    """An article in one language.

    `dated_at` is what lists go by: the instant from which it is published, before that when it was written.
    `html` is the body, rendered and cleaned when it was written.
    """

    __tablename__ = "blog_posts"
    __table_args__ = (
        UniqueConstraint("programme_id", "slug"),
        Index("ix_blog_posts_programme_id_state_dated_at_id", "programme_id", "state", "dated_at", "id"),
        Index("ix_blog_posts_programme_id_category_id", "programme_id", "category_id"),
        Index("ix_blog_posts_programme_id_translation_of", "programme_id", "translation_of"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    language: Mapped[str] = mapped_column(String(2))
    translation_of: Mapped[Whole | None] = mapped_column(ForeignKey("blog_posts.id"))
    slug: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(String(1000))
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    reading_minutes: Mapped[int] = mapped_column(Integer)
    category_id: Mapped[Whole] = mapped_column(ForeignKey("content_categories.id"))
    author_id: Mapped[Whole] = mapped_column(ForeignKey("content_people.id"))
    references: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(9))
    dated_at: Mapped[Instant]
    written_by: Mapped[str] = mapped_column(String(72))
    written_by_name: Mapped[str] = mapped_column(String(100))
    reviewed_by_name: Mapped[str | None] = mapped_column(String(100))
    reason: Mapped[str | None] = mapped_column(String(200))
    changed_at: Mapped[Instant]


class BlogPostTag(KeyedByProgramme, Base):
    """A tag of an article; `key` is the same for all spellings."""

    __tablename__ = "blog_post_tags"
    __table_args__ = (Index("ix_blog_post_tags_programme_id_key_post_id", "programme_id", "key", "post_id"),)
    is_audited = False

    post_id: Mapped[Whole] = mapped_column(ForeignKey("blog_posts.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int] = mapped_column(Integer)
    tag: Mapped[str] = mapped_column(String(40))


class BlogPostView(KeyedByProgramme, Base):
    """How often an article was opened on a day of Tehran."""

    __tablename__ = "blog_post_views"
    __table_args__ = (Index("ix_blog_post_views_programme_id_day", "programme_id", "day"),)
    is_audited = False

    post_id: Mapped[Whole] = mapped_column(ForeignKey("blog_posts.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    views: Mapped[Whole]
