"""``python -m host_api`` as a process: ready line, signals, exit codes and what the logs keep quiet about."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.host_api.feed_peer import TOKEN

TIMEOUT_S = 60


def _environment(tmp_path: Path, **settings: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("VAFA_")}
    chosen = {"VAR_DIRECTORY": str(tmp_path / "var"), "PORT": "0", **settings}
    return inherited | {f"VAFA_HOST_API_{name}": value for name, value in chosen.items()}


@contextmanager
def _started(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "host_api"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            ready = json.loads(process.stdout.readline())
            assert ready["ready"] == "host_api"
            yield process, f"http://{ready['http']}"
        finally:
            process.kill()


def _failed(environment: dict[str, str], module: str = "host_api") -> str:
    result = subprocess.run(
        [sys.executable, "-m", module],
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert result.returncode == 2, result.stderr
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serves_and_ends_on_a_signal_without_telling_secrets(
    database_url: str, tmp_path: Path, number: signal.Signals
) -> None:
    with _started(_environment(tmp_path, DATABASE_URL=database_url)) as (process, base_url):
        key = (tmp_path / "var/keys/host_api.key").read_text("ascii").strip()
        with httpx2.Client(base_url=base_url, headers={"X-API-Key": key}, trust_env=False) as client:
            member = client.post("/v1/members", json={"name": "Sara", "mobile": "09123456789"}).json()
            card = client.post("/v1/cards", json={"member_id": member["id"]}).json()
            client.post("/v1/cards", json={"member_id": member["id"], "number": card["number"]})
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0, stderr
    assert stdout == ""
    for secret in (key, key.rpartition("_")[2], card["number"], "9123456789"):
        assert secret not in stderr


def test_second_start_keeps_data_and_key(tmp_path: Path) -> None:
    keys: list[str] = []
    for expected in (1, 2):
        with _started(_environment(tmp_path)) as (process, base_url):
            keys.append((tmp_path / "var/keys/host_api.key").read_text("ascii").strip())
            with httpx2.Client(base_url=base_url, headers={"X-API-Key": keys[0]}, trust_env=False) as client:
                assert client.post("/v1/members", json={"name": "Sara"}).json()["id"] == expected
            process.send_signal(signal.SIGKILL)
    assert keys[0] == keys[1]


def test_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = _failed(_environment(tmp_path, PORT=port))
    assert port in line


def test_unreachable_database_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        url = f"postgresql://someone:hidden-word@127.0.0.1:{port}/club"
        line = _failed(_environment(tmp_path, DATABASE_URL=url))
    assert "club" in line
    assert "hidden-word" not in line


def test_file_that_is_no_database_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database at all, just some text that is long enough" * 50)
    assert "SQLite file" in _failed(_environment(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'text'}"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://someone:hidden-word@localhost/x"),
        ("DATABASE_URL", "sqlite://"),
        ("PORT", "hidden-word"),
        ("SWITCH_ADDRESS", "hidden-word"),
        ("OPERATIONS_URL", "hidden-word"),
        ("HOST_ID", "hidden-word"),
    ],
)
def test_wrong_setting_is_one_clear_line(tmp_path: Path, name: str, value: str) -> None:
    line = _failed(_environment(tmp_path, **{name: value}))
    assert name.lower() in line
    assert "hidden-word" not in line


def test_rebuild_needs_a_feed(tmp_path: Path) -> None:
    assert "OPERATIONS_URL" in _failed(_environment(tmp_path), "host_api.rebuild")


def test_rebuild_of_an_unreachable_feed_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "feed.token").write_text(TOKEN, "ascii")
    with _started(_environment(tmp_path)):
        pass
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        environment = _environment(tmp_path, OPERATIONS_URL=url, FEED_TOKEN_FILE=str(tmp_path / "feed.token"))
        assert "feed" in _failed(environment, "host_api.rebuild")
