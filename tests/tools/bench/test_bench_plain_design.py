"""The plain design answers what its database says, and refuses an identity that it has seen."""

from pathlib import Path

from fastapi.testclient import TestClient

from tools.bench import switch_club as club
from tools.bench.switch import plain_design
from tools.bench.switch_figures import Size
from tools.bench.switch_plain_design import app_of, earned_points, engine_of, fill

TINY = Size(cards=50, turns=1, warm_up_s=0.1, measured_s=0.3, open_s=0.1, drain_timeout_s=30.0)


def test_it_serves_over_http_and_its_database_agrees(tmp_path: Path) -> None:
    result = plain_design(tmp_path / "plain", TINY)
    assert result.lost == 0
    assert result.per_s > 0
    assert result.answered == result.sent > 0


def test_a_purchase_is_in_the_database_when_it_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "plain.sqlite3"
    fill(path, 3)
    engine = engine_of(path)
    request = {
        "terminal": club.terminal_id(0),
        "stan": 1,
        "transmitted_s": 1,
        "card": club.card_number(2),
        "amount": 250_000,
    }
    with TestClient(app_of(engine)) as client:
        reply = client.post("/purchases", json=request)
        assert reply.json() == {"id": 1, "points": 25, "balance": club.OPENING_POINTS + 25}
        assert earned_points(path) == (1, 25)
        assert client.post("/purchases", json={**request, "card": "0"}).status_code == 404
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    engine.dispose()
