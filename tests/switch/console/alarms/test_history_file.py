"""The history's file: survives restarts, torn lines and a disk that fails; stays bounded."""

from pathlib import Path

from switch.console.alarms.desk import HISTORY_MAX
from switch.console.alarms.history_file import LINES_MAX, HistoryWriter, read_history
from switch.console.alarms.records import Record, What

FLUSH_S = 20


def record(number: int) -> Record:
    return Record(1_790_000_000_000 + number, What.RAISED, "slow", "", "warning", number)


class Book:
    """Records as a desk keeps them, and a writer."""

    def __init__(self, path: Path, records: list[Record]) -> None:
        self.records = records
        self.writer = HistoryWriter(path, lambda: self.records[-HISTORY_MAX:])

    def put(self, *records: Record) -> None:
        self.records += records
        self.writer.put(records)


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "console" / "alarms"
    assert read_history(path) == []
    for start in (0, 10):
        book = Book(path, read_history(path))
        for number in range(start, start + 10):
            book.put(record(number))
        book.writer.close(FLUSH_S)
        assert read_history(path) == [record(number) for number in range(start + 10)]
    assert path.stat().st_mode & 0o777 == 0o600


def test_torn_lines_cost_only_themselves(tmp_path: Path) -> None:
    path = tmp_path / "alarms"
    book = Book(path, [])
    book.put(record(1), record(2), record(3))
    book.writer.close(FLUSH_S)
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])
    assert read_history(path) == [record(1), record(2)]
    again = Book(path, read_history(path))
    again.put(record(4))
    again.writer.close(FLUSH_S)
    assert read_history(path) == [record(1), record(2), record(4)]
    path.write_bytes(b"\0" * 50 + whole)
    assert read_history(path) == [record(2), record(3)]


def test_the_file_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "alarms"
    book = Book(path, [])
    line_bytes = 0
    for number in range(0, 3 * LINES_MAX, 100):
        book.put(*map(record, range(number, number + 100)))
        if number % 1000 == 0 and path.exists():
            line_bytes = max(line_bytes, path.stat().st_size)
    book.writer.close(FLUSH_S)
    assert read_history(path)[-1] == record(3 * LINES_MAX - 1)
    assert HISTORY_MAX <= len(read_history(path)) <= LINES_MAX
    assert line_bytes < LINES_MAX * 100


def test_when_the_disk_is_well_again_everything_is_there(tmp_path: Path) -> None:
    path = tmp_path / "console" / "alarms"
    path.parent.touch()
    book = Book(path, [])
    book.put(record(1))
    book.writer.close(FLUSH_S)
    path.parent.unlink()
    later = Book(path, book.records)
    later.put(record(2))
    later.writer.close(FLUSH_S)
    assert read_history(path) == [record(1), record(2)]


def test_a_writer_goes_on_behind_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "console" / "alarms"
    path.parent.touch()
    book = Book(path, [])
    book.put(record(1))
    assert book.writer.is_written(FLUSH_S)
    path.parent.unlink()
    book.put(record(2))
    book.writer.close(FLUSH_S)
    assert read_history(path) == [record(1), record(2)]
