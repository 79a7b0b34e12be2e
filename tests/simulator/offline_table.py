"""The offline table of a test terminal: small sales with the cards of one range."""

from datetime import UTC, datetime, timedelta

from tools.terminal_files.offline_table import Limits, TablePlan, make_table

CARD_RANGE = "636949"


def offline_table(terminal_id: str, key: bytes, sale_limit: int = 2_000_000) -> bytes:
    """A table in force from yesterday on for a week, sealed for the terminal with this key."""
    now = datetime.now(UTC)
    plan = TablePlan(
        sequence=1,
        valid_from=now - timedelta(days=1),
        valid_until=now + timedelta(days=7),
        limits=Limits(
            sale=sale_limit, card_sales=20, card=100_000_000, day=100_000_000, sales=40, sum=100_000_000
        ),
        ranges=[(CARD_RANGE, CARD_RANGE)],
    )
    return make_table(plan, terminal_id, key)
