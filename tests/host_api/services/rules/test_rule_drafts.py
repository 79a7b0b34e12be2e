"""The draft: rules in a line and in full, faults told and kept, whole documents, versions, differences."""

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from host_api.services.rules.draft.document import put_together, read_document, taken_apart
from host_api.services.rules.draft.toml_writing import as_toml
from host_api.services.rules.templates.logic import filled, templates
from host_api.services.rules.templates.schemas import TemplateUse
from switch.rules.compiler import compile_rules, load_rules, parse_rules
from switch.rules.lints import Severity, lint
from tests.host_api.people import problem
from tests.host_api.running_api import RunningApi
from tests.host_api.services.rules.rule_calls import (
    FULL,
    LINE,
    Json,
    add_line,
    editor,
    etag_of,
    freeze,
    get,
    part_of,
    patch,
    use_default,
)

pytestmark = pytest.mark.anyio

DOCS = Path(__file__).parents[4] / "docs/examples/rules"
EXAMPLES = sorted(path for path in DOCS.glob("*.toml") if not path.stem.endswith(".sales"))
SIMPLE_MODE = (DOCS / "simple-mode.toml").read_text("utf-8")
LOYAL_MEMBERS = (DOCS / "earn-07-loyal-members.toml").read_text("utf-8")
NOW_S = 1_793_514_600


async def test_rules_are_kept_as_written_with_their_faults(api: RunningApi) -> None:
    who = await editor(api)
    line = await add_line(who, "EARN-01", LINE)
    assert (line["form"], line["faults"], line["content"]) == (
        "simple",
        [],
        {"rule_id": "EARN-01", "text": LINE, "status": "active"},
    )
    expanded = line["expanded"]
    assert isinstance(expanded, dict)
    assert expanded["effects"][0]["calc"] == {"mode": "rate", "give": 100, "per": 1_000_000}
    wrong = await add_line(who, "EARN-02", "100 points for flying")
    assert wrong["expanded"] is None
    assert wrong["faults"]
    full = await who.post("/v1/rules/draft/rules", {"rule": {**FULL, "budget": "SPRING"}})
    assert full["faults"] == ["budget: there is no budget SPRING"]
    head = {"budgets": [{"id": "SPRING", "amount": 1000, "unit": "units"}]}
    await patch(who, "/v1/rules/draft", await etag_of(who, "/v1/rules/draft"), {"head": head})
    path = f"/v1/rules/draft/rules/{full['id']}"
    assert (await get(who, path))["faults"] == []
    # A rule in a line becomes a full one, and a part that is null goes.
    line_path = f"/v1/rules/draft/rules/{line['id']}"
    etag = await etag_of(who, line_path)
    changed = await patch(who, line_path, etag, {"rule": {"priority": 7, "caps": None}})
    assert (changed["form"], changed["faults"]) == ("full", [])
    content = changed["content"]
    assert isinstance(content, dict)
    assert (content["priority"], "caps" in content) == (7, False)
    stale = await who.api.client.patch(
        line_path, json={"rule": {"priority": 9}}, headers={**who.headers, "If-Match": etag}
    )
    assert problem(stale) == (412, "changed-meanwhile")
    for body, code in (
        ({"simple": {"text": LINE}}, "rule-id-wrong"),
        ({"rule": {**FULL, "status": "soon"}}, "rule-id-wrong"),
        ({"simple": {"rule_id": "EARN-02", "text": LINE}}, "rule-id-taken"),
        ({"rule": FULL, "simple": {}}, "validation-failed"),
        ({"rule": {**FULL, "goal": "x" * 33_000}}, "validation-failed"),
    ):
        answer = await who.api.client.post("/v1/rules/draft/rules", json=body, headers=who.headers)
        assert problem(answer)[1] == code, answer.text
    nan = '{"rule": {"rule_id": "X", "priority": NaN}}'
    headers = {**who.headers, "Content-Type": "application/json"}
    assert (await api.client.post("/v1/rules/draft/rules", content=nan, headers=headers)).status_code == 422
    copied = await who.post(f"{path}/copies", {"rule_id": "EARN-COPY"})
    assert (copied["status"], copied["place"]) == ("draft", 4)
    order = {"rule_ids": ["EARN-COPY", "EARN-FULL", "EARN-01"]}
    answer = await api.client.post("/v1/rules/draft/order", json=order, headers=who.headers)
    assert answer.status_code == 204
    items = (await get(who, "/v1/rules/draft/rules"))["items"]
    assert isinstance(items, list)
    assert [item["rule_id"] for item in items] == ["EARN-COPY", "EARN-02", "EARN-FULL", "EARN-01"]
    check = await who.post("/v1/rules/trials/checks?wait_s=10", {})
    result = check["result"]
    assert isinstance(result, dict)
    assert [fault.partition(":")[0] for fault in result["faults"]] == ["EARN-02"]
    gone = {**who.headers, "If-Match": await etag_of(who, f"/v1/rules/draft/rules/{wrong['id']}")}
    assert (await api.client.delete(f"/v1/rules/draft/rules/{wrong['id']}", headers=gone)).status_code == 204
    lints = (await who.post("/v1/rules/trials/checks?wait_s=10", {}))["result"]
    assert isinstance(lints, dict)
    assert lints["faults"] == []
    assert {"code", "severity", "rule_id", "text_fa", "text_en"} == set(lints["lints"][0])


async def test_whole_documents_come_and_go(api: RunningApi) -> None:
    who = await editor(api)
    taken = await who.post("/v1/rules/draft/import", {"text": SIMPLE_MODE})
    assert (taken["rules"], taken["faults"]) == (7, [])
    toml = await api.client.get("/v1/rules/draft/document", headers=who.headers)
    assert compile_rules(toml.text, "export").digest == compile_rules(SIMPLE_MODE, "example").digest
    exported = await api.client.get("/v1/rules/draft/document?format=json", headers=who.headers)
    sent = await api.client.post(
        "/v1/files", files={"file": ("rules.json", exported.content)}, headers=who.headers
    )
    back = await who.post("/v1/rules/draft/import", {"file_id": sent.json()["id"]})
    assert back == taken
    for wrong in ("format = 9", "rules = [{ kind = 'earn' }]", "[[simple]", "programme = 1979-05-27"):
        answer = await api.client.post("/v1/rules/draft/import", json={"text": wrong}, headers=who.headers)
        assert problem(answer) == (422, "rule-document-unreadable"), wrong
    missing = await api.client.post("/v1/rules/draft/import", json={"file_id": 9999}, headers=who.headers)
    assert problem(missing) == (404, "rule-document-file-not-found")
    assert (await get(who, "/v1/rules/draft"))["rules"] == 7


async def test_versions_are_frozen_and_count_what_changed(api: RunningApi) -> None:
    who = await editor(api)
    await use_default(who)
    first = await freeze(who)
    assert first["digest"] == load_rules(None).digest
    assert (await freeze(who))["digest"] == first["digest"]
    await use_default(who, points=200)
    await add_line(who, "EARN-03", "50 points for review, once per day")
    changed = await freeze(who)
    answer = await api.client.get(f"/v1/rules/versions/{changed['id']}/document", headers=who.headers)
    editions = {rule["rule_id"]: rule["version"] for rule in answer.json()["rules"]}
    assert editions == {"EARN-01": 2, "EARN-02": 1, "BURN-04": 1}
    told = await get(who, f"/v1/rules/difference?before={first['id']}&after={changed['id']}")
    assert (told["added"], told["removed"], told["unchanged"]) == (["EARN-03"], [], 2)
    assert told["changed"] == [
        {
            "rule_id": "EARN-01",
            "fields": [{"path": "effects.0.calc.give", "before": 100, "after": 200}],
        }
    ]
    # Back to what it was is a third edition: the id has been somebody else since.
    await who.post("/v1/rules/draft/import", {"version_id": first["id"]})
    back = await freeze(who)
    answer = await api.client.get(f"/v1/rules/versions/{back['id']}/document", headers=who.headers)
    assert {rule["rule_id"]: rule["version"] for rule in answer.json()["rules"]}["EARN-01"] == 3
    await add_line(who, "WRONG", "nothing at all")
    faulty = await who.post("/v1/rules/versions?wait_s=10", {"note": "faulty"})
    assert (faulty["state"], faulty["digest"]) == ("faulty", None)


async def test_sales_are_explained_and_simulated(api: RunningApi) -> None:
    who = await editor(api)
    await who.post("/v1/rules/draft/import", {"text": LOYAL_MEMBERS})
    sale: Json = {"amount": 2_500_000, "tier": "gold", "at": "1405-08-10T10:00"}
    explained = await who.post("/v1/rules/trials/explanations?wait_s=10", {"sales": [sale]})
    result = explained["result"]
    assert isinstance(result, dict)
    verdicts = {rule["rule_id"]: rule["verdict"] for rule in result["rules"]}
    assert (verdicts["EARN-07-GOLD"], verdicts["EARN-07-PLATINUM"]) == ("granted", "condition")
    assert "gives EARN-01: 250 points" in result["told_en"]
    assert {"fa", "en"} == set(result["texts"][0])
    before = await freeze(who)
    items = (await get(who, "/v1/rules/draft/rules?rule_id=EARN-07-GOLD"))["items"]
    assert isinstance(items, list)
    path = f"/v1/rules/draft/rules/{items[0]['id']}"
    await patch(who, path, await etag_of(who, path), {"rule": {"status": "paused"}})
    sales = "\n".join(json.dumps(sale) for _ in range(300))
    sent = await api.client.post("/v1/files", files={"file": ("sales.jsonl", sales)}, headers=who.headers)
    asked = {"sales_file_id": sent.json()["id"], "against_version_id": before["id"]}
    simulated = await who.post("/v1/rules/trials/simulations?wait_s=10", asked)
    told = simulated["result"]
    assert isinstance(told, dict)
    assert told["rules"]["sales"] == told["against"]["sales"] == 300
    assert told["members"]["losers"] == 1
    assert told["against"]["liability_rial"] > told["rules"]["liability_rial"]
    refused = await who.post(
        "/v1/rules/trials/explanations?wait_s=10", {"sales": [{**sale, "balances": {"gold": 1}}]}
    )
    assert refused["state"] == "refused"
    assert part_of(refused, "refusal", "code") == "name-unknown"
    lacking = await api.client.post("/v1/rules/trials/replays", json={}, headers=who.headers)
    assert problem(lacking) == (409, "rule-trial-no-journal")


async def test_templates_become_rules(api: RunningApi) -> None:
    who = await editor(api)
    found = (await api.client.get("/v1/rules/templates", headers=who.headers)).json()
    assert {template["part"] for template in found} == {"earn", "tiers", "burn"}
    use = {"name": "tiers", "parameters": {"gold": 3000, "times": 3}}
    answer = await api.client.post("/v1/rules/draft/templates", json=use, headers=who.headers)
    assert [rule["faults"] for rule in answer.json()] == [[], []]
    head = (await get(who, "/v1/rules/draft"))["head"]
    assert isinstance(head, dict)
    assert [level["from"] for level in head["tiers"]["levels"]] == [0, 500, 3000, 6000]
    again = await api.client.post("/v1/rules/draft/templates", json=use, headers=who.headers)
    assert problem(again) == (409, "rule-id-taken")
    for wrong in ({"gold": "much"}, {"gold": 0}, {"copper": 1}, {"times": 11}):
        answer = await api.client.post(
            "/v1/rules/draft/templates", json={"name": "tiers", "parameters": wrong}, headers=who.headers
        )
        assert problem(answer)[0] == 422, wrong
    own = {"name": "visit", "rule_ids": {"EARN-05": "SHOP-VISIT"}, "parameters": {"points": 12}}
    (rule,) = (await api.client.post("/v1/rules/draft/templates", json=own, headers=who.headers)).json()
    assert rule["rule_id"] == "SHOP-VISIT"
    assert rule["content"]["text"] == "12 points for visit, once per day"


@pytest.mark.parametrize("name", sorted(templates()))
def test_each_template_is_sound_as_it_comes(name: str) -> None:
    document = filled(TemplateUse(name=name, parameters={}, rule_ids={}))
    whole = put_together({"programme": "club", **document.head}, list(document.rules))
    parsed = parse_rules(json.dumps(whole), name)
    assert [each for each in lint(parsed, NOW_S) if each.severity is Severity.ERROR] == []
    assert all(rule.member_text.fa and "{" not in rule.member_text.en for rule in parsed.rules)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_documents_are_the_same_after_rows_and_toml(path: Path) -> None:
    text = path.read_text("utf-8")
    document = read_document(text)
    apart = taken_apart(document)
    back = put_together(apart.head, list(apart.rules))
    assert compile_rules(as_toml(back), "back").digest == compile_rules(text, "example").digest


_PLAIN = st.recursive(
    st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=8), _PLAIN, max_size=5))
def test_any_document_can_be_read_back_from_toml(document: dict[str, JsonValue]) -> None:
    assert tomllib.loads(as_toml(document)) == document
