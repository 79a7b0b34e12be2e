"""Tables that are sorted and walked through, and the screen for any size: words tell what colours do."""

from hypothesis import given
from hypothesis import strategies as st

from switch.console.frame import Frame
from switch.metrics.histogram import upper_bound
from tools.top.amounts import age, bars, duration, size
from tools.top.documents import Alarm, AlarmCounts, Link, Obstacle, Reader, Sight, Terminal, Texts
from tools.top.event_stream import ServerEvent
from tools.top.grid import Column, Grid, Row, Walk, clean
from tools.top.layout import COLUMNS_MIN, Shown, help_screen, screen
from tools.top.picture import Picture
from tools.top.views import View, alarms_grid, answers_grid, links_grid, state, terminals_grid

COLUMNS = (Column("name", 4), Column("count", 5, is_number=True), Column("far", 30))


def grid_of(*rows: tuple[str, int]) -> Grid:
    return Grid(
        COLUMNS,
        [Row(name, (name, str(count), "x"), ((0, name), (count, ""), (0, "x"))) for name, count in rows],
        "nothing",
    )


def names(walk: Walk, grid: Grid, lines: int = 20) -> list[str]:
    return [line.text[2:6].strip() for line in walk.lines(grid, 80, lines)[1:]]


def test_numbers_begin_with_the_greatest_and_names_with_the_first() -> None:
    grid, walk = grid_of(("b", 2), ("a", 30), ("c", 2)), Walk()
    assert names(walk, grid) == ["a", "b", "c"]
    walk.turn()
    assert names(walk, grid) == ["c", "b", "a"]
    walk.sort_by_next(grid)
    assert names(walk, grid) == ["a", "b", "c"]
    assert "countv" in walk.lines(grid, 80, 9)[0].text
    assert walk.told(grid) == "row 1 of 3, by count, greatest first"
    walk.turn()
    assert names(walk, grid) == ["b", "c", "a"]
    assert "count^" in walk.lines(grid, 80, 9)[0].text


def test_the_chosen_row_stays_chosen_where_it_goes() -> None:
    grid, walk = grid_of(("a", 1), ("b", 2), ("c", 3)), Walk()
    walk.move(grid, 1)
    moved = grid_of(("0", 9), ("a", 1), ("b", 2), ("c", 3))
    (chosen,) = [line.text for line in walk.lines(moved, 80, 9) if line.is_chosen]
    assert chosen.startswith("> b")
    gone = grid_of(("a", 1), ("c", 3))
    row = walk.chosen(gone)
    assert row is not None and row.key == "c"
    assert walk.chosen(grid_of()) is None
    assert walk.lines(grid_of(), 80, 9)[1].text.strip() == "nothing"


@given(st.integers(0, 50), st.lists(st.integers(-60, 60), max_size=8), st.integers(2, 12))
def test_the_chosen_row_is_always_seen(count: int, moves: list[int], lines: int) -> None:
    grid, walk = grid_of(*((f"{number:02d}", number) for number in range(count))), Walk()
    place = 0
    for by in moves:
        walk.move(grid, by)
        place = max(0, min(place + by, count - 1)) if count else 0
        found = walk.lines(grid, 60, lines)
        assert len(found) <= lines
        chosen = [line.text[2:4] for line in found if line.is_chosen]
        assert chosen == ([f"{place:02d}"] if count else [])
        assert len(found) == min(lines, max(count, 1) + 1)


def busy() -> Picture:
    picture = Picture()
    huge = Frame(*[10**15] * len(Frame._fields))
    totals = ",".join(f'["type{number}","00",{10**15}]' for number in range(60))
    text = f'{{"frame":{list(huge)},"totals":[{totals}]}}'
    picture.take(ServerEvent("frame", text), 0)
    picture.sight = Sight(
        at_ms=10**15,
        obstacles=[Obstacle(code="draining")],
        links=[
            Link(name=f"link {number} with a long name", role="client", phase="resting")
            for number in range(40)
        ],
        partner={"phase": "signing_on", "queue_depth": 10**9},
        readers=[Reader(name="club", behind_entries=10**9, behind_ms=10**9)],
        alarms=AlarmCounts(raised={"critical": 3, "warning": 12, "notice": 0}),
    )
    return picture


@given(st.integers(1, 300), st.integers(1, 100), st.sampled_from(View), st.booleans())
def test_the_screen_keeps_to_its_size(columns: int, lines: int, view: View, is_lost: bool) -> None:
    picture = busy()
    picture.fault = "no switch there: " + "x" * 300 if is_lost else ""
    grids = {
        View.ANSWERS: answers_grid(picture.answers()),
        View.LINKS: links_grid(picture.sight),
        View.TERMINALS: terminals_grid([Terminal(terminal="T0000001", told={"firmware": "1.2.3"})], 0),
    }
    grid = grids.get(view, alarms_grid([], 0))
    found = screen(Shown(picture, "https://a.example", view, grid, Walk(), "a" * 500), 0, columns, lines)
    assert 1 <= len(found) <= lines
    assert all(len(line.text) <= max(columns, COLUMNS_MIN) and line.text.isprintable() for line in found)
    for line in help_screen(columns, lines):
        assert len(line.text) <= columns


def test_what_matters_is_on_eighty_by_twenty_four() -> None:
    picture = busy()
    links = links_grid(picture.sight)
    found = screen(Shown(picture, "http://127.0.0.1:7584", View.LINKS, links, Walk()), 0, 80, 24)
    text = "\n".join(line.text for line in found)
    assert len(found) == 24
    assert "NOT READY: draining" in text and "ALARMS 3 critical, 12 warning" in text
    assert "[2 links]" in text and "RESTING" in text and "q quit" in text
    answers = answers_grid(picture.answers())
    found = screen(Shown(picture, "http://127.0.0.1:7584", View.ANSWERS, answers, Walk(3)), 0, 80, 24)
    text = "\n".join(line.text for line in found)
    assert "club 1,000,000,000 entries, 11 d behind" in text and "signing_on" in text
    assert sum("type" in line.text for line in found) >= 4


def test_what_is_wrong_is_said_in_words() -> None:
    picture = Picture()
    assert state(picture, 0) == "NO FIGURES YET"
    picture = busy()
    assert state(picture, 61_000) == "STALE for 61 s"
    assert state(picture, 180_000) == "STALE for 3 min"
    alarm = Alarm(
        rule="slow-disk",
        severity="critical",
        title=Texts(en="Slow"),
        todo=Texts(en="Look."),
        raised_ms=1000,
        unit="us",
        value=25_000,
    )
    grid = alarms_grid([alarm], 121_000)
    assert grid.rows[0].cells == ("critical", "slow-disk", "", "new", "2 min", "25.0 ms")
    assert grid.rows[0].note == "Slow. Look."


def test_alarms_begin_with_the_worst() -> None:
    alarms = [
        Alarm(rule=rule, severity=severity, title=Texts(en=rule), raised_ms=0)
        for rule, severity in (("b", "notice"), ("c", "critical"), ("a", "warning"))
    ]
    grid = alarms_grid(alarms, 0)
    assert [line.text[2:10].strip() for line in Walk().lines(grid, 80, 9)[1:]] == [
        "critical",
        "warning",
        "notice",
    ]


@given(st.text())
def test_names_have_no_control_over_the_screen(text: str) -> None:
    assert clean(text).isprintable() and len(clean(text)) == len(text)


def test_amounts() -> None:
    assert [size(count) for count in (0, 999, 1000, 81_000_000_000)] == ["0 B", "999 B", "1.0 kB", "81.0 GB"]
    assert [age(time_ms) for time_ms in (-5, 0, 119_999, 120_000, 7_200_000, 10**9)] == [
        "0 s", "0 s", "119 s", "2 min", "2 h", "11 d",
    ]  # fmt: skip
    for time_ns, text in (
        (0, "-"),
        (999, "999 ns"),
        (1000, "1.00 µs"),
        (12_345, "12.3 µs"),
        (999_999, "999 µs"),
        (1_000_000, "1.00 ms"),
        (upper_bound(500), duration(upper_bound(500))),
        (2_500_000_000, "2.50 s"),
        (10**12, "1000 s"),
    ):
        assert duration(time_ns) == text
    assert (bars([0, 1, 500, 1000], 60), bars([0, 0], 60), bars([5, 0, 9], 2)) == (" .+@", "  ", " @")
