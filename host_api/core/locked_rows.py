"""Rows that a session locks are read as they are now.

By itself a session gives a row that it holds as it read it at first, also where FOR UPDATE has just waited
for another's change of it: whoever then decides by it decides by what is past. This hangs on the session, not
on the queries, so that no query can forget it.
"""

from sqlalchemy import GenerativeSelect, event
from sqlalchemy.orm import ORMExecuteState, Session


def read_locked_rows_anew(session_class: type[Session]) -> None:
    """Have such sessions take locked rows from the database, whatever they hold of them."""
    event.listen(session_class, "do_orm_execute", _read_anew)


def _read_anew(state: ORMExecuteState) -> None:
    statement = state.statement
    if isinstance(statement, GenerativeSelect) and statement._for_update_arg is not None:
        state.update_execution_options(populate_existing=True)
