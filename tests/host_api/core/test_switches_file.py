"""The file that gives programmes their switches: what it says, and what of it is refused where."""

import json
from pathlib import Path

import pytest

from host_api.core.feed_projection import FeedSettings
from host_api.core.host_link.settings import HostLinkSettings
from host_api.core.settings import Settings
from host_api.core.switches.switch_settings import SwitchSettings, configured_switches
from host_api.core.switches.switches_file import FILE_BYTES_MAX, SwitchesFault
from host_api.server import run
from host_api.startup import CannotStart, listen

TRIAL = """
[switches.trial]
switch_address = "127.0.0.1:5100"
operations_url = "http://127.0.0.1:8100/"
master_key_file = "trial/master.key"
feed_token_file = "/keys/feed.token"
"""


def _settings(folder: Path, text: str, name: str = "switches.toml", **settings: object) -> Settings:
    path = folder / name
    path.write_text(text, "utf-8")
    return Settings.model_validate({"var_directory": folder / "var", "switches_file": path, **settings})


def test_paths_begin_at_the_files_folder_and_both_ways_of_writing_say_the_same(tmp_path: Path) -> None:
    written = f'version = 1\n{TRIAL}host_id = "HOST0007"\nlinks = 3\njournal_directory = "trial/journal"\n'
    found = configured_switches(_settings(tmp_path, written))
    assert found == {
        "trial": SwitchSettings(
            HostLinkSettings(("127.0.0.1", 5100), "HOST0007", tmp_path / "trial/master.key", links=3),
            FeedSettings("http://127.0.0.1:8100", Path("/keys/feed.token")),
            "HOST0007",
            tmp_path / "trial/journal",
        )
    }
    entry = {
        "switch_address": "127.0.0.1:5100",
        "operations_url": "http://127.0.0.1:8100",
        "master_key_file": "trial/master.key",
        "feed_token_file": "/keys/feed.token",
        "host_id": "HOST0007",
        "links": 3,
        "journal_directory": "trial/journal",
    }
    as_json = json.dumps({"version": 1, "switches": {"trial": entry}})
    assert configured_switches(_settings(tmp_path, as_json, "switches.json")) == found


def test_the_first_programmes_switch_may_stand_in_either_place(tmp_path: Path) -> None:
    own = {"switch_address": "127.0.0.1:5000", "operations_url": "http://127.0.0.1:8000"}
    in_settings = configured_switches(_settings(tmp_path, f"version = 1\n{TRIAL}", **own))
    assert list(in_settings) == ["club", "trial"]
    in_file = configured_switches(_settings(tmp_path, f"version = 1\n{TRIAL}".replace("trial", "club")))
    assert list(in_file) == ["club"]
    assert configured_switches(Settings(var_directory=tmp_path)) == {}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        pytest.param("version = 2\n[switches]", "version: Input should be 1", id="later version"),
        pytest.param("[switches]", "version: Field required", id="no version"),
        pytest.param(f"version = 1\n{TRIAL}links = 17", "switches.trial.links: ", id="too many links"),
        pytest.param(f'version = 1\n{TRIAL}link = "x"', "switches.trial.link: Extra", id="unknown name"),
        pytest.param(f'version = 1\n{TRIAL}host_id = "h"', "switches.trial.host_id: ", id="host id"),
        pytest.param(
            f"version = 1\n{TRIAL}".replace(":5100", ""),
            "switches.trial.switch_address: Value error, it must look like",
            id="address",
        ),
        pytest.param(
            f"version = 1\n{TRIAL}".replace("http:", "ftp:"),
            "switches.trial.operations_url: Value error, it must start with",
            id="url",
        ),
        pytest.param(f"version = 1\n{TRIAL}".replace("trial]", "Trial]"), "switches.Trial", id="code"),
        pytest.param(
            "version = 1\n[switches.trial]\nlinks = 1", "switches.trial.switch_address: Field", id="empty"
        ),
        pytest.param(
            f"version = 1\n{TRIAL}{TRIAL.replace('trial', 'other')}",
            "switches.other.switch_address: trial has the same",
            id="one switch for two",
        ),
        pytest.param(f"version = 1\n{TRIAL}{TRIAL}", "switches.toml: ", id="a programme twice"),
        pytest.param("version = [", "switches.toml: ", id="no TOML"),
        pytest.param("#" * (FILE_BYTES_MAX + 1), "longer than", id="too long"),
    ],
)
def test_what_is_wrong_is_one_line_that_names_the_place(tmp_path: Path, written: str, told: str) -> None:
    settings = _settings(tmp_path, written, port=0)
    with pytest.raises(CannotStart) as fault, listen(0) as listener:
        run(settings, listener)
    line = str(fault.value)
    assert line.startswith(f"switches file {tmp_path / 'switches.toml'}: ")
    assert told in line
    assert "\n" not in line


def test_json_that_says_a_thing_twice_and_files_that_are_not_there(tmp_path: Path) -> None:
    twice = '{"version": 1, "switches": {"trial": {}, "trial": {}}}'
    with pytest.raises(SwitchesFault, match="trial is there twice"):
        configured_switches(_settings(tmp_path, twice, "switches.json"))
    with pytest.raises(SwitchesFault, match="No such file"):
        configured_switches(Settings(switches_file=tmp_path / "none.toml"))


@pytest.mark.parametrize(
    "own",
    [
        {"switch_address": "127.0.0.1:5000"},
        {"operations_url": "http://127.0.0.1:8000"},
        {"journal_directory": "journal"},
    ],
    ids=["address", "operations", "journal"],
)
def test_two_switches_for_the_first_programme_are_refused(tmp_path: Path, own: dict[str, str]) -> None:
    settings = _settings(tmp_path, f"version = 1\n{TRIAL}".replace("trial", "club"), **own)
    with pytest.raises(SwitchesFault, match=r"switches\.club: the settings .* keep one"):
        configured_switches(settings)


def test_the_settings_switch_is_not_another_programmes_too(tmp_path: Path) -> None:
    settings = _settings(tmp_path, f"version = 1\n{TRIAL}", operations_url="http://127.0.0.1:8100")
    with pytest.raises(SwitchesFault, match=r"switches\.trial\.operations_url: club has the same"):
        configured_switches(settings)
