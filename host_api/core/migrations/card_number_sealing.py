"""What revision 0013 does to numbers of cards: plain ones are sealed, and opened again on the way back."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.migrations.row_sealing import batches, has_rows, migration_cipher, rewrite

_INSTANT = sa.DateTime(timezone=True)
_INDEX_BYTES = 36
_AUTOINCREMENT = {"sqlite_autoincrement": True}
_HIDDEN = "…"
_CARD_INDEXES = (
    ["programme_id", "reference"],
    ["programme_id", "status", "expires_on"],
    ["programme_id", "product_id", "branch_id", "status", "id"],
    ["programme_id", "product_id", "issued_at", "branch_id"],
    ["order_id", "id"],
)
_CARD_REFERENCES = {
    "product_id": "card_products",
    "branch_id": "branches",
    "order_id": "card_orders",
    "replaces_id": "cards",
}
# Tables that keep the number of a card until the switch has had it.
PASSING = ("outbox", "ledger_requests")

_CARDS = sa.table(
    "cards",
    sa.column("id", sa.BigInteger),
    sa.column("programme_id", sa.BigInteger),
    sa.column("number", sa.String),
    sa.column("member_id", sa.BigInteger),
    sa.column("card_type", sa.String),
    sa.column("status", sa.String),
    sa.column("created_at", _INSTANT),
    sa.column("reference", sa.BigInteger),
    sa.column("number_sealed", sa.LargeBinary),
    sa.column("number_index", sa.LargeBinary),
    sa.column("first_six", sa.String),
    sa.column("last_four", sa.String),
    sa.column("product_id", sa.BigInteger),
    sa.column("feed_position", sa.BigInteger),
    sa.column("issued_at", _INSTANT),
)
_MEMBERS = sa.table("members", sa.column("id", sa.BigInteger))
_AUDIT = sa.table(
    "audit_log",
    sa.column("id", sa.BigInteger),
    sa.column("table_name", sa.String),
    sa.column("before", sa.JSON(none_as_null=True)),
    sa.column("after", sa.JSON(none_as_null=True)),
)


def seal_cards(products: sa.Table) -> None:
    """Seal the numbers of all cards; each type of card becomes a product."""
    with op.batch_alter_table("cards", table_kwargs=_AUTOINCREMENT) as cards:
        cards.add_column(sa.Column("reference", sa.BigInteger(), nullable=True))
        cards.add_column(sa.Column("number_sealed", sa.LargeBinary(), nullable=True))
        cards.add_column(sa.Column("number_index", sa.LargeBinary(_INDEX_BYTES), nullable=True))
        cards.add_column(sa.Column("first_six", sa.String(6), nullable=True))
        cards.add_column(sa.Column("last_four", sa.String(4), nullable=True))
        cards.add_column(sa.Column("product_id", sa.BigInteger(), nullable=True))
        cards.add_column(sa.Column("status_reason", sa.String(16), nullable=True))
        cards.add_column(sa.Column("expires_on", sa.Date(), nullable=True))
        for name in ("branch_id", "order_id", "replaces_id", "feed_position"):
            cards.add_column(sa.Column(name, sa.BigInteger(), nullable=True))
        cards.add_column(sa.Column("issued_at", _INSTANT, nullable=True))
    had_rows = has_rows("cards")
    if had_rows:
        _fill_cards(products)
    with op.batch_alter_table("cards", table_kwargs=_AUTOINCREMENT) as cards:
        cards.drop_constraint("uq_cards_programme_id_number", type_="unique")
        cards.drop_constraint("fk_cards_member_id_members", type_="foreignkey")
        cards.drop_column("number")
        cards.alter_column("status", existing_type=sa.String(8), type_=sa.String(9))
        for name in ("reference", "product_id", "feed_position"):
            cards.alter_column(name, existing_type=sa.BigInteger(), nullable=False)
        cards.alter_column("first_six", existing_type=sa.String(6), nullable=False)
        cards.alter_column("last_four", existing_type=sa.String(4), nullable=False)
        cards.create_unique_constraint("uq_cards_programme_id_number_index", ["programme_id", "number_index"])
        for column, other in _CARD_REFERENCES.items():
            cards.create_foreign_key(f"fk_cards_{column}_{other}", other, [column], ["id"])
    for columns in _CARD_INDEXES:
        op.create_index(f"ix_cards_{'_'.join(columns)}", "cards", columns)
    if had_rows:
        rewrite("cards")


def _fill_cards(products: sa.Table) -> None:
    connection = op.get_bind()
    cipher = migration_cipher()
    now = datetime.now(UTC)
    product_ids: dict[tuple[int, str], int] = {}
    kinds = connection.execute(sa.select(_CARDS.c.programme_id, _CARDS.c.card_type).distinct()).all()
    for programme_id, card_type in kinds:
        is_gift = card_type == "GIFT"
        added = connection.execute(
            products.insert().values(
                programme_id=programme_id,
                code=card_type,
                card_type=card_type,
                kind="gift" if is_gift else "loyalty",
                title=card_type,
                title_fa=card_type,
                media=["stripe", "barcode"],
                number_digits="",
                is_pin_wanted=False,
                price=0,
                replacement_fee=0,
                tiers=[],
                club_levels=[],
                is_family_allowed=False,
                static_code="code128",
                moment_code_s=120,
                status="active",
                created_at=now,
                version=1,
            )
        )
        key = added.inserted_primary_key
        if key is None:
            raise RuntimeError("the database gave no id")
        product_ids[programme_id, card_type] = key[0]
    statement = (
        sa.update(_CARDS)
        .where(_CARDS.c.id == sa.bindparam("row_id"))
        .values(
            {
                name: sa.bindparam(f"new_{name}")
                for name in (
                    *("reference", "number_sealed", "number_index", "first_six", "last_four"),
                    *("product_id", "feed_position", "issued_at"),
                )
            }
        )
    )
    for rows in batches(_CARDS, "programme_id", "number", "member_id", "card_type", "created_at"):
        connection.execute(statement, [_sealed(cipher, row, product_ids) for row in rows])


def _sealed(
    cipher: FieldCipher, row: sa.RowMapping, product_ids: dict[tuple[int, str], int]
) -> dict[str, object]:
    row_id, programme_id, number = row["id"], row["programme_id"], row["number"]
    return {
        "row_id": row_id,
        "new_reference": row_id,
        "new_number_sealed": cipher.seal(programme_id, "cards.number", row_id, number),
        "new_number_index": cipher.index(programme_id, "cards.number", number),
        "new_first_six": number[:6],
        "new_last_four": number[-4:],
        "new_product_id": product_ids[programme_id, row["card_type"]],
        "new_feed_position": 0,
        "new_issued_at": None if row["member_id"] is None else row["created_at"],
    }


def open_cards() -> None:
    """The way back."""
    with op.batch_alter_table("cards", table_kwargs=_AUTOINCREMENT) as cards:
        cards.add_column(sa.Column("number", sa.String(16), nullable=True))
    connection = op.get_bind()
    if has_rows("cards"):
        cipher = migration_cipher()
        statement = (
            sa.update(_CARDS)
            .where(_CARDS.c.id == sa.bindparam("row_id"))
            .values(number=sa.bindparam("new_number"))
        )
        for rows in batches(_CARDS, "programme_id", "number_sealed"):
            opened = [
                {
                    "row_id": row["id"],
                    "new_number": cipher.open(
                        row["programme_id"], "cards.number", row["id"], row["number_sealed"]
                    ),
                }
                for row in rows
            ]
            connection.execute(statement, opened)
        known = ("active", "blocked", "new")
        connection.execute(sa.update(_CARDS).where(_CARDS.c.status.not_in(known)).values(status="blocked"))
        connection.execute(
            sa.update(_CARDS)
            .where(_CARDS.c.member_id.not_in(sa.select(_MEMBERS.c.id)))
            .values(member_id=None)
        )
    for columns in _CARD_INDEXES:
        op.drop_index(f"ix_cards_{'_'.join(columns)}", "cards")
    with op.batch_alter_table("cards", table_kwargs=_AUTOINCREMENT) as cards:
        for column, other in _CARD_REFERENCES.items():
            cards.drop_constraint(f"fk_cards_{column}_{other}", type_="foreignkey")
        cards.drop_constraint("uq_cards_programme_id_number_index", type_="unique")
        for name in (
            *("reference", "number_sealed", "number_index", "first_six", "last_four", "product_id"),
            *("status_reason", "expires_on", "branch_id", "order_id", "replaces_id", "feed_position"),
            "issued_at",
        ):
            cards.drop_column(name)
        cards.alter_column("number", existing_type=sa.String(16), nullable=False)
        cards.alter_column("status", existing_type=sa.String(9), type_=sa.String(8))
        cards.create_unique_constraint("uq_cards_programme_id_number", ["programme_id", "number"])
        cards.create_foreign_key("fk_cards_member_id_members", "members", ["member_id"], ["id"])


def _passing(name: str) -> sa.TableClause:
    return sa.table(
        name,
        sa.column("id", sa.BigInteger),
        sa.column("programme_id", sa.BigInteger),
        sa.column("card_number", sa.String),
        sa.column("card_number_sealed", sa.LargeBinary),
    )


def seal_passing(name: str) -> None:
    """Seal the numbers that a table keeps until the switch has had them."""
    table = _passing(name)
    with op.batch_alter_table(name, table_kwargs=_AUTOINCREMENT) as rows:
        rows.add_column(sa.Column("card_number_sealed", sa.LargeBinary(), nullable=True))
    connection = op.get_bind()
    numbered = sa.select(sa.func.count()).select_from(table).where(table.c.card_number.is_not(None))
    if connection.scalar(numbered):
        cipher = migration_cipher()
        for found in batches(table, "programme_id", "card_number"):
            for row in found:
                if row["card_number"] is not None:
                    sealed = cipher.seal(
                        row["programme_id"], f"{name}.card_number", row["id"], row["card_number"]
                    )
                    connection.execute(
                        sa.update(table).where(table.c.id == row["id"]).values(card_number_sealed=sealed)
                    )
    had_rows = has_rows(name)
    with op.batch_alter_table(name, table_kwargs=_AUTOINCREMENT) as rows:
        rows.drop_column("card_number")
    if had_rows:
        rewrite(name)


def open_passing(name: str) -> None:
    """The way back."""
    table = _passing(name)
    with op.batch_alter_table(name, table_kwargs=_AUTOINCREMENT) as rows:
        rows.add_column(sa.Column("card_number", sa.String(19), nullable=True))
    connection = op.get_bind()
    numbered = sa.select(sa.func.count()).select_from(table).where(table.c.card_number_sealed.is_not(None))
    if connection.scalar(numbered):
        cipher = migration_cipher()
        for found in batches(table, "programme_id", "card_number_sealed"):
            for row in found:
                if row["card_number_sealed"] is not None:
                    number = cipher.open(
                        row["programme_id"], f"{name}.card_number", row["id"], row["card_number_sealed"]
                    )
                    connection.execute(
                        sa.update(table).where(table.c.id == row["id"]).values(card_number=number)
                    )
    with op.batch_alter_table(name, table_kwargs=_AUTOINCREMENT) as rows:
        rows.drop_column("card_number_sealed")


def hide_in_audit() -> None:
    """Hide the numbers of cards that the log tells."""
    connection = op.get_bind()
    of_cards = sa.select(sa.func.count()).select_from(_AUDIT).where(_AUDIT.c.table_name == "cards")
    if not connection.scalar(of_cards):
        return
    for rows in batches(_AUDIT, "table_name", "before", "after"):
        for row in rows:
            if row["table_name"] == "cards":
                hidden = {name: _hidden(row[name]) for name in ("before", "after")}
                connection.execute(sa.update(_AUDIT).where(_AUDIT.c.id == row["id"]).values(hidden))
    rewrite("audit_log")


def _hidden(state: dict[str, object] | None) -> dict[str, object] | None:
    return state | {"number": _HIDDEN} if state and "number" in state else state
