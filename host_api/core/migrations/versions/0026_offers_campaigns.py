"""Offers, the suggester and campaigns; what receipts say to members.

Revision: 0026, after 0025
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_TABLES = (
    "offers",
    "offer_counts",
    "offered_members",
    "offer_marks",
    "offer_passage_policies",
    "offer_passages_told",
    "suggestion_policies",
    "member_suggestions",
    "campaigns",
    "campaign_progress",
    "campaign_entries",
    "campaign_acts",
    "campaign_results",
    "campaign_policies",
)
_INDEXES = (
    ("offers", ("state", "id")),
    ("offered_members", ("member_id", "offer_id")),
    ("offered_members", ("offer_id", "state", "rank")),
    ("offered_members", ("state", "ends_at")),
    ("offered_members", ("used_rrn",)),
    ("member_suggestions", ("told_offer_id",)),
    ("campaigns", ("state", "id")),
    ("campaign_entries", ("campaign_id", "due_at")),
    ("campaign_entries", ("member_id",)),
    ("campaign_acts", ("member_id", "at")),
)
_TILL_TEXTS = ("till_text", "till_text_fa")


def upgrade() -> None:
    """Apply."""
    _create_offers()
    _create_campaigns()
    for table, columns in _INDEXES:
        op.create_index(f"ix_{table}_programme_id_{'_'.join(columns)}", table, ["programme_id", *columns])
    for column in _TILL_TEXTS:
        op.add_column("members", sa.Column(column, sa.String(96), nullable=True))


def downgrade() -> None:
    """Take back."""
    for column in _TILL_TEXTS:
        op.drop_column("members", column)
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_offers() -> None:
    _create(
        "offers",
        sa.Column("kind", sa.String(13), nullable=False),
        sa.Column("state", sa.String(6), nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("title_fa", sa.String(100), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("text_fa", sa.String(500), nullable=False),
        sa.Column("till_text", sa.String(100), nullable=True),
        sa.Column("till_text_fa", sa.String(100), nullable=True),
        sa.Column("prize_id", sa.BigInteger(), nullable=True),
        sa.Column("pool_id", sa.BigInteger(), nullable=True),
        sa.Column("rule_id", sa.String(32), nullable=True),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.Column("sku", sa.String(32), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("privilege", sa.String(16), nullable=True),
        sa.Column("points_needed", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("seasons", sa.JSON(), nullable=False),
        sa.Column("weekdays", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=True),
        sa.Column("merchants", sa.JSON(), nullable=False),
        sa.Column("branches", sa.JSON(), nullable=False),
        sa.Column("interests", sa.JSON(), nullable=False),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.Column("per_member", sa.Integer(), nullable=False),
        sa.Column("allocation", sa.String(10), nullable=False),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("use_days", sa.Integer(), nullable=True),
        sa.Column("latitude_e6", sa.Integer(), nullable=True),
        sa.Column("longitude_e6", sa.Integer(), nullable=True),
        sa.Column("radius_m", sa.Integer(), nullable=True),
        sa.Column("seed", sa.String(64), nullable=True),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("allocated_at", _INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    _create_keyed(
        "offer_counts",
        ("offer_id",),
        sa.Column("offer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name="fk_offer_counts_offer_id_offers"),
    )
    _create_keyed(
        "offered_members",
        ("offer_id", "member_id"),
        sa.Column("offer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("offered_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=True),
        sa.Column("claimed_at", _INSTANT, nullable=True),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.Column("given_id", sa.BigInteger(), nullable=True),
        sa.Column("used_rrn", sa.String(12), nullable=True),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name="fk_offered_members_offer_id_offers"),
    )
    _create_keyed(
        "offer_marks",
        ("job",),
        sa.Column("job", sa.String(32), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
    )
    _create_keyed(
        "offer_passage_policies",
        (),
        sa.Column("most_a_day", sa.Integer(), nullable=False),
        sa.Column("hours_between", sa.Integer(), nullable=False),
        sa.Column("days_between_same", sa.Integer(), nullable=False),
        sa.Column("quiet_from_hour", sa.Integer(), nullable=False),
        sa.Column("quiet_until_hour", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    _create_keyed(
        "offer_passages_told",
        ("member_id", "at", "offer_id"),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("offer_id", sa.BigInteger(), autoincrement=False, nullable=False),
    )
    _create_keyed(
        "suggestion_policies",
        (),
        sa.Column("reach", sa.Integer(), nullable=False),
        sa.Column("affinity", sa.Integer(), nullable=False),
        sa.Column("interest", sa.Integer(), nullable=False),
        sa.Column("dormancy", sa.Integer(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("loyalty", sa.Integer(), nullable=False),
        sa.Column("history_days", sa.Integer(), nullable=False),
        sa.Column("dormant_days", sa.Integer(), nullable=False),
        sa.Column("ending_days", sa.Integer(), nullable=False),
        sa.Column("least_score", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    _create_keyed(
        "member_suggestions",
        ("member_id",),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("suggestions", sa.JSON(), nullable=False),
        sa.Column("told_offer_id", sa.BigInteger(), nullable=True),
        sa.Column("at", _INSTANT, nullable=False),
    )


def _create_campaigns() -> None:
    _create(
        "campaigns",
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("title_fa", sa.String(100), nullable=False),
        sa.Column("goal", sa.String(14), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("paused_because", sa.String(20), nullable=True),
        sa.Column("audience", sa.JSON(), nullable=True),
        sa.Column("trigger", sa.JSON(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("control_percent", sa.Integer(), nullable=False),
        sa.Column("variants", sa.JSON(), nullable=False),
        sa.Column("budget_id", sa.BigInteger(), nullable=True),
        sa.Column("measure_days", sa.Integer(), nullable=False),
        sa.Column("margin_percent", sa.Integer(), nullable=False),
        sa.Column("message_cost", sa.BigInteger(), nullable=False),
        sa.Column("offer_cost", sa.BigInteger(), nullable=False),
        sa.Column("code_cost", sa.BigInteger(), nullable=False),
        sa.Column("unit_cost", sa.BigInteger(), nullable=False),
        sa.Column("suspend_after_days", sa.Integer(), nullable=True),
        sa.Column("suspend_on", sa.String(8), nullable=False),
        sa.Column("least_return_percent", sa.Integer(), nullable=False),
        sa.Column("least_members", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("changed_by", sa.String(72), nullable=False),
        sa.Column("changed_by_name", sa.String(100), nullable=False),
        sa.Column("started_by_name", sa.String(100), nullable=True),
        sa.Column("started_at", _INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    _create_keyed(
        "campaign_progress",
        ("campaign_id",),
        sa.Column("campaign_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("after_member", sa.BigInteger(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("measured_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_campaign_progress_campaign_id_campaigns"
        ),
    )
    _create_keyed(
        "campaign_entries",
        ("campaign_id", "member_id", "occasion"),
        sa.Column("campaign_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("occasion", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("arm", sa.String(16), nullable=False),
        sa.Column("state", sa.String(7), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("due_at", _INSTANT, nullable=True),
        sa.Column("entered_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_campaign_entries_campaign_id_campaigns"
        ),
    )
    _create(
        "campaign_acts",
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("occasion", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("arm", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(9), nullable=False),
        sa.Column("is_message", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("has_budget", sa.Boolean(), nullable=False),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_campaign_acts_campaign_id_campaigns"
        ),
        sa.UniqueConstraint(
            "programme_id", "campaign_id", "member_id", "occasion", "step", name="uq_campaign_acts_once"
        ),
    )
    _create_keyed(
        "campaign_results",
        ("campaign_id", "arm"),
        sa.Column("campaign_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("arm", sa.String(16), nullable=False),
        sa.Column("members", sa.BigInteger(), nullable=False),
        sa.Column("buyers", sa.BigInteger(), nullable=False),
        sa.Column("purchases", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("squares", sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_campaign_results_campaign_id_campaigns"
        ),
    )
    _create_keyed(
        "campaign_policies",
        (),
        sa.Column("most_a_day", sa.Integer(), nullable=False),
        sa.Column("most_a_week", sa.Integer(), nullable=False),
        sa.Column("quiet_from_hour", sa.Integer(), nullable=False),
        sa.Column("quiet_until_hour", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )


def _create(table: str, *parts: sa.Column[Any] | sa.Constraint) -> None:
    """A table of a programme's rows with an id of their own."""
    op.create_table(
        table,
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        _of_programme(table),
        sqlite_autoincrement=True,
    )


def _create_keyed(table: str, key: tuple[str, ...], *parts: sa.Column[Any] | sa.Constraint) -> None:
    """A table whose key begins with the programme."""
    op.create_table(
        table,
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("programme_id", *key, name=f"pk_{table}"),
        _of_programme(table),
    )


def _of_programme(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["programme_id"], ["programmes.id"], name=f"fk_{table}_programme_id_programmes"
    )
