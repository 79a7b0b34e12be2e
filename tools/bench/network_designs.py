"""Three ways of keeping a tree so that the ten introducers above a buyer are found, in bare SQL.

`row` keeps the nearest twenty introducers beside each member and needs two sets of look-ups by key; `closure`
has a row for each member and introducer above; `parents` has the parent alone and asks level by level.
"""

import json
import random
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import psycopg

from tools.bench.measure import Result

_KEPT: Final = 20
_BUYERS: Final = 10_000
_AT_ONCE: Final = 500

_Row = tuple[object, ...]


class _Store:
    """A database that takes the same statements of either kind."""

    def __init__(self, kind: str, place: str) -> None:
        self._place = place
        self._sqlite = sqlite3.connect(place, isolation_level=None) if kind == "sqlite" else None
        self._postgresql = None if kind == "sqlite" else psycopg.connect(place, autocommit=True)
        if self._sqlite is not None:
            self._sqlite.execute("PRAGMA journal_mode = WAL")
        else:
            self.make("SET jit = off")

    def make(self, statement: str) -> None:
        if self._sqlite is not None:
            self._sqlite.execute(statement)
        elif self._postgresql is not None:
            self._postgresql.execute(statement.encode())

    def put(self, table: str, width: int, rows: Iterable[_Row]) -> None:
        if self._sqlite is not None:
            self._sqlite.execute("BEGIN")
            places = ", ".join("?" * width)
            self._sqlite.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608
            self._sqlite.execute("COMMIT")
            self._sqlite.execute("ANALYZE")
        elif self._postgresql is not None:
            with self._postgresql.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row(row)
            self._postgresql.execute("ANALYZE")

    def among(self, statement: str, numbers: Iterable[int]) -> Iterator[tuple[object, ...]]:
        """Rows of a statement that ends with a set of numbers, some hundred at a time."""
        wanted = sorted(numbers)
        for first in range(0, len(wanted), _AT_ONCE):
            some = wanted[first : first + _AT_ONCE]
            if self._sqlite is not None:
                yield from self._sqlite.execute(f"{statement} IN ({', '.join('?' * len(some))})", some)
            elif self._postgresql is not None:
                places = ", ".join(["%s"] * len(some))
                yield from self._postgresql.execute(f"{statement} IN ({places})".encode(), some)

    def megabytes(self, table: str) -> float:
        if self._postgresql is not None:
            row = self._postgresql.execute(f"SELECT pg_total_relation_size('{table}')".encode()).fetchone()
            return 0.0 if row is None else int(row[0]) / 1e6
        self.make("PRAGMA wal_checkpoint(TRUNCATE)")
        return Path(self._place).stat().st_size / 1e6

    def drop(self, table: str) -> None:
        self.make(f"DROP TABLE {table}")
        if self._sqlite is not None:
            self.make("VACUUM")

    def close(self) -> None:
        for connection in (self._sqlite, self._postgresql):
            if connection is not None:
                connection.close()


def designs(kind: str, place: str, above: Sequence[int], levels: int) -> list[Result]:
    """Time to find the introducers of ten thousand buyers, and the space, of each design."""
    chance = random.Random(3)
    buyers = {chance.randrange(1, len(above)) for _ in range(_BUYERS)}
    store = _Store(kind, place.replace("postgresql+psycopg", "postgresql"))
    results: list[Result] = []
    tail = " WITHOUT ROWID" if kind == "sqlite" else ""
    try:
        for name, table, width, rows, read in (
            (
                "row",
                "(id BIGINT PRIMARY KEY, state INT, above BIGINT, upline TEXT)",
                4,
                _beside(above),
                _read_beside,
            ),
            (
                *("closure", "(id BIGINT, level INT, above BIGINT, state INT, PRIMARY KEY (id, level))", 4),
                *(_closure(above), _read_closure),
            ),
            (
                "parents",
                "(id BIGINT PRIMARY KEY, state INT, above BIGINT)",
                3,
                _parents(above),
                _read_parents,
            ),
        ):
            store.make(f"CREATE TABLE {name}_tree {table}{tail}")
            store.put(f"{name}_tree", width, rows)
            # A downline is read by it, and its space counts.
            columns = "above, level" if name == "closure" else "above"
            store.make(f"CREATE INDEX {name}_above ON {name}_tree ({columns})")
            begun = time.perf_counter()
            read(store, buyers, levels)
            results += [
                Result(f"upline_{name}.{kind}", round(time.perf_counter() - begun, 3), "s"),
                Result(f"upline_{name}_disk.{kind}", round(store.megabytes(f"{name}_tree"), 1), "MB"),
            ]
            store.drop(f"{name}_tree")
    finally:
        store.close()
    return results


def _walk(above: Sequence[int], number: int) -> Iterator[int]:
    for _ in range(_KEPT):
        number = above[number]
        if not number:
            return
        yield number


def _beside(above: Sequence[int]) -> Iterator[_Row]:
    return (
        (number, 0, above[number] or None, json.dumps([*_walk(above, number)]))
        for number in range(1, len(above))
    )


def _closure(above: Sequence[int]) -> Iterator[_Row]:
    return (
        (number, level, higher, 0)
        for number in range(1, len(above))
        for level, higher in enumerate(_walk(above, number), 1)
    )


def _parents(above: Sequence[int]) -> Iterator[_Row]:
    return ((number, 0, above[number] or None) for number in range(1, len(above)))


def _read_beside(store: _Store, buyers: set[int], levels: int) -> None:
    found: set[int] = set()
    for _, upline in store.among("SELECT id, upline FROM row_tree WHERE id", buyers):
        found.update(json.loads(str(upline))[:levels])
    for _ in store.among("SELECT id, state FROM row_tree WHERE id", found):
        pass


def _read_closure(store: _Store, buyers: set[int], levels: int) -> None:
    statement = f"SELECT id, level, above, state FROM closure_tree WHERE level <= {levels} AND id"  # noqa: S608
    for _ in store.among(statement, buyers):
        pass


def _read_parents(store: _Store, buyers: set[int], levels: int) -> None:
    seen: set[int] = set()
    wanted = set(buyers)
    for _ in range(levels + 1):
        rows = store.among("SELECT id, state, above FROM parents_tree WHERE id", wanted - seen)
        seen |= wanted
        wanted = {int(str(above)) for _, _, above in rows if above is not None}
