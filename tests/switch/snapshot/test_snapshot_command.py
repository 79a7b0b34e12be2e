"""`vafa journal` on journals with snapshots, and on those whose first segments are gone."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from switch.snapshot.files import making_alone, snapshot_paths
from switch.snapshot.making import make_snapshot
from switch.snapshot.retention import removable, remove_segments
from tests.switch.snapshot.journals import Trade
from tools.commands.journal import journal


@pytest.fixture
def trade(tmp_path: Path) -> Trade:
    found = Trade(tmp_path / "journal")
    found.go_on(2)
    return found


@pytest.fixture
def trimmed(trade: Trade) -> Trade:
    """Two images, and no segment that the older one has."""
    make_snapshot(trade.directory, 1)
    trade.go_on(2)
    made = make_snapshot(trade.directory, 1)
    assert made is not None
    remove_segments(removable(trade.directory, made.covered_position, trade.now_ms + 1), trade.journal.index)
    trade.sell()
    trade.journal.close()
    return trade


def run(command: str, directory: Path, *options: str) -> Result:
    return CliRunner().invoke(journal, [command, str(directory), *options])


def test_a_snapshot_is_made_and_listed(trade: Trade) -> None:
    """Beside a switch: the journal is open."""
    assert run("snapshots", trade.directory).output == ""
    done = run("snapshot", trade.directory)
    (path,) = snapshot_paths(trade.directory)
    position, size_bytes = int(path.stem), path.stat().st_size
    assert done.output == f"snapshot at position {position}: {position} entries, {size_bytes} bytes\n"
    assert "nothing to do" in run("snapshot", trade.directory).output
    listed = run("snapshots", trade.directory)
    assert listed.exit_code == 0
    assert listed.output.startswith(f"position {position}, {size_bytes} bytes, ok, ")
    row = json.loads(run("snapshots", trade.directory, "--json").output)
    assert (row["position"], row["size_bytes"], row["fault"]) == (position, size_bytes, None)
    path.write_bytes(b"damaged")
    listed = run("snapshots", trade.directory)
    assert listed.exit_code == 1
    assert listed.output == f"position {position}, 7 bytes, not usable: damaged or cut off\n"


def test_a_snapshot_that_cannot_be_made_is_told_in_one_line(trade: Trade) -> None:
    with making_alone(trade.directory):
        done = run("snapshot", trade.directory)
    assert done.exit_code == 1
    assert done.output.startswith("Error: snapshot: another process makes one: ")
    first = trade.segments[0]
    first.write_bytes(first.read_bytes()[:-1])
    done = run("snapshot", trade.directory)
    assert done.exit_code == 1
    assert done.output.startswith("Error: journal: ")
    assert len(done.output.splitlines()) == 1


def test_without_first_segments_verification_begins_with_those_that_are_there(
    trimmed: Trade,
) -> None:
    kept = int(trimmed.segments[0].stem)
    last = trimmed.book.state.position
    done = run("verify", trimmed.directory)
    assert done.exit_code == 0
    assert done.output.startswith(f"{last - kept + 1} entries in ")
    assert f"they begin with entry {kept}; a snapshot has what came before" in done.output
    report = json.loads(run("verify", trimmed.directory, "--json").output)
    assert (report["ok"], report["first_position"], report["last_position"]) == (True, kept, last)
    for path in snapshot_paths(trimmed.directory):
        path.unlink()
    done = run("verify", trimmed.directory)
    assert done.exit_code == 1
    assert f"damaged: entries before {kept} are gone, and no snapshot has them" in done.output


def test_damage_behind_the_first_segment_that_is_there_is_found(trimmed: Trade) -> None:
    newest = trimmed.segments[-1]
    data = bytearray(newest.read_bytes())
    data[150] ^= 1
    newest.write_bytes(data)
    done = run("verify", trimmed.directory)
    assert done.exit_code == 1
    assert "damaged: journal: " in done.output


def test_what_reads_a_journal_reads_what_is_left(trimmed: Trade) -> None:
    kept, last = int(trimmed.segments[0].stem), trimmed.book.state.position
    lines = [json.loads(line) for line in run("dump", trimmed.directory).output.splitlines()]
    assert [line["position"] for line in lines] == list(range(kept, last + 1))
    assert {transfer["purse"] for line in lines for transfer in line["transfers"]} == {"points"}
    told = run("tail", trimmed.directory, "--lines", "3").output.splitlines()
    assert [int(line.split()[0]) for line in told] == [last - 2, last - 1, last]
    owed = json.loads(run("liability", trimmed.directory, "--json").output)
    assert (owed["position"], owed["balanced"]) == (last, True)
