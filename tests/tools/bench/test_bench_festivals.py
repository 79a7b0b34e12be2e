"""`vafa bench festivals` on a real database, made small: all are ranked, and the prizes are given."""

from pathlib import Path

from tools.bench.festivals import Size, measured

FIGURES = ("rank_s", "draw_s", "winners", "write_ms", "cpu_s", "peak_mb", "idle_mb")


def test_a_small_festival_is_settled(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'club.sqlite3'}"
    results = {result.name: result.value for result in measured("sqlite", url, tmp_path, Size(60, 400, 12))}
    assert set(results) == {f"{name}.sqlite" for name in FIGURES}
    assert results["winners.sqlite"] == 12
    assert all(value > 0 for value in results.values())
