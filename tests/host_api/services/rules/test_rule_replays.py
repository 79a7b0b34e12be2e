"""Past purchases against other rules: nothing differs with the same, and exactly the sum with others."""

import csv
import io
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import JsonValue

from host_api.core.settings import Settings
from host_api.services.rules.draft.json_content import JsonObject
from host_api.services.rules.trials.process import Bounds, TrialBroken, TrialRefused, run_trial
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.rules.rule_calls import Json, editor, freeze, get, part_of, use_default
from tests.switch.conftest import CARD, HOST, Link, SwitchProcess

pytestmark = pytest.mark.anyio

# Amount in rial, branch's merchant and member's group of each purchase; points are 100 for a million.
PURCHASES = ((2_000_000, "SHOP1", "staff"), (3_000_000, "SHOP2", "staff"), (4_000_000, "SHOP2", ""))
OTHER_CARD = "6280000000000025"


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a real switch with the default rules, two members, two shops and three purchases."""
    switch = SwitchProcess(tmp_path_factory.mktemp("replayed")).start()
    try:
        link = Link(switch.terminals)
        try:
            _buy(link)
        finally:
            link.close()
        switch.stop()
    finally:
        if switch.running:
            switch.kill()
    return switch.journal


def _buy(link: Link) -> None:
    link.sign_on(HOST)
    for merchant, terminal in (("SHOP1", "T0000001"), ("SHOP2", "T0000002")):
        assert link.make_terminal(terminal, merchant).fields[39] == "00"
    for number, card, group in ((12, CARD, "staff"), (13, OTHER_CARD, "")):
        member = {"DF20": f"{number:012d}", "DF05": "n", "DF06": "initial", "DF21": "A"}
        if group:
            member["DF40"] = group
        assert link.call(link.file_action("MEMBER", member)).fields[39] == "00"
        tags = {"DF20": f"{number:012d}", "DF21": "A", "DF24": "LOYAL", "DF29": f"{number:012d}"}
        assert link.call(link.file_action("CARD", tags, card=card)).fields[39] == "00"
    for amount, merchant, group in PURCHASES:
        terminal = "T0000001" if merchant == "SHOP1" else "T0000002"
        link.sign_on(terminal)
        card = CARD if group else OTHER_CARD
        reply = link.call(link.purchase(amount, card=card, terminal_id=terminal, merchant_id=merchant))
        assert reply.fields[39] == "00", reply


@pytest.fixture
def with_journal(settings: Settings, tmp_path: Path, journal: Path) -> Settings:
    return runtime_with(settings, tmp_path).settings.model_copy(update={"journal_directory": journal})


async def test_a_replay_tells_by_rule_group_and_branch(with_journal: Settings, tmp_path: Path) -> None:
    runtime = runtime_with(with_journal, tmp_path)
    async with running_api(runtime) as api:
        who = await editor(api)
        await use_default(who)
        same = await _replay(api, who.headers, {})
        result = same["result"]
        assert isinstance(result, dict)
        assert (result["purchases"], result["different"], result["left_out"]) == (3, 0, {})
        assert {result[part]["difference"] for part in ("uses", "rial", "liability")} == {0}
        frozen = await freeze(who)
        await use_default(who, points=200)
        double = await _replay(api, who.headers, {})
        result = double["result"]
        assert isinstance(result, dict)
        assert result["units"]["points"] == {"then": 900, "otherwise": 1800, "difference": 900}
        # A point is worth 1,000 rial.
        assert result["liability"]["difference"] == result["rial"]["difference"] == 900_000
        assert result["rules"]["EARN-01"]["units"]["points"]["difference"] == 900
        assert result["rules"]["EARN-02"]["rial"]["difference"] == 0
        groups = {name: found["units"]["points"]["difference"] for name, found in result["groups"].items()}
        assert groups == {"staff": 500, "": 400}
        branches = {name: found["liability"]["difference"] for name, found in result["branches"].items()}
        assert branches == {"SHOP1/7": 200_000, "SHOP2/7": 700_000}
        content = await api.client.get(f"/v1/files/{double['report_file_id']}/content", headers=who.headers)
        rows = list(csv.DictReader(io.StringIO(content.content.decode("utf-8-sig"))))
        units = {
            (row["part"], row["name"], row["purse"]): row["difference"]
            for row in rows
            if row["figure"] == "units"
        }
        assert (units["branch", "SHOP2/7", "points"], units["total", "", "points"]) == ("700", "900")
        # The version that decides as the journal did, and days of which nothing is asked.
        as_frozen = await _replay(api, who.headers, {"version_id": frozen["id"], "first_day": "1390-01-01"})
        assert part_of(as_frozen, "result", "different") == 0
        none = await _replay(api, who.headers, {"first_day": "1390-01-01", "last_day": "1390-01-02"})
        assert part_of(none, "result", "purchases") == 0
        line = {"rule_id": "CODE", "text": "5 points for visit"}
        rule = (await who.post("/v1/rules/draft/rules", {"simple": line}))["id"]
        path = f"/v1/rules/draft/rules/{rule}"
        changes = {"rule": {"when": {"f": "code", "op": "=", "v": "NOWRUZ"}}}
        headers = {**who.headers, "If-Match": '"1"'}
        assert (await api.client.patch(path, json=changes, headers=headers)).status_code == 200
        refused = await _replay(api, who.headers, {})
        assert refused["refusal"] == {"code": "unknown-facts", "lines": ["CODE looks at: code"]}
        assumed = await _replay(api, who.headers, {"assume_absent": True})
        assert assumed["state"] == "done"


async def test_a_folder_without_a_journal_is_told(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    lacking = runtime_with(settings, tmp_path).settings.model_copy(
        update={"journal_directory": tmp_path / "empty"}
    )
    async with running_api(runtime_with(lacking, tmp_path)) as api:
        who = await editor(api)
        refused = await _replay(api, who.headers, {})
        assert refused["state"] == "refused"
        assert part_of(refused, "refusal", "code") == "no-journal"
        assert (await get(who, f"/v1/rules/trials/{refused['id']}"))["finished_at"] is not None


async def _replay(api: RunningApi, headers: dict[str, str], body: Json) -> Json:
    answer = await api.client.post("/v1/rules/trials/replays?wait_s=10", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


async def _nothing(done: int, total: int | None) -> None:
    assert total is None or done <= total


def _children() -> set[int]:
    found = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text("ascii")
    return {int(each) for each in found.split()}


async def test_a_process_ends_with_whoever_waits_for_it(journal: Path) -> None:
    before = _children()
    asked: JsonObject = {"work": "simulate", "now_s": 0, "document": {"format": 2, "programme": "x"}}

    class Stop(Exception):  # noqa: N818
        pass

    async def stop(done: int, total: int | None) -> None:
        assert done > 0
        raise Stop

    def endless() -> Iterator[bytes]:
        while True:
            yield b'{"amount": 1000}'

    with pytest.raises(Stop):
        await run_trial(asked, Bounds(1024, 60), sales=endless(), progress=stop)
    assert _children() == before


async def test_a_trial_is_cancelled(with_journal: Settings, tmp_path: Path) -> None:
    async with running_api(runtime_with(with_journal, tmp_path)) as api:
        who = await editor(api)
        await use_default(who)
        sales = b'{"amount": 1000}\n' * 200_000
        sent = await api.client.post("/v1/files", files={"file": ("s.jsonl", sales)}, headers=who.headers)
        body = {"sales_file_id": sent.json()["id"]}
        asked = await who.post("/v1/rules/trials/simulations?wait_s=0", body, 202)
        run = f"/v1/jobs/{asked['run_id']}"

        async def is_under_way() -> bool:
            return bool((await api.client.get(run)).json()["progress_done"])

        await eventually(is_under_way)
        path = f"/v1/rules/trials/{asked['id']}"
        await who.post(f"{path}/cancellation", {})

        async def is_cancelled() -> bool:
            return (await get(who, path))["state"] == "cancelled"

        await eventually(is_cancelled)
        assert (await get(who, path))["result"] is None


@pytest.mark.parametrize(
    ("asked", "bounds", "code"),
    [
        ({"work": "explode"}, Bounds(1024, 30), "not-understood"),
        ({"work": "check", "now_s": 0, "document": {}, "more": 1}, Bounds(1024, 30), "not-understood"),
        ({"work": "explain", "now_s": 0, "document": {"format": 9}}, Bounds(1024, 30), "rules-wrong"),
        (
            {"work": "explain", "now_s": 0, "document": {"format": 2, "programme": "x"}},
            Bounds(1024, 30),
            "no-sales",
        ),
    ],
    ids=["work", "keys", "rules", "sales"],
)
async def test_what_cannot_be_done_is_told(asked: JsonObject, bounds: Bounds, code: str) -> None:
    with pytest.raises(TrialRefused) as refused:
        await run_trial(asked, bounds, progress=_nothing)
    assert (refused.value.code, bool(refused.value.lines)) == (code, True)


async def test_very_many_rules_are_compiled_with_their_cost() -> None:
    rule: JsonObject = {
        "status": "active",
        "kind": "earn",
        "name": {"fa": "الف", "en": "a"},
        "trigger": "purchase",
        "effects": [{"type": "earn", "purse": "points", "calc": {"mode": "fixed", "give": 1}}],
    }
    rules: list[JsonValue] = [{"rule_id": f"R-{number}", **rule} for number in range(2_001)]
    document: JsonObject = {"format": 2, "programme": "x", "rules": rules}
    asked: JsonObject = {"work": "check", "now_s": 0, "with_table": True, "document": document}
    found = await run_trial(asked, Bounds(1024, 30), progress=_nothing)
    # Each gives a point, owed as 1,000 rial, in each of 1,000 sales.
    assert (found["rules_in_force"], found["cost_rial"]) == (2_001, 2_001_000_000)
    assert isinstance(found["table"], str)


async def test_a_process_that_dies_or_takes_too_much_is_told() -> None:
    asked: JsonObject = {"work": "check", "now_s": 0, "document": {"format": 2, "programme": "x"}}
    with pytest.raises((TrialBroken, TrialRefused)):  # too little for Python itself, or for the work
        await run_trial(asked, Bounds(memory_mib=24, cpu_s=30), progress=_nothing)
    with pytest.raises(TrialBroken, match=f"status -{signal.SIGXCPU.value}|status -{signal.SIGKILL.value}"):
        await run_trial(
            {**asked, "work": "simulate"},
            Bounds(memory_mib=1024, cpu_s=1),
            sales=(b'{"amount": 1000}' for _ in range(10**9)),
            progress=_nothing,
        )
