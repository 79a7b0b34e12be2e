"""Alarms of a real switch: raised, told, acknowledged, muted, cleared, remembered; heard of when it fails."""

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
import standardwebhooks

from tests.switch.conftest import FEED_TOKEN, Connect, Link, SwitchAt, SwitchProcess
from tests.switch.console.alarms.receivers import Post, http_receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
WAIT_S = 60
FILE = """
switch = "tested"
[messages]
wait_s = 0.1
apart_s = 0.1
[[webhooks]]
name = "duty"
url = "{url}"
secret_file = "{secret}"
[[alarms]]
name = "deserted-link"
severity = "critical"
raise_after_s = 0
clear_after_s = 1
"""


def alarms_file(tmp_path: Path, url: str) -> Path:
    secret, path = tmp_path / "secret", tmp_path / "alarms.toml"
    secret.touch(mode=0o600)
    secret.write_text(SECRET)
    path.write_text(FILE.format(url=url, secret=secret))
    return path


def seen(switch: SwitchProcess, what: str = "") -> dict[str, list[dict[str, object]]]:
    code, body = switch.get(f"/console/alarms{what}", FEED_TOKEN)
    assert code == 200
    found: dict[str, list[dict[str, object]]] = json.loads(body)
    return found


def raised(switch: SwitchProcess) -> list[object]:
    return [alarm["rule"] for alarm in seen(switch)["alarms"]]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def post(
    switch: SwitchProcess, what: str, body: object, token: str = FEED_TOKEN
) -> tuple[int, dict[str, object]]:
    request = urllib.request.Request(
        f"{switch.operations}/console/alarms/{what}",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=WAIT_S) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def visit(switch: SwitchProcess, connect: Connect) -> None:
    """Sign on and go."""
    link = connect(switch)
    link.sign_on("HOST0001")
    link.close()


def told(post: Post) -> list[tuple[str, str, str]]:
    return [(each["what"], each["rule"], each["subject"]) for each in json.loads(post.body)["data"]["alarms"]]


def test_a_killed_link_from_its_alarm_to_the_morning_after(
    switch_at: SwitchAt, connect: Connect, tmp_path: Path
) -> None:
    key = {"rule": "deserted-link", "subject": "terminals"}
    with http_receiver() as posts:
        path = alarms_file(tmp_path, posts.url)
        switch = switch_at().start(alarms_file=path)
        visit(switch, connect)
        wait_for(lambda: raised(switch) == ["deserted-link"])
        first = posts.wait(1)[0]
        standardwebhooks.Webhook(SECRET).verify(first.body, first.headers)
        assert told(first) == [("raised", "deserted-link", "terminals")]
        assert 'vafa_switch_alarms{severity="critical"} 1\n' in switch.get("/metrics")[1].decode()
        assert post(switch, "acknowledge", {**key, "person": "Sara", "note": "کابل عوض شد"})[0] == 200
        alarm = seen(switch)["alarms"][0]
        acknowledged = alarm["acknowledged"]
        assert isinstance(acknowledged, dict) and acknowledged["person"] == "Sara"
        assert (alarm["value"], alarm["subject"], alarm["is_muted"]) == (0, "terminals", False)
        link = connect(switch)
        wait_for(lambda: raised(switch) == [])
        assert told(posts.wait(2)[1]) == [("cleared", "deserted-link", "terminals")]
        assert post(switch, "acknowledge", key) == (409, {"error": "this alarm is not raised"})
        code, mute = post(switch, "mute", {**key, "for_s": 3600, "note": "works"})
        assert code == 200 and isinstance(mute["until_ms"], int) and mute["until_ms"] > time.time() * 1000
        before = seen(switch, "/history")["history"]
        assert [each["what"] for each in before] == ["muted", "cleared", "acknowledged", "raised"]
        switch.stop()
        link.close()
        switch.start(alarms_file=path)
        assert seen(switch, "/history")["history"] == before
        assert [each["rule"] for each in seen(switch)["mutes"]] == ["deserted-link"]
        visit(switch, connect)
        wait_for(lambda: raised(switch) == ["deserted-link"])
        assert seen(switch)["alarms"][0]["is_muted"] is True
        assert post(switch, "unmute", key)[0] == 200
        assert told(posts.wait(3)[2]) == [("raised", "deserted-link", "terminals")]
        switch.stop()


def test_a_switch_whose_disk_fails_says_so_before_it_ends(
    switch_at: SwitchAt, connect: Connect, tmp_path: Path
) -> None:
    """A file size limit makes the kernel refuse the write, as a full disk does."""
    switch = switch_at().start()
    switch.stop()
    size = next(switch.journal.glob("*.journal")).stat().st_size
    with http_receiver() as posts:
        switch.start(
            file_bytes_max=size + 50_000,
            alarms_file=alarms_file(tmp_path, posts.url),
            segment_bytes=1 << 16,
            failure_shown_s=0,
        )
        link = connect(switch)
        link.sign_on("HOST0001")
        for number in range(1000):
            tags = {"DF20": f"{number:012d}", "DF05": "سارا", "DF06": "GOLD", "DF21": "A"}
            link.send(link.file_action("MEMBER", tags))
            if link.receive_payload() is None:
                break
        assert switch.wait() == 4
        assert ("raised", "failed", "") in told(posts.wait(1)[0])


def test_readers_read_and_nobody_else(standing_switch: SwitchProcess) -> None:
    switch = standing_switch
    assert switch.get("/console/alarms")[0] == 403
    assert switch.get("/console/alarms/history", "wrong")[0] == 403
    assert post(switch, "mute", {}, "wrong")[0] == 403
    rules = {rule["name"]: rule for rule in seen(switch, "/rules")["rules"]}
    assert rules["declines-of-a-code"]["per"] == "code" and rules["declines"]["of"] == "answers"
    assert rules["projection-lag"]["per"] == "reader" and rules["slow-disk"]["unit"] == "us"
    assert switch.get("/console/alarms/history?limit=1001", FEED_TOKEN)[0] == 422


@pytest.mark.parametrize(
    ("what", "body", "code"),
    [
        ("mute", {"rule": "none", "subject": None, "for_s": 60}, 404),
        ("mute", {"rule": "slow", "subject": "", "for_s": 0}, 409),
        ("mute", {"rule": "slow", "subject": "", "for_s": 10**9}, 422),
        ("mute", {"rule": "slow", "subject": "", "for_s": "60"}, 422),
        ("mute", {"rule": "slow", "for_s": 60}, 422),
        ("mute", {"rule": "slow", "subject": "", "for_s": 60, "more": 1}, 422),
        ("mute", [], 422),
        ("mute", {"rule": "x" * 5000}, 413),
        ("acknowledge", {"rule": "slow", "subject": None}, 422),
        ("acknowledge", {"rule": "slow", "subject": "", "note": "a\nb"}, 422),
        ("acknowledge", {"rule": "slow", "subject": "", "note": "x" * 201}, 422),
        ("unmute", {"rule": "slow", "subject": None}, 409),
    ],
    ids=lambda value: str(value)[:50],
)
def test_what_cannot_be_is_refused_in_a_line(
    standing_switch: SwitchProcess, what: str, body: object, code: int
) -> None:
    found, answer = post(standing_switch, what, body)
    assert found == code and list(answer) == ["error"] and "\n" not in str(answer["error"])


def test_a_form_of_another_site_can_do_nothing(standing_switch: SwitchProcess) -> None:
    host = standing_switch.operations.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=WAIT_S)
    headers = {"Authorization": f"Bearer {FEED_TOKEN}", "Content-Type": "text/plain"}
    connection.request("POST", "/console/alarms/unmute", b'{"rule":"slow","subject":null}', headers)
    assert connection.getresponse().status == 415
    connection.close()


def test_who_reads_the_feed_by_name_is_seen(standing_switch: SwitchProcess, standing_host: Link) -> None:
    switch = standing_switch
    newest = switch.feed()[-1]["position"]
    assert switch.get(f"/feed?after={newest}&reader=club", FEED_TOKEN)[0] == 200
    metrics = switch.get("/metrics")[1].decode()
    assert f'vafa_switch_feed_position{{reader="club"}} {newest}\n' in metrics
    assert 'vafa_switch_feed_behind_seconds{reader="club"} 0\n' in metrics
    assert switch.get("/feed?reader=a%20b", FEED_TOKEN)[0] == 422


def test_a_switch_with_alarms_that_make_no_sense_does_not_start(switch_at: SwitchAt, tmp_path: Path) -> None:
    path = tmp_path / "alarms.toml"
    path.write_text('[[alarms]]\nname = "slow"\nabove = "much"')
    code, errors = switch_at().run_to_exit(alarms_file=path)
    assert code == 2 and "alarms.slow.above" in errors and "Traceback" not in errors
