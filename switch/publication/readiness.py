"""Tables made ready before anybody waits for them."""

from switch.ledger.tables import Tables
from switch.publication.preparation import MakeReady
from switch.rules.counting import KEPT_DAYS
from switch.rules.evaluator import evaluator_of
from switch.rules.local_time import DAY_S

# An advice is of one of the days for which counters are kept, and of some hours more for its time zone.
_ADVICE_AGE_MAX_MS = (KEPT_DAYS + 2) * DAY_S * 1000


def make_tables_ready(tables: Tables, make_ready: MakeReady, now_ms: int) -> None:
    """The table in force, and those by which an advice may be decided that comes late."""
    for older in tables.since(now_ms - _ADVICE_AGE_MAX_MS):
        evaluator_of(older.table)
    make_ready(tables.newest.table, tables.newest.version)
