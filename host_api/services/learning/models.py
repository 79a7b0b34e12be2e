"""Tables of the library, the courses and what members get of them."""

from datetime import date

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class LibraryDocument(Versioned, InProgramme, Base):
    """A report of an analyst or a book, with its file. `price` is units of a purse, 0 for nothing."""

    __tablename__ = "library_documents"
    __table_args__ = (
        Index("ix_library_documents_programme_id_id", "programme_id", "id"),
        Index("ix_library_documents_programme_id_category_id", "programme_id", "category_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(String(120))
    abstract: Mapped[str] = mapped_column(String(1000))
    category_id: Mapped[Whole] = mapped_column(ForeignKey("content_categories.id"))
    author_id: Mapped[Whole] = mapped_column(ForeignKey("content_people.id"))
    subject: Mapped[str | None] = mapped_column(String(80))
    publisher: Mapped[str | None] = mapped_column(String(80))
    publisher_kind: Mapped[str | None] = mapped_column(String(10))
    dated_on: Mapped[date | None] = mapped_column(Date)
    file_id: Mapped[Whole | None]
    price: Mapped[Whole]
    purse: Mapped[int] = mapped_column(Integer)
    is_downloadable: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(9))
    created_at: Mapped[Instant]


class Course(Versioned, InProgramme, Base):
    """A course. `places_left` is None where there is no end to the places."""

    __tablename__ = "courses"
    __table_args__ = (
        Index("ix_courses_programme_id_id", "programme_id", "id"),
        Index("ix_courses_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_courses_programme_id_category_id", "programme_id", "category_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    mode: Mapped[str] = mapped_column(String(7))
    title: Mapped[str] = mapped_column(String(120))
    abstract: Mapped[str] = mapped_column(String(1000))
    description: Mapped[str] = mapped_column(Text)
    category_id: Mapped[Whole] = mapped_column(ForeignKey("content_categories.id"))
    teacher_id: Mapped[Whole] = mapped_column(ForeignKey("content_people.id"))
    audience_level: Mapped[str | None] = mapped_column(String(60))
    starts_at: Mapped[Instant | None]
    enrol_until: Mapped[Instant | None]
    capacity: Mapped[int | None] = mapped_column(Integer)
    places_left: Mapped[int | None] = mapped_column(Integer)
    price: Mapped[Whole]
    purse: Mapped[int] = mapped_column(Integer)
    refund_days: Mapped[int] = mapped_column(Integer)
    refund_percent: Mapped[int] = mapped_column(Integer)
    is_downloadable: Mapped[bool] = mapped_column(Boolean)
    has_certificate: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(9))
    reason: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[Instant]


class CourseLesson(Versioned, InProgramme, Base):
    """A lesson or, of an online course, a session; `address` is where it is watched or joined."""

    __tablename__ = "course_lessons"
    __table_args__ = (
        UniqueConstraint("programme_id", "course_id", "position"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    course_id: Mapped[Whole] = mapped_column(ForeignKey("courses.id"))
    position: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(120))
    starts_at: Mapped[Instant | None]
    minutes: Mapped[int | None] = mapped_column(Integer)
    address: Mapped[str | None] = mapped_column(String(300))
    file_id: Mapped[Whole | None]


class LearningPurchase(InProgramme, Base):
    """What a member has of the library or the courses: one row for each thing, bought again or not.

    `attempt` counts how often it was bought, `return_attempts` how often its units were asked back;
    `paid_by` is whose record paid, which a merge doesn't change.
    """

    __tablename__ = "learning_purchases"
    __table_args__ = (
        UniqueConstraint("programme_id", "kind", "subject_id", "member_id"),
        Index("ix_learning_purchases_programme_id_id", "programme_id", "id"),
        Index("ix_learning_purchases_programme_id_member_id_id", "programme_id", "member_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(String(8))
    subject_id: Mapped[Whole]
    member_id: Mapped[Whole]
    paid_by: Mapped[Whole]
    price: Mapped[Whole]
    purse: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    attempt: Mapped[int] = mapped_column(Integer)
    return_attempts: Mapped[int] = mapped_column(Integer)
    asked_at: Mapped[Instant]
    begun_at: Mapped[Instant | None]
    completed_at: Mapped[Instant | None]
    returned_at: Mapped[Instant | None]
    reason: Mapped[str | None] = mapped_column(String(200))
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    certificate_number: Mapped[str | None] = mapped_column(String(32))


class LessonDone(KeyedByProgramme, Base):
    """A lesson that a member has gone through."""

    __tablename__ = "course_lessons_done"
    is_audited = False

    purchase_id: Mapped[Whole] = mapped_column(ForeignKey("learning_purchases.id"), primary_key=True)
    lesson_id: Mapped[Whole] = mapped_column(ForeignKey("course_lessons.id"), primary_key=True)
    done_at: Mapped[Instant]
