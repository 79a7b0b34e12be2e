"""Standing, codes and sealed data of merchants and branches; contracts; registry and parameters of terminals;
operators and shifts.

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)

_CHANGED = ("merchants", "branches", "terminals")


def _new_columns(table: str) -> list[sa.Column[object]]:
    """What a table that was there gets; rows that are there get the values given here."""
    version: sa.Column[object] = sa.Column("version", sa.Integer(), nullable=False, server_default="1")
    match table:
        case "merchants":
            return [
                version,
                sa.Column("status", sa.String(9), nullable=False, server_default="active"),
                sa.Column("guild", sa.String(16), nullable=True),
                sa.Column("sector", sa.String(16), nullable=True),
                sa.Column("sheba_sealed", sa.LargeBinary(), nullable=True),
                sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
            ]
        case "branches":
            return [
                version,
                sa.Column("status", sa.String(6), nullable=False, server_default="open"),
                sa.Column("opening_hours", sa.JSON(), nullable=False, server_default="[]"),
                sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"),
                sa.Column("city_code", sa.String(16), nullable=True),
                sa.Column("address", sa.String(200), nullable=True),
                sa.Column("latitude_microdegrees", sa.Integer(), nullable=True),
                sa.Column("longitude_microdegrees", sa.Integer(), nullable=True),
            ]
        case _:
            return [
                version,
                sa.Column("is_served", sa.Boolean(), nullable=False, server_default=sa.true()),
                sa.Column("parameter_sequence", sa.BigInteger(), nullable=False, server_default="0"),
                sa.Column("model", sa.String(40), nullable=True),
                sa.Column("serial_number", sa.String(40), nullable=True),
                sa.Column("sim_number", sa.String(20), nullable=True),
                sa.Column("firmware_channel", sa.String(32), nullable=True),
            ]


def upgrade() -> None:
    """Apply."""
    for table in _CHANGED:
        columns = _new_columns(table)
        with op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True}) as rows:
            for column in columns:
                rows.add_column(column)
        with op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True}) as rows:
            for column in columns:
                if not column.nullable:
                    rows.alter_column(column.name, existing_type=column.type, server_default=None)
    op.create_index("ix_merchants_programme_id_guild", "merchants", ["programme_id", "guild"])
    _create_contracts()
    _create_terminal_parameters()
    _create_operators()
    _create_shifts()


def downgrade() -> None:
    """Take back."""
    for table in ("shifts", "operators", "terminal_parameters", "contracts"):
        op.drop_table(table)
    op.drop_index("ix_merchants_programme_id_guild", "merchants")
    for table in _CHANGED:
        with op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True}) as rows:
            for column in _new_columns(table):
                rows.drop_column(column.name)


def _create_contracts() -> None:
    op.create_table(
        "contracts",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("merchant_key", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("valid_from", _INSTANT, nullable=False),
        sa.Column("valid_until", _INSTANT, nullable=False),
        sa.Column("begins_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("may_earn", sa.Boolean(), nullable=False),
        sa.Column("may_burn", sa.Boolean(), nullable=False),
        sa.Column("purses", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("branches", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("funding", sa.JSON(), nullable=False),
        sa.Column("settlement_period", sa.String(7), nullable=False),
        sa.Column("settlement_days", sa.Integer(), nullable=False),
        sa.Column("commission_parts", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(4000), nullable=True),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("note", sa.String(200), nullable=True),
        sa.Column("warned_days", sa.Integer(), nullable=True),
        *_common("contracts"),
        sa.UniqueConstraint("merchant_key", "number", name="uq_contracts_merchant_key_number"),
        _reference("contracts", "merchant_key", "merchants"),
        sqlite_autoincrement=True,
    )
    _create_index("contracts", "programme_id", "id")
    _create_index("contracts", "programme_id", "state", "ends_at")


def _create_terminal_parameters() -> None:
    op.create_table(
        "terminal_parameters",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("level", sa.String(8), nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        *_common("terminal_parameters"),
        sa.UniqueConstraint(
            "programme_id",
            "level",
            "holder_id",
            name="uq_terminal_parameters_programme_id_level_holder_id",
        ),
        sqlite_autoincrement=True,
    )


def _create_operators() -> None:
    op.create_table(
        "operators",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("merchant_key", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("status", sa.String(6), nullable=False),
        sa.Column("branches", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("expires_at", _INSTANT, nullable=True),
        sa.Column("pin_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("pin_set_at", _INSTANT, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        *_common("operators"),
        sa.UniqueConstraint("merchant_key", "code", name="uq_operators_merchant_key_code"),
        _reference("operators", "merchant_key", "merchants"),
        sqlite_autoincrement=True,
    )
    _create_index("operators", "programme_id", "id")


def _create_shifts() -> None:
    op.create_table(
        "shifts",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("operator_id", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("terminal_id", sa.String(8), nullable=True),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("opened_by", sa.String(100), nullable=False),
        sa.Column("opening_cash", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.Column("closed_by", sa.String(100), nullable=True),
        sa.Column("closing_cash", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(200), nullable=True),
        *_common("shifts"),
        _reference("shifts", "operator_id", "operators"),
        _reference("shifts", "branch_id", "branches"),
        sqlite_autoincrement=True,
    )
    _create_index("shifts", "programme_id", "id")
    _create_index("shifts", "operator_id", "opened_at")
    _create_index("shifts", "programme_id", "terminal_id", "opened_at")


def _common(table: str) -> tuple[sa.Column[int] | sa.Constraint, ...]:
    """What every new table here has."""
    return (
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        _reference(table, "programme_id", "programmes"),
    )


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}")


def _create_index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, [*columns])
