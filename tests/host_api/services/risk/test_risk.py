"""Limits, alerts, what is done about them, trades and ratings, over the journal's feed and over HTTP."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from host_api.core.clock import from_epoch_ms, to_epoch_ms, utc_now
from host_api.core.feed_projection import clear_projection
from host_api.core.member_rows import move_some
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.catalogue import projectors
from host_api.services.members import selection
from host_api.services.members.models import Member
from host_api.services.messages.models import WaitingText
from host_api.services.risk.alerts.models import RiskAct, RiskAlert, RiskMiss
from host_api.services.risk.counting.models import RiskCounter
from host_api.services.risk.limits.models import RiskLimit
from host_api.services.risk.personal_data import PERSONAL_DATA
from host_api.services.risk.ratings.logic import rate_members
from host_api.services.risk.service import SERVICE as RISK
from host_api.services.risk.trades.logic import trade_corrected
from host_api.services.risk.trades.models import RiskTrade
from host_api.services.risk.trades.schemas import TradeTold
from host_api.services.risk.upkeep import COUNTERS_KEPT_FOR, KEPT_FOR
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.people import problem
from tests.host_api.points_bench import person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.club_history import FIRST_MS, History, project

pytestmark = pytest.mark.anyio

Row = dict[str, object]
MINUTE_MS = 60_000
LOOPS: Row = {
    "name": "Quick returns",
    "name_fa": "برگشت‌های پی‌درپی",
    "measure": "quick_returns",
    "per": "member",
    "window_minutes": 1440,
    "most": 1,
    "severity": "high",
}


async def _in_force(api: RunningApi, **changes: object) -> int:
    """A limit that counts from before the histories of these tests on."""
    made = await post(api, "/v1/risk/limits", LOOPS | changes)
    if made["state"] == "asked":
        boss = await person(api, "boss", "risk:*")
        made = await boss.post(f"/v1/risk/limits/{made['id']}/approval")
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        earlier = from_epoch_ms(FIRST_MS) - timedelta(days=1)
        await session.execute(update(RiskLimit).values(active_from=earlier))
    return int(str(made["id"]))


def _loop(history: History, member: int, times: int) -> None:
    for _ in range(times):
        history.returned(history.sale(member, merchant_id="SHOP01"), 1_000_000, 100)


async def _alerts(api: RunningApi, **query: object) -> list[Row]:
    return items_of(await get(api, "/v1/risk/alerts", sort="id", **query))


def _rows(value: object) -> list[Row]:
    assert isinstance(value, list)
    return value


async def _parts(api: RunningApi) -> Sequence[tuple[int, str, object]]:
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        rows = await session.scalars(select(RiskCounter).order_by(RiskCounter.limit_id, RiskCounter.subject))
        return [(row.limit_id, row.subject, row.state["parts"]) for row in rows]


async def test_a_refund_loop_is_told_once_however_the_feed_is_cut_or_rebuilt(api: RunningApi) -> None:
    loops = await _in_force(api)
    sales = await _in_force(api, measure="sale_amount", most=2_500_000, per="branch")
    history = History(step_ms=10 * MINUTE_MS)
    _loop(history, 3, 3)
    history.reversal(history.sale(4, 9_000_000, merchant_id="SHOP02"))
    history.lines[-1]["merchant_id"] = "SHOP02"
    _loop(history, 5, 1)
    history.declined(6, "51")
    await project(api.runtime.database, history.lines, 1, 2, 5)
    told = await _alerts(api)
    assert [(row["limit_id"], row["subject"], row["value"], row["times"]) for row in told] == [
        (loops, "member:3", 3, 2),
        (sales, "branch:SHOP01/1", 4_000_000, 2),
        (sales, "branch:SHOP02/1", 9_000_000, 1),
    ]
    assert told[0]["evidence"] == ["000000000004", "000000000006"]
    counted = await _parts(api)
    assert (sales, "branch:SHOP02/1", []) in counted  # what was reversed counts no more
    await clear_projection(api.runtime.database, FIRST_PROGRAMME, projectors())
    assert await _parts(api) == []
    await project(api.runtime.database, history.lines, 3, 7)
    assert (await _parts(api), await _alerts(api)) == (counted, told)


async def test_what_is_old_is_forgotten(api: RunningApi) -> None:
    await _in_force(api, measure="sales", per="card", window_minutes=60, most=0)
    history = History(step_ms=2 * 3_600_000)
    for member in range(1, 7):
        history.sale(member)
    await project(api.runtime.database, history.lines, 1, 2, 3, 4, 5)
    assert [subject for _, subject, _ in await _parts(api)] == ["card:106"]
    assert len(await _alerts(api)) == 6


async def test_what_was_kept_long_enough_is_let_go(api: RunningApi) -> None:
    trades = await _in_force(api, measure="trades", per="member", window_minutes=60, most=0)
    limit = await _in_force(api, measure="sales", per="card", window_minutes=60, most=0)
    now = utc_now()
    old, young = now - KEPT_FOR - timedelta(days=1), now - KEPT_FOR + timedelta(days=1)
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        for number, (state, decided_at) in enumerate(
            (("true_positive", old), ("false_positive", young), ("open", None)), 1
        ):
            alert = RiskAlert(
                limit_id=limit, severity="low", subject=f"card:{number}", state=state, times=1,
                value=1, most=0, evidence=[], first_at=old, last_at=old, decided_at=decided_at,
            )  # fmt: skip
            session.add(alert)
            await session.flush()
            session.add(
                RiskAct(
                    alert_id=alert.id,
                    kind="hold",
                    state="failed",
                    asked_by="x",
                    asked_by_name="x",
                    asked_at=old,
                )
            )
        session.add_all(RiskMiss(at=at, reported_by_name="x") for at in (old, young))
        session.add_all(
            RiskTrade(
                reference=str(at), member_id=1, symbol="FOLD", side="buy", units=1, amount=1, at=at,
                told_at=at, is_risky=False, limits_passed=[],
            )
            for at in (old, young)
        )  # fmt: skip
        for limit_id, age in ((trades, timedelta(days=1)), (limit, timedelta(days=-1))):
            until_ms = to_epoch_ms(now - COUNTERS_KEPT_FOR - age)
            session.add(
                RiskCounter(limit_id=limit_id, subject="card:1", state={"parts": []}, until_ms=until_ms)
            )
    run = await post(api, "/v1/jobs/risk-upkeep/runs", {}, 202)

    async def is_over() -> bool:
        return (await get(api, f"/v1/jobs/{run['id']}"))["state"] == "succeeded"

    await eventually(is_over)
    outcome = (await get(api, f"/v1/jobs/{run['id']}"))["outcome"]
    assert outcome == {"alerts": 1, "misses": 1, "trades": 1, "counters": 1}
    async with api.runtime.database.reading(FIRST_PROGRAMME) as reading:
        states = list(await reading.scalars(select(RiskAlert.state).order_by(RiskAlert.id)))
        acts = list(await reading.scalars(select(RiskAct.alert_id).order_by(RiskAct.id)))
        counted = list(await reading.scalars(select(RiskCounter.limit_id)))
    assert (states, acts, counted) == (["false_positive", "open"], [2, 3], [limit])


async def test_a_hold_waits_for_a_person_and_a_block_for_two(api: RunningApi) -> None:
    member = int(str((await post(api, "/v1/members", {"name": "Sara"}))["id"]))
    card = await post(api, "/v1/cards", {"member_id": member})
    await _in_force(api, action="hold")
    own = await api.client.post("/v1/risk/limits/1/approval")
    assert problem(own) == (409, "already-decided")
    history = History(step_ms=10 * MINUTE_MS)
    for _ in range(2):
        sale = history.sale(member, card_reference=card["id"])
        history.returned(sale, 1_000_000, 100)
        history.lines[-1]["card_reference"] = card["id"]
    await project(api.runtime.database, history.lines)
    (alert,) = await _alerts(api)
    path = f"/v1/risk/alerts/{alert['id']}"

    async def has(status: str) -> bool:
        return (await get(api, f"/v1/cards/{card['id']}"))["status"] == status

    await eventually(lambda: has("blocked"))
    verdict = {"verdict": "false_positive", "note": "تعویض اندازه"}
    decided = await post(api, f"{path}/feedback", verdict)
    assert await has("active")
    acts = decided["acts"]
    assert isinstance(acts, list)
    assert [(act["kind"], act["state"]) for act in acts] == [("release_card", "done"), ("hold", "cancelled")]
    again = await api.client.post(f"{path}/feedback", json=verdict)
    assert problem(again) == (409, "risk-alert-decided")

    await post(api, f"{path}/acts", {"kind": "block_card"})
    assert await has("blocked")
    assert problem(await api.client.post(f"{path}/acts", json={"kind": "block_card"}))[0] == 409
    assert problem(await api.client.post(f"{path}/acts", json={"kind": "block_operator"}))[0] == 409
    lifting = await post(api, f"{path}/acts", {"kind": "release_card"})
    assert lifting["state"] == "asked"
    approval = f"/v1/risk/acts/{lifting['id']}/approval"
    assert problem(await api.client.post(approval)) == (403, "second-person-needed")
    assert await has("blocked")
    boss = await person(api, "second", "risk:*")
    assert (await boss.post(approval))["state"] == "done"
    assert await has("active")


async def test_a_card_that_two_alerts_hold_is_released_by_the_last(api: RunningApi) -> None:
    member = int(str((await post(api, "/v1/members", {"name": "Sara"}))["id"]))
    card = await post(api, "/v1/cards", {"member_id": member})
    for _ in range(2):
        await _in_force(api, action="hold")
    history = History(step_ms=10 * MINUTE_MS)
    for _ in range(2):
        history.returned(history.sale(member, card_reference=card["id"]), 1_000_000, 100)
        history.lines[-1]["card_reference"] = card["id"]
    await project(api.runtime.database, history.lines)
    one, two = [f"/v1/risk/alerts/{alert['id']}" for alert in await _alerts(api)]

    async def status() -> object:
        return (await get(api, f"/v1/cards/{card['id']}"))["status"]

    async def are_done() -> bool:
        acts = [act for path in (one, two) for act in _rows((await get(api, path))["acts"])]
        return sorted(str(act["state"]) for act in acts) == ["done", "failed"]

    await eventually(are_done)
    for path, then in ((one, "blocked"), (two, "active")):
        await post(api, f"{path}/feedback", {"verdict": "false_positive"})
        assert await status() == then


async def test_figures_are_reckoned_from_what_people_tell(api: RunningApi) -> None:
    limit = await _in_force(api)
    history = History(step_ms=10 * MINUTE_MS)
    for member in (3, 4, 5):
        _loop(history, member, 2)
    await project(api.runtime.database, history.lines)
    first, second, _ = await _alerts(api)
    for alert, verdict in ((first, "true_positive"), (second, "false_positive")):
        await post(api, f"/v1/risk/alerts/{alert['id']}/feedback", {"verdict": verdict})
    await post(api, "/v1/risk/misses", {"rrn": "000000000001", "limit_id": limit})
    await post(api, "/v1/risk/misses", {"member_id": 9, "at": "2020-01-01T00:00:00Z"})
    answer = await api.client.get(
        "/v1/risk/figures", params={"begin": "2021-01-01T00:00:00Z", "end": "2030-01-01T00:00:00Z"}
    )
    names = ("limit_id", "alerts", "open", "true_positives", "false_positives", "missed")
    together, of_limit = answer.json()
    assert [together[name] for name in names] == [None, 3, 1, 1, 1, 1]
    assert [of_limit[name] for name in names] == [limit, 3, 1, 1, 1, 1]
    assert (together["precision_percent"], together["recall_percent"]) == (50, 50)
    assert (await get(api, "/v1/risk/panel"))["open_alerts"] == 1

    stream = await api.client.get("/v1/risk/alerts/stream", headers={"Last-Event-ID": "1"})
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert [line for line in stream.text.splitlines() if line.startswith("id: ")] == ["id: 2", "id: 3"]
    async with api.client.stream("GET", "/v1/risk/alerts/stream?wait_s=60") as live:
        lines = live.aiter_lines()
        assert await anext(lines) == "retry: 2000"
        more = History(step_ms=10 * MINUTE_MS, lines=list(history.lines))
        _loop(more, 7, 2)
        await project(api.runtime.database, more.lines[len(history.lines) :], after=len(history.lines))
        async for line in lines:
            if line.startswith("id: "):
                assert line == "id: 4"
                break


async def test_what_must_stop_sales_becomes_a_gate_of_the_draft(api: RunningApi) -> None:
    limit = await _in_force(api, measure="sales", per="operator", window_minutes=60, most=20)
    gate = await post(api, f"/v1/risk/limits/{limit}/gate", None)
    assert (gate["rule_id"], gate["response_code"]) == (f"RISK-{limit}", "65")
    path = f"/v1/risk/limits/{limit}"
    tag = (await api.client.get(path)).headers["etag"]
    changed = await api.client.patch(path, json={"most": 30}, headers={"If-Match": tag})
    assert changed.json()["state"] == "active"
    assert (await post(api, f"{path}/gate", None))["draft_rule_id"] == gate["draft_rule_id"]
    rule = await get(api, f"/v1/rules/draft/rules/{gate['draft_rule_id']}")
    assert rule["faults"] == []
    content = rule["content"]
    assert isinstance(content, dict)
    assert content["caps"] == [{"of": "uses", "per": "operator", "window": "hour", "limit": 30}]
    night = await _in_force(
        api, measure="sale_amount", per="terminal", most=0, from_minute=60, until_minute=300, weekdays=[4]
    )
    of_night = await post(api, f"/v1/risk/limits/{night}/gate", None)
    assert (await get(api, f"/v1/rules/draft/rules/{of_night['draft_rule_id']}"))["faults"] == []
    redeemed = await _in_force(api, measure="redemptions", per="member", window_minutes=1440, most=3)
    of_purses = await post(api, f"/v1/risk/limits/{redeemed}/gate", None)
    rule = await get(api, f"/v1/rules/draft/rules/{of_purses['draft_rule_id']}")
    content = rule["content"]
    assert isinstance(content, dict)
    assert (rule["faults"], content["trigger"]) == ([], "burn_request")
    loops = await _in_force(api)
    refused = await api.client.post(f"/v1/risk/limits/{loops}/gate")
    assert problem(refused) == (409, "risk-limit-not-for-switch")
    assert (await post(api, f"/v1/risk/limits/{loops}/pause", None))["state"] == "paused"
    assert (await post(api, f"/v1/risk/limits/{loops}/resumption", None))["state"] == "active"
    assert (await post(api, f"/v1/risk/limits/{loops}/end", None))["state"] == "ended"
    assert problem(await api.client.post(f"/v1/risk/limits/{loops}/pause")) == (409, "risk-limit-state")
    for wrong in (
        {"per": "terminal", "action": "hold"},
        {"measure": "trades", "per": "card"},
        {"from_minute": 5},
    ):
        assert (await api.client.post("/v1/risk/limits", json=LOOPS | wrong)).status_code == 422


async def test_risky_trades_warn_and_turnover_stands_against_credit(api: RunningApi) -> None:
    member = int(str((await post(api, "/v1/members", {"name": "Omid", "mobile": "09123456789"}))["id"]))
    text = {"text": "Under watch.", "text_fa": "زیر نظر است."}
    symbol = await post(api, "/v1/risk/symbols", {"symbol": "وپترو", "level": "high", **text})
    twice = await api.client.post("/v1/risk/symbols", json={"symbol": "وپترو", **text})
    assert problem(twice) == (409, "risk-symbol-listed")
    limit = await _in_force(api, measure="risky_buy_amount", window_minutes=60, most=50)
    at = utc_now().isoformat()
    trade: Row = {"reference": "T-1", "member_id": member, "symbol": "وپترو", "side": "buy"}
    trade |= {"units": 5, "amount": 40, "at": at}
    told = [
        await post(api, "/v1/risk/trades", trade | change)
        for change in (
            {},
            {},
            {"reference": "T-2"},
            {"reference": "T-3", "side": "sell"},
            {"reference": "T-4", "symbol": "فولاد", "amount": 900},
        )
    ]
    warnings = [one["warnings"] for one in told]
    levels = [[(each["symbol"], each["limit_id"]) for each in one] for one in warnings]  # type: ignore[attr-defined]
    assert levels == [[("وپترو", None)], [("وپترو", None)], [("وپترو", None), (None, limit)], [], []]
    assert told[0]["id"] == told[1]["id"]
    other = await api.client.post("/v1/risk/trades", json=trade | {"amount": 41})
    assert problem(other) == (409, "risk-trade-conflict")
    (alert,) = await _alerts(api)
    assert (alert["subject"], alert["value"], alert["evidence"]) == (f"member:{member}", 80, ["T-2"])
    assert items_of(await get(api, "/v1/risk/efficiency")) == []
    # Corrected, it counts as it is told now, and its member has had the message.
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        texts = await session.scalar(select(func.count(WaitingText.id)))
        await trade_corrected(session, "T-1", TradeTold.model_validate(trade | {"amount": 4}))
        assert await session.scalar(select(func.count(WaitingText.id))) == texts == 2
    assert [parts[0][1] for _, _, parts in await _parts(api)] == [44]  # type: ignore[index]
    tag = (await api.client.get(f"/v1/risk/symbols/{symbol['id']}")).headers["etag"]
    gone = await api.client.delete(f"/v1/risk/symbols/{symbol['id']}", headers={"If-Match": tag})
    assert gone.status_code == 204
    assert (await post(api, "/v1/risk/trades", trade | {"reference": "T-5"}))["warnings"] == []
    file = await api.client.get("/v1/risk/trades/export", params={"headers": "en"})
    assert file.text.count("T-") == 5


async def test_members_are_rated_with_reasons_and_merged_and_erased(api: RunningApi) -> None:
    sara = int(str((await post(api, "/v1/members", {"name": "Sara"}))["id"]))
    reza = int(str((await post(api, "/v1/members", {"name": "Reza", "mobile": "09123456789"}))["id"]))
    await _in_force(api)
    history = History(step_ms=10 * MINUTE_MS)
    _loop(history, sara, 5)
    await project(api.runtime.database, history.lines)
    (alert,) = await _alerts(api)
    await post(api, f"/v1/risk/alerts/{alert['id']}/feedback", {"verdict": "true_positive"})
    now = from_epoch_ms(FIRST_MS) + timedelta(days=2)

    async def rated(member: int) -> Row:
        async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
            await rate_members(session, await selection.briefs(session, [sara, reza]), now)
        return await get(api, f"/v1/risk/ratings/{member}")

    rating = await rated(sara)
    reasons = rating["reasons"]
    assert isinstance(reasons, list)
    points = {reason["code"]: reason["points"] for reason in reasons}
    assert points == {"confirmed_alerts": 30, "returned_sales": 20, "new": 5, "thin_profile": 10}
    assert (rating["score"], rating["risk_class"]) == (65, "high")
    assert rating["flags"] == ["mostly_returns", "no_contact", "thin_profile"]
    assert (await get(api, f"/v1/members/{sara}"))["risk_class"] == "high"
    assert (await get(api, f"/v1/members/{reza}"))["risk_class"] is None
    listed = items_of(await get(api, "/v1/risk/ratings", flag="no_contact"))
    assert [row["member_id"] for row in listed] == [sara]
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        for rows in RISK.member_rows:
            if rows.why is None:
                await move_some(session, rows, sara, reza, 100)
        await session.execute(update(Member).where(Member.id == sara).values(status="blocked"))
    assert (await rated(reza))["score"] == 45
    cipher = api.runtime.vault.cipher
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        exported = await PERSONAL_DATA.export(session, cipher, reza)
        assert set(exported) == {"alerts", "rating"}
        await PERSONAL_DATA.erase(session, cipher, reza)
    assert (await api.client.get(f"/v1/risk/ratings/{reza}")).status_code == 404
