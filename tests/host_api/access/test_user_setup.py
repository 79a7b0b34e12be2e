"""``vafa host-api user add``: the first owner, from the command line."""

import asyncio
import json
import os
import pty
import select
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select as sql_select
from sqlalchemy.orm import joinedload

from host_api.core.access.users import User
from host_api.core.database import Database
from host_api.core.passwords import Passwords
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.user_setup import CannotAdd, WantedUser, add_user
from tests.host_api.people import PASSWORD

pytestmark = pytest.mark.anyio

TIMEOUT_S = 180
COMMAND = [sys.executable, "-m", "tools.cli", "host-api", "user", "add"]


def _environment(settings: Settings) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("VAFA_")}
    return inherited | {
        "VAFA_HOST_API_VAR_DIRECTORY": str(settings.var_directory),
        "VAFA_HOST_API_DATABASE_URL": settings.database_url.get_secret_value(),
    }


async def _matches(settings: Settings, username: str) -> tuple[bool, list[str]]:
    """Whether the user has `PASSWORD`, and the role's permissions."""
    database, passwords = Database(settings.sqlalchemy_url), Passwords()
    async with database.reading(FIRST_PROGRAMME) as session:
        user = (
            await session.scalars(
                sql_select(User).where(User.username == username).options(joinedload(User.role))
            )
        ).one()
    matches = (await passwords.verify(PASSWORD, user.password_hash)).matches
    await database.dispose()
    passwords.close()
    return matches, user.role.permissions


async def test_users_that_cannot_be_made_change_nothing(settings: Settings) -> None:
    sara = WantedUser("Sara", "سارا", PASSWORD)
    assert await add_user(settings, sara)
    assert await _matches(settings, "sara") == (True, ["*"])
    for wanted, reason in (
        (sara, "already"),
        (replace(sara, username="reza", password="tiny"), "too short"),
        (replace(sara, username="x y"), "user name"),
        (replace(sara, username="reza", display_name=" "), "name is empty"),
        (replace(sara, username="reza", role="nothing"), "Owner · مالک"),
        (replace(sara, username="reza", programme="nothing"), "no such programme"),
    ):
        with pytest.raises(CannotAdd, match=reason) as refused:
            await add_user(settings, wanted)
        assert wanted.password not in str(refused.value)
    assert await add_user(settings, replace(sara, username="reza", role="Manager · مدیر"))


def test_a_password_is_read_from_a_pipe_and_a_fault_is_one_line(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'x.sqlite3'}", var_directory=tmp_path / "var")
    for status in (0, 2):
        done = subprocess.run(
            [*COMMAND, "sara", "--owner"],
            env=_environment(settings),
            input=PASSWORD + "\n",
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        assert done.returncode == status, done.stderr
        assert PASSWORD not in done.stdout + done.stderr
        if status == 0:
            assert json.loads(done.stdout) == {"added": "user", "id": 1, "username": "sara"}
    assert (done.stdout, len(done.stderr.splitlines())) == ("", 1)


def _shown_until(screen: int, prompt: str) -> str:
    """What the terminal shows up to `prompt`."""
    shown = ""
    while prompt not in shown:
        assert select.select([screen], [], [], TIMEOUT_S)[0], shown
        shown += os.read(screen, 4096).decode()
    return shown


def test_a_typed_password_is_asked_twice_and_not_shown(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'x.sqlite3'}", var_directory=tmp_path / "var")
    screen, terminal = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "reza", "--owner"],
        env=_environment(settings),
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=terminal,
        start_new_session=True,
    ) as process:
        try:
            shown = ""
            for prompt in ("Password: ", "Repeat for confirmation: "):
                shown += _shown_until(screen, prompt)  # what is typed before the prompt is thrown away
                os.write(screen, f"{PASSWORD}\n".encode())
            assert process.wait(TIMEOUT_S) == 0
        finally:
            process.kill()
    os.close(terminal)
    os.close(screen)
    assert PASSWORD not in shown
    assert asyncio.run(_matches(settings, "reza"))[0]
