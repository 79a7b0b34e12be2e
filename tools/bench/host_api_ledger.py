"""What the journal feed would have told of the benchmark's club: statements that the database runs itself."""

import time
from typing import Final

from host_api.core.events.models import Event
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.tables import Base
from host_api.services.dashboards.models import DailyAnswers, MemberActivity
from host_api.services.transactions.events import TRANSACTION_RECORDED
from host_api.services.transactions.models import (
    AccountMovement,
    Balance,
    Lot,
    Transaction,
    TransactionGrant,
    TransactionRule,
    Transfer,
)
from host_api.services.transactions.operation import Operation
from host_api.services.transactions.standing import Standing
from tools.bench.bulk_load import BulkLoad

TERMINALS: Final = 2_000
RULES: Final = 50
APART_MS: Final = 2_500
_SPREAD: Final = 2_654_435_761  # a prime, so that neighbours belong to members far apart
_EVENTS_KEPT_MS: Final = 30 * 86_400_000

# Every fourth gives points, every 37th is declined.
_GIVES: Final = "n / 7 % 4 = 0 AND n % 37 <> 0"
_POINTS: Final = "n % 90 + 10"
_RULE: Final = f"'rule-' || CAST(n % {RULES} AS VARCHAR)"


def terminal_id(number: int) -> str:
    """The terminal of a number from 0."""
    return f"T{number:07d}"


def tables() -> list[type[Base]]:
    """The tables that are filled here, and are large."""
    return [
        Transaction,
        Transfer,
        TransactionGrant,
        TransactionRule,
        AccountMovement,
        Lot,
        Balance,
        MemberActivity,
        Event,
    ]


def write_ledger(load: BulkLoad, members: int, transactions: int) -> None:
    """Transactions up to now, `APART_MS` apart, with what they moved, and the sums of each day.

    Positions count from 1. `write_sums` comes after it, when there are indexes.
    """
    number = f"(n * {_SPREAD} % {members} + 1)"
    first_ms = int(time.time() * 1000) - transactions * APART_MS
    at_ms = f"({first_ms} + n * {APART_MS})"
    declined = "CASE WHEN n % 37 = 0 THEN {} ELSE {} END"
    load.put_series(
        Transaction.__tablename__,
        {
            "programme_id": f"{FIRST_PROGRAMME}",
            "position": "n",
            "at_ms": at_ms,
            "mti": "'0200'",
            "processing_code": "'000000'",
            "terminal_id": f"'T' || substr(CAST(10000000 + n / 3 % {TERMINALS} AS VARCHAR), 2)",
            "merchant_id": f"'M' || CAST(n / 3 % {TERMINALS} / 4 AS VARCHAR)",
            "branch_number": "1",
            "stan": "substr(CAST(1000000 + n % 1000000 AS VARCHAR), 2)",
            "transmitted_at": "'0101000000'",
            "rrn": "substr(CAST(1000000000000 + n AS VARCHAR), 2)",
            "card_reference": number,
            "member_number": number,
            "amount": "n % 9000 * 1000",
            "discount": "0",
            "tendered": "0",
            "net_amount": "n % 9000 * 1000",
            "currency": "'364'",
            "response_code": declined.format("'51'", "'00'"),
            "operation": f"'{Operation.PURCHASE.value}'",
            "standing": declined.format(f"'{Standing.DECLINED.value}'", f"'{Standing.STANDS.value}'"),
            "returned_amount": "0",
            "lot_lines": "'[]'",
            "record_lines": "'[]'",
            "rule_table_version": "1",
            "line_count": "0",
            "balances_after": """'{"points": 120}'""",
        },
        1,
        transactions,
    )
    position = {"programme_id": f"{FIRST_PROGRAMME}", "position": "n"}
    account = f"'member:' || CAST({number} AS VARCHAR)"
    given = {
        Transfer: {
            "sequence": "0",
            "purse": "'points'",
            "debit_account": "'programme:liability'",
            "credit_account": account,
            "amount": _POINTS,
            "reason": "'earn'",
            "stage": "'posted'",
            "rule": _RULE,
        },
        TransactionGrant: {
            "sequence": "0",
            "rule": _RULE,
            "version": "1",
            "type": "'earn'",
            "purse": "'points'",
            "beneficiary": account,
            "desired": _POINTS,
            "granted": _POINTS,
            "reason": "'granted'",
        },
        TransactionRule: {"rule": _RULE},
        AccountMovement: {
            "account": account,
            "purse": "'points'",
            "kind": "'earn'",
            "delta": _POINTS,
            "at_ms": at_ms,
        },
    }
    for model, columns in given.items():
        load.put_series(model.__tablename__, position | columns, 1, transactions, f"WHERE {_GIVES}")
    _write_events(load, at_ms, transactions)
    load.execute(f"UPDATE feed_position SET position = {transactions}")  # noqa: S608


def write_sums(load: BulkLoad) -> None:
    """What is summed of them: balances, lots, days."""
    programme = FIRST_PROGRAMME
    moved = AccountMovement.__tablename__
    year_s = 365 * 86_400
    for statement in (
        f"INSERT INTO balances (programme_id, account, purse, position, at_ms) "  # noqa: S608
        f"SELECT {programme}, account, purse, max(position), max(at_ms) FROM {moved} GROUP BY account, purse",
        f"INSERT INTO lots (programme_id, account, purse, available_from_s, expires_at_s, amount) "  # noqa: S608
        f"SELECT {programme}, account, purse, min(at_ms) / 1000, max(at_ms) / 1000 + {year_s}, sum(delta) "
        f"FROM {moved} GROUP BY account, purse",
        f"INSERT INTO member_activity (programme_id, member_number, last_day) "  # noqa: S608
        f"SELECT {programme}, member_number, {load.day('max(at_ms)')} "
        "FROM transactions GROUP BY member_number",
        f"INSERT INTO {DailyAnswers.__tablename__} (programme_id, day, merchant_id, branch_number, "  # noqa: S608
        "operation, response_code, count, amount, discount, tendered, net_amount) "
        f"SELECT {programme}, day, merchant_id, branch_number, operation, response_code, count(*), "
        "sum(amount), 0, 0, sum(net_amount) "
        f"FROM (SELECT {load.day('at_ms')} AS day, merchant_id, branch_number, operation, response_code, "
        "amount, net_amount FROM transactions) AS d "
        "GROUP BY day, merchant_id, branch_number, operation, response_code",
        f"INSERT INTO daily_members (programme_id, day, active, first_time) "  # noqa: S608
        f"SELECT {programme}, day, sum(count), 0 FROM daily_answers GROUP BY day",
        f"INSERT INTO daily_points (programme_id, day, holder, purse, kind, received, spent) "  # noqa: S608
        f"SELECT {programme}, {load.day('at_ms')}, 'member', 'points', 'earn', sum(delta), 0 "
        f"FROM {moved} GROUP BY {load.day('at_ms')}",
        f"INSERT INTO daily_rules (programme_id, day, rule, type, purse, count, granted) "  # noqa: S608
        f"SELECT {programme}, day, rule, 'earn', 'points', 100, 5000 "
        f"FROM (SELECT DISTINCT day FROM daily_answers) AS d CROSS JOIN "
        f"(SELECT DISTINCT rule FROM transaction_rules) AS r",
    ):
        load.tell("sums")
        load.execute(statement)


def _write_events(load: BulkLoad, at_ms: str, transactions: int) -> None:
    """Those of the time that events are kept."""
    first = max(1, transactions - _EVENTS_KEPT_MS // APART_MS)
    load.put_series(
        Event.__tablename__,
        {
            "id": f"n - {first - 1}",
            "programme_id": f"{FIRST_PROGRAMME}",
            "message_id": "'evt_000000000000' || substr(CAST(1000000000000 + n AS VARCHAR), 2)",
            "sequence": f"n - {first - 1}",
            "at": load.instant(at_ms),
            "type": f"'{TRANSACTION_RECORDED.name}'",
            "type_version": "1",
            "subject_kind": "'transaction'",
            "subject_id": "substr(CAST(1000000000000 + n AS VARCHAR), 2)",
            "payload": "'{}'",
        },
        first,
        transactions,
    )
    last = transactions - first + 1
    load.count_on(Event.__tablename__, last)
    load.execute(
        f"INSERT INTO event_streams (programme_id, last_sequence) VALUES ({FIRST_PROGRAMME}, {last}) "  # noqa: S608
        f"ON CONFLICT (programme_id) DO UPDATE SET last_sequence = {last}"
    )
