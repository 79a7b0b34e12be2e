"""Events that earn, reviews, surveys, visits, and achievements.

Revision: 0024, after 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    _create_events()
    _create_reviews()
    _create_surveys()
    _create_visits()
    _create_achievements()


def downgrade() -> None:
    """Take back."""
    for table in (
        "achievement_awards",
        "achievements",
        "visits",
        "visit_points",
        "survey_answers",
        "survey_participants",
        "surveys",
        "review_policies",
        "reviews",
        "earning_takings",
        "earning_events",
        "earning_event_types",
    ):
        op.drop_table(table)


def _create_events() -> None:
    op.create_table(
        "earning_event_types",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("metric", sa.String(16), nullable=True),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("partner_keys", sa.JSON(), nullable=False),
        sa.Column("unique_by", sa.JSON(), nullable=False),
        sa.Column("caps", sa.JSON(), nullable=False),
        sa.Column("late_days", sa.Integer(), nullable=False),
        sa.Column("needs_moderation", sa.Boolean(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_earning_event_types_programme_id_programmes"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_earning_event_types"),
        sa.UniqueConstraint("programme_id", "code", name="uq_earning_event_types_programme_id_code"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "earning_events",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("type_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("duplicate_key", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("occurred_at", _INSTANT, nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(11), nullable=False),
        sa.Column("told_at", _INSTANT, nullable=False),
        sa.Column("told_by_name", sa.String(100), nullable=False),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("refusal", sa.String(48), nullable=True),
        sa.Column("text", sa.String(300), nullable=True),
        sa.Column("text_fa", sa.String(300), nullable=True),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=True),
        sa.Column("credit", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("taken_back_at", _INSTANT, nullable=True),
        sa.Column("taken_back_by_name", sa.String(100), nullable=True),
        sa.Column("taken_back_for", sa.String(200), nullable=True),
        sa.Column("next_try_at", _INSTANT, nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_earning_events_programme_id_programmes"
        ),
        sa.ForeignKeyConstraint(
            ["type_id"], ["earning_event_types.id"], name="fk_earning_events_type_id_earning_event_types"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_earning_events"),
        sa.UniqueConstraint(
            "programme_id",
            "type_id",
            "duplicate_key",
            "revision",
            name="uq_earning_events_programme_id_type_id_duplicate_key_revision",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_earning_events_programme_id_id", "earning_events", ["programme_id", "id"])
    op.create_index(
        "ix_earning_events_programme_id_member_id_occurred_at",
        "earning_events",
        ["programme_id", "member_id", "occurred_at"],
    )
    op.create_index(
        "ix_earning_events_programme_id_next_try_at_id",
        "earning_events",
        ["programme_id", "next_try_at", "id"],
    )
    op.create_index(
        "ix_earning_events_programme_id_state_id", "earning_events", ["programme_id", "state", "id"]
    )
    op.create_index(
        "ix_earning_events_programme_id_type_id_id", "earning_events", ["programme_id", "type_id", "id"]
    )
    op.create_index(
        "ix_earning_events_programme_id_type_id_reference",
        "earning_events",
        ["programme_id", "type_id", "reference"],
    )
    op.create_table(
        "earning_takings",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("purse", sa.Integer(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["earning_events.id"], name="fk_earning_takings_event_id_earning_events"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_earning_takings_programme_id_programmes"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_earning_takings"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_earning_takings_event_id_id", "earning_takings", ["event_id", "id"])


def _create_reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(6), nullable=False),
        sa.Column("subject_kind", sa.String(7), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(2000), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("written_at", _INSTANT, nullable=False),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_reviews_programme_id_programmes"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
        sa.UniqueConstraint(
            "programme_id",
            "kind",
            "subject_kind",
            "subject",
            "member_id",
            name="uq_reviews_programme_id_kind_subject_kind_subject_member_id",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reviews_programme_id_digest", "reviews", ["programme_id", "digest"])
    op.create_index("ix_reviews_programme_id_id", "reviews", ["programme_id", "id"])
    op.create_index("ix_reviews_programme_id_member_id_id", "reviews", ["programme_id", "member_id", "id"])
    op.create_index("ix_reviews_programme_id_state_id", "reviews", ["programme_id", "state", "id"])
    op.create_table(
        "review_policies",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(6), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("least_characters", sa.Integer(), nullable=False),
        sa.Column("most_characters", sa.Integer(), nullable=False),
        sa.Column("are_links_allowed", sa.Boolean(), nullable=False),
        sa.Column("most_waiting", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_review_policies_programme_id_programmes"
        ),
        sa.PrimaryKeyConstraint("programme_id", "kind", name="pk_review_policies"),
    )


def _create_surveys() -> None:
    op.create_table(
        "surveys",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=True),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_surveys_programme_id_programmes"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_surveys"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_surveys_programme_id_id", "surveys", ["programme_id", "id"])
    op.create_table(
        "survey_participants",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("survey_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_survey_participants_programme_id_programmes"
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["surveys.id"], name="fk_survey_participants_survey_id_surveys"
        ),
        sa.PrimaryKeyConstraint("programme_id", "survey_id", "member_id", name="pk_survey_participants"),
    )
    op.create_index(
        "ix_survey_participants_programme_id_member_id", "survey_participants", ["programme_id", "member_id"]
    )
    op.create_table(
        "survey_answers",
        sa.Column("id", _IDENTIFIER, autoincrement=False, nullable=False),
        sa.Column("survey_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", _INSTANT, nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_survey_answers_programme_id_programmes"
        ),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name="fk_survey_answers_survey_id_surveys"),
        sa.PrimaryKeyConstraint("id", name="pk_survey_answers"),
    )
    op.create_index(
        "ix_survey_answers_programme_id_member_id", "survey_answers", ["programme_id", "member_id"]
    )
    op.create_index("ix_survey_answers_survey_id_id", "survey_answers", ["survey_id", "id"])


def _create_visits() -> None:
    op.create_table(
        "visit_points",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("ways", sa.JSON(), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("qr_token", sa.String(32), nullable=False),
        sa.Column("radius_m", sa.Integer(), nullable=False),
        sa.Column("rest_minutes", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_visit_points_branch_id_branches"),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_visit_points_programme_id_programmes"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_visit_points"),
        sa.UniqueConstraint("programme_id", "branch_id", name="uq_visit_points_programme_id_branch_id"),
        sa.UniqueConstraint("programme_id", "code", name="uq_visit_points_programme_id_code"),
        sa.UniqueConstraint("programme_id", "qr_token", name="uq_visit_points_programme_id_qr_token"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "visits",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("distance_m", sa.Integer(), nullable=True),
        sa.Column("visited_at", _INSTANT, nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_visits_branch_id_branches"),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_visits_programme_id_programmes"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_visits"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_visits_programme_id_branch_id_id", "visits", ["programme_id", "branch_id", "id"])
    op.create_index("ix_visits_programme_id_id", "visits", ["programme_id", "id"])
    op.create_index("ix_visits_programme_id_member_id_id", "visits", ["programme_id", "member_id", "id"])


def _create_achievements() -> None:
    op.create_table(
        "achievements",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("text_fa", sa.String(500), nullable=False),
        sa.Column("badge", sa.String(32), nullable=True),
        sa.Column("measure", sa.String(8), nullable=False),
        sa.Column("counted", sa.String(16), nullable=False),
        sa.Column("distinct_by", sa.String(16), nullable=True),
        sa.Column("least_amount", sa.BigInteger(), nullable=False),
        sa.Column("merchant_ids", sa.JSON(), nullable=False),
        sa.Column("time_window", sa.String(8), nullable=False),
        sa.Column("window_days", sa.Integer(), nullable=True),
        sa.Column("grace", sa.Integer(), nullable=False),
        sa.Column("is_repeated", sa.Boolean(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_achievements_programme_id_programmes"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_achievements"),
        sa.UniqueConstraint("programme_id", "code", name="uq_achievements_programme_id_code"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "achievement_awards",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("achievement_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(16), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("reached_at", _INSTANT, nullable=False),
        sa.Column("awarded_at", _INSTANT, nullable=False),
        sa.Column("prize", sa.String(5), nullable=False),
        sa.Column("prize_award_id", sa.BigInteger(), nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["achievement_id"], ["achievements.id"], name="fk_achievement_awards_achievement_id_achievements"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_achievement_awards_programme_id_programmes"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_achievement_awards"),
        sa.UniqueConstraint(
            "programme_id",
            "achievement_id",
            "member_id",
            "level",
            "period",
            name="uq_achievement_awards_once",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_achievement_awards_programme_id_id", "achievement_awards", ["programme_id", "id"])
    op.create_index(
        "ix_achievement_awards_programme_id_member_id_id",
        "achievement_awards",
        ["programme_id", "member_id", "id"],
    )
