"""The referral network: its tree begins with the introducers that members had.

Revision: 0025, after 0024
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_DEEPEST = 20
_AT_ONCE = 1_000
_ItemT = TypeVar("_ItemT")
_TABLES = (
    "network_gates",
    "network_places",
    "network_downline_counts",
    "network_moves",
    "network_policies",
    "network_changes",
    "network_purchases",
    "network_returns",
    "network_income_lines",
    "network_incomes",
    "network_income_carries",
    "network_income_totals",
    "network_payouts",
)
_UNTOLD = sa.text("until IS NOT NULL AND expired_at IS NULL")


def upgrade() -> None:
    """Apply."""
    _create_tree()
    _create_decided()
    _create_incomes()
    _begin_with_introducers()


def downgrade() -> None:
    """Take back; members keep the introducers that count."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_tree() -> None:
    _keyed("network_gates", (), _whole("scored_up_to"))
    _keyed(
        "network_places",
        ("member_id",),
        _whole("member_id"),
        _text("code", 8, nullable=True),
        _whole("introducer", nullable=True),
        sa.Column("upline", sa.JSON(), nullable=False),
        _instant("registered_at", nullable=True),
        _instant("since", nullable=True),
        _instant("counts_from", nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        _instant("expired_at", nullable=True),
        _instant("suspended_at", nullable=True),
        _instant("closed_at", nullable=True),
        _whole("merged_into", nullable=True),
        _instant("introduction_paid_at", nullable=True),
        sa.UniqueConstraint("programme_id", "code", name="uq_network_places_programme_id_code"),
    )
    _index("network_places", "introducer", "member_id")
    op.create_index(
        "ix_network_places_programme_id_until",
        "network_places",
        ["programme_id", "until"],
        sqlite_where=_UNTOLD,
        postgresql_where=_UNTOLD,
    )
    _keyed(
        "network_downline_counts",
        ("member_id", "level"),
        _whole("member_id"),
        _small("level"),
        _whole("members"),
    )


def _create_decided() -> None:
    _numbered(
        "network_moves",
        _whole("member_id"),
        _whole("introducer", nullable=True),
        _whole("from_introducer", nullable=True),
        _text("reason", 200),
        _text("note", 200, nullable=True),
        *_second_person(),
    )
    _index("network_moves", "id")
    _index("network_moves", "state", "id")
    _index("network_moves", "member_id", "id")
    _numbered(
        "network_policies",
        _instant("in_force_from"),
        sa.Column("content", sa.JSON(), nullable=False),
        _text("note", 200, nullable=True),
        *_second_person(),
    )
    _index("network_policies", "id")
    _index("network_policies", "state", "in_force_from")
    _numbered(
        "network_changes",
        _instant("at"),
        _text("kind", 12),
        _whole("member_id"),
        _whole("other_member_id", nullable=True),
        _whole("units", nullable=True),
        _text("by_name", 100),
        _text("reason", 200, nullable=True),
    )
    _index("network_changes", "id")
    _index("network_changes", "kind", "id")
    _index("network_changes", "member_id", "id")
    _index("network_changes", "at")


def _create_incomes() -> None:
    _keyed(
        "network_purchases",
        ("rrn",),
        _text("rrn", 12),
        _whole("member_id"),
        _whole("policy_id"),
        _instant("at"),
        _whole("amount"),
        _whole("basis"),
        _whole("returned_amount"),
        sa.Column("is_reversed", sa.Boolean(), nullable=False),
    )
    _keyed(
        "network_returns",
        ("rrn",),
        _text("rrn", 12),
        _text("purchase_rrn", 12),
        _whole("amount"),
        sa.Column("is_reversed", sa.Boolean(), nullable=False),
    )
    _numbered(
        "network_income_lines",
        _instant("at"),
        _whole("member_id"),
        _text("kind", 12),
        _small("level"),
        _whole("source_member_id"),
        _text("rrn", 12, nullable=True),
        _whole("policy_id"),
        _small("purse"),
        sa.Column("due", sa.Date(), nullable=False),
        _whole("parts"),
        _whole("taken_back_parts"),
        _whole("of_line_id", nullable=True),
    )
    _index("network_income_lines", "rrn")
    _index("network_income_lines", "member_id", "id")
    due: sa.Column[object] = sa.Column("due", sa.Date(), nullable=False)
    whose = ("member_id", "purse")
    _keyed("network_incomes", ("due", *whose), due, _whole("member_id"), _small("purse"), _whole("parts"))
    _index("network_incomes", "member_id")
    _keyed("network_income_carries", whose, _whole("member_id"), _small("purse"), _whole("parts"))
    _keyed(
        "network_income_totals",
        ("member_id", "period", "purse"),
        _whole("member_id"),
        _text("period", 10),
        _small("purse"),
        _whole("parts"),
    )
    _numbered(
        "network_payouts",
        _whole("member_id"),
        _small("purse"),
        sa.Column("due", sa.Date(), nullable=False),
        _whole("units"),
        _text("state", 8),
        _whole("budget_id", nullable=True),
        _whole("request_id", nullable=True),
        _text("response_code", 2, nullable=True),
        _text("rrn", 12, nullable=True),
        _instant("asked_at"),
        _instant("finished_at", nullable=True),
    )
    _index("network_payouts", "id")
    _index("network_payouts", "member_id", "id")
    _index("network_payouts", "state", "id")


class _Member(NamedTuple):
    introducer: int
    introduced_until: object
    created_at: object


def _begin_with_introducers() -> None:
    """Hang members where their record says, but for those in a circle or under somebody who is not there."""
    connection = op.get_bind()
    members = sa.table(
        "members",
        *(sa.column(name, sa.BigInteger()) for name in ("programme_id", "id", "introducer")),
        sa.column("introduced_until", sa.Date()),
        sa.column("created_at", _INSTANT),
    )
    programmes = connection.execute(
        sa.select(members.c.programme_id).where(members.c.introducer.is_not(None)).distinct()
    )
    for programme_id in sorted(programmes.scalars()):
        of_programme = members.c.programme_id == programme_id
        rows = connection.execute(
            sa.select(
                members.c.id, members.c.introducer, members.c.introduced_until, members.c.created_at
            ).where(of_programme, members.c.introducer.is_not(None))
        )
        introduced = {row[0]: _Member(*row[1:]) for row in rows}
        known = set(connection.execute(sa.select(members.c.id).where(of_programme)).scalars())
        above = _without_circles({number: one.introducer for number, one in introduced.items()}, known)
        _put_places(connection, programme_id, above, introduced)
        left_out = sorted(introduced.keys() - above.keys())
        for some in _chunks(iter(left_out)):
            connection.execute(
                sa.update(members)
                .where(of_programme, members.c.id.in_(some))
                .values(introducer=None, introduced_until=None)
            )


def _without_circles(introducers: Mapping[int, int], known: set[int]) -> dict[int, int]:
    found = {number: above for number, above in introducers.items() if above in known}
    is_done: set[int] = set()
    for number in sorted(found):
        way: list[int] = []
        on_way: set[int] = set()
        at: int | None = number
        while at is not None and at not in is_done:
            if at in on_way:
                # The circle is opened at the member who came last.
                del found[max(way[way.index(at) :])]
                break
            way.append(at)
            on_way.add(at)
            at = found.get(at)
        is_done |= on_way
    return found


def _put_places(
    connection: sa.Connection,
    programme_id: int,
    above: Mapping[int, int],
    introduced: Mapping[int, _Member],
) -> None:
    places = sa.table(
        "network_places",
        *(sa.column(name, sa.BigInteger()) for name in ("programme_id", "member_id", "introducer")),
        sa.column("upline", sa.JSON()),
        sa.column("until", sa.Date()),
        *(
            sa.column(name, _INSTANT)
            for name in ("registered_at", "since", "counts_from", "introduction_paid_at")
        ),
    )
    counts: dict[tuple[int, int], int] = {}

    def rows() -> Iterator[dict[str, object]]:
        for number in sorted({*above, *above.values()}):
            upline = _upline(above, number)
            for level, higher in enumerate(upline, 1):
                counts[higher, level] = counts.get((higher, level), 0) + 1
            one = introduced[number] if upline else None
            joined_at = None if one is None else one.created_at
            yield {
                "programme_id": programme_id,
                "member_id": number,
                "introducer": upline[0] if upline else None,
                "upline": upline,
                "until": None if one is None else one.introduced_until,
                "registered_at": joined_at,
                "since": joined_at,
                "counts_from": joined_at,
                # What was introduced before there was a policy was not to be paid for.
                "introduction_paid_at": joined_at,
            }

    for some in _chunks(rows()):
        connection.execute(sa.insert(places), some)
    downline = sa.table(
        "network_downline_counts",
        *(sa.column(name, sa.BigInteger()) for name in ("programme_id", "member_id", "level", "members")),
    )
    counted = (
        {"programme_id": programme_id, "member_id": number, "level": level, "members": members}
        for (number, level), members in counts.items()
    )
    for some_counts in _chunks(counted):
        connection.execute(sa.insert(downline), some_counts)


def _upline(above: Mapping[int, int], number: int) -> list[int]:
    found: list[int] = []
    while number in above and len(found) < _DEEPEST:
        number = above[number]
        found.append(number)
    return found


def _chunks(items: Iterator[_ItemT]) -> Iterator[list[_ItemT]]:
    while some := list(islice(items, _AT_ONCE)):
        yield some


def _keyed(table: str, key: Sequence[str], *parts: "sa.Column[object] | sa.UniqueConstraint") -> None:
    op.create_table(
        table,
        _whole("programme_id"),
        *parts,
        _programme(table),
        sa.PrimaryKeyConstraint("programme_id", *key, name=f"pk_{table}"),
    )


def _numbered(table: str, *columns: "sa.Column[object]") -> None:
    op.create_table(
        table,
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        *columns,
        _whole("programme_id"),
        _programme(table),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sqlite_autoincrement=True,
    )


def _programme(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["programme_id"], ["programmes.id"], name=f"fk_{table}_programme_id_programmes"
    )


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_programme_id_{'_'.join(columns)}", table, ["programme_id", *columns])


def _second_person() -> "tuple[sa.Column[object], ...]":
    return (
        _text("state", 12),
        _text("asked_by", 72),
        _text("asked_by_name", 100),
        _instant("asked_at"),
        _text("decided_by", 72, nullable=True),
        _text("decided_by_name", 100, nullable=True),
        _instant("decided_at", nullable=True),
    )


def _whole(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _small(name: str) -> "sa.Column[object]":
    return sa.Column(name, sa.Integer(), nullable=False)


def _text(name: str, length: int, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.String(length), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, _INSTANT, nullable=nullable)
