"""Texts in versions, acceptances with proof, what waits for them, contracts; without a switch."""

import hashlib
import json
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.agreements import acceptances, logic
from host_api.services.agreements.canonical import canonical_text, content_hash
from host_api.services.agreements.contract import Contract, ContractParty, draw_contract, filled
from host_api.services.agreements.models import AgreementVersion
from host_api.services.agreements.schemas import GatedProcess
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.points_bench import person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.agreements.agreement_calls import TEXT, published
from tests.host_api.services.payouts.payouts_bench import code_for
from tests.host_api.services.rules.rule_calls import code_of

pytestmark = pytest.mark.anyio


def test_the_same_words_have_the_same_hash() -> None:
    assert canonical_text("\na  \r\nb\u0627\u0653\r") == "a\nbآ"
    parts = {"code": "t", "number": 1, "title_fa": "ع", "title_en": "T", "text_fa": "م\r\n", "text_en": "x "}
    told = {**parts, "text_fa": "م", "text_en": "x"}
    written = json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert content_hash(**parts) == hashlib.sha256(written.encode()).hexdigest()  # type: ignore[arg-type]
    assert content_hash(**parts | {"number": 2}) != content_hash(**parts)  # type: ignore[arg-type]


def test_a_contract_is_the_same_bytes_and_its_party_fills_no_other_place() -> None:
    party = ContractParty("{date} سارا", "12", False)
    day = utc_now()
    assert filled("{name}، {number}، {other}", party, day, "fa") == "{date} سارا، ۱۲، {other}"
    version = SimpleNamespace(
        title_fa="قرارداد",
        title_en="Contract",
        text_fa="متن قرارداد\n" * 60,
        text_en="Text\n\n" * 30,
        number=2,
        content_hash="0" * 64,
    )
    contract = Contract("terms", "باشگاه", cast(AgreementVersion, version), party, (day, "app, code"), day)
    drawn = draw_contract(contract)
    assert drawn.startswith(b"%PDF-") and drawn == draw_contract(contract)


async def test_a_text_is_published_by_another_person_and_never_changes(api: RunningApi) -> None:
    lawyer = await person(api, "lawyer", "agreements:*")
    terms = await post(api, "/v1/agreements", {"code": "terms", "processes": ["earn", "shop_order"]})
    await post(api, "/v1/agreements", {"code": "terms"}, 409)
    await post(api, "/v1/agreements", {"code": "shops", "party": "merchant", "processes": ["earn"]}, 422)
    path = f"/v1/agreements/{terms['id']}/versions"
    draft = await post(api, path, TEXT | {"needs_acceptance": False})
    of_draft = f"/v1/agreements/versions/{draft['id']}"
    assert code_of(await post(api, path, TEXT, 409)) == "agreement-draft-open"
    assert code_of(await post(api, f"{of_draft}/publication", {}, 403)) == "second-person-needed"

    changed = await api.client.patch(
        of_draft, json={"text_en": "Other."}, headers=lawyer.headers | {"If-Match": '"1"'}
    )
    assert changed.json()["content_hash"] != draft["content_hash"]
    # Who changed it last is no second person, but who began it is now.
    await lawyer.post(f"{of_draft}/publication", {}, 403)
    late = {"effective_from": "2020-01-01T00:00:00Z"}
    assert code_of(await post(api, f"{of_draft}/publication", late, 422)) == "agreement-in-the-past"
    first = await post(api, f"{of_draft}/publication", {"note": "checked"})
    assert (first["bit"], first["needs_acceptance"], first["state"]) == (255, True, "published")
    etag = (await api.client.get(of_draft)).headers["ETag"]
    again = await api.client.patch(of_draft, json={"text_en": "x"}, headers={"If-Match": etag})
    assert code_of(again.json()) == "already-decided"

    second = await published(api, lawyer, terms, needs_acceptance=False, text_en="Words set right.")
    third = await published(api, lawyer, terms, text_en="More is asked for.")
    assert (second["bit"], third["bit"]) == (255, 254)
    refused = await post(api, path, TEXT)
    turned_down = await lawyer.post(f"/v1/agreements/versions/{refused['id']}/rejection", {"note": "no"})
    assert (turned_down["state"], turned_down["number"]) == ("rejected", 4)
    own = await post(api, path, TEXT)
    await lawyer.post(f"/v1/agreements/versions/{own['id']}/withdrawal", None, 403)
    await post(api, f"/v1/agreements/versions/{own['id']}/withdrawal", None)
    assert (await get(api, f"/v1/agreements/{terms['id']}"))["version_in_force"] == third["id"]
    written = await post(api, "/v1/agreements/gates", {})
    assert written == {
        "agreements": {"terms-254": 254},
        "earn": ["terms-254"],
        "spend": [],
        "refusing_rules": [],
    }
    head = await get(api, "/v1/rules/draft")
    assert head["faults"] == []


async def test_what_waits_for_an_acceptance_goes_on_after_it(api: RunningApi) -> None:
    lawyer = await person(api, "lawyer", "agreements:*")
    member = await _member(api, "Sara", "09120000001")
    other = await _member(api, "Omid", "09120000002")
    terms = await post(api, "/v1/agreements", {"code": "terms", "processes": ["shop_order", "earn"]})
    first = await published(api, lawyer, terms)
    order = {"member_id": member, "lines": [{"item_id": 1, "quantity": 1}]}
    held = await post(api, "/v1/shop/orders", order, 409)
    assert code_of(held) == "agreement-not-accepted"

    wanted = {"member_id": member, "content_hash": first["content_hash"]}
    wrong = wanted | {"content_hash": "0" * 64}
    assert (
        code_of(await post(api, "/v1/agreements/acceptance-codes", wrong, 409)) == "agreement-other-version"
    )
    await post(api, "/v1/agreements/acceptance-codes", wanted)
    code = await code_for(api, "agreements")
    body = wanted | {"channel": "app", "client_address": "192.0.2.7", "proof": {"kind": "code", "code": code}}
    # The code is one member's and is spent with its use.
    assert (
        code_of(await post(api, "/v1/agreements/acceptances", body | {"member_id": other}, 409))
        == "code-over"
    )
    bad = body | {"proof": {"kind": "code", "code": "000000" if code != "000000" else "000001"}}
    assert code_of(await post(api, "/v1/agreements/acceptances", bad, 409)) == "code-wrong"
    accepted = await post(api, "/v1/agreements/acceptances", body)
    assert await post(api, "/v1/agreements/acceptances", body) == accepted
    assert accepted["content_hash"] == first["content_hash"]
    assert (await get(api, f"/v1/members/{member}"))["agreements"] == [255]
    assert (await get(api, "/v1/agreements/pending", member_id=member))["versions"] == []
    assert code_of(await post(api, "/v1/shop/orders", order, 404)) == "shop-item-not-found"
    by_terminal = wanted | {
        "member_id": other,
        "channel": "terminal",
        "proof": {"kind": "terminal", "terminal_id": "TERM0001", "rrn": "000000000017"},
    }
    assert code_of(await post(api, "/v1/agreements/acceptances", by_terminal, 409)) == "agreement-proof"

    # A text to come may be accepted before it is in force, and holds nobody until then.
    later = utc_now() + timedelta(days=7)
    drafted = await post(api, f"/v1/agreements/{terms['id']}/versions", TEXT | {"text_en": "New."})
    to_come = await lawyer.post(
        f"/v1/agreements/versions/{drafted['id']}/publication", {"effective_from": later.isoformat()}
    )
    assert (await get(api, "/v1/agreements/pending", member_id=member))["versions"] == []
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        lacking = await logic.missing(session, member, later + timedelta(seconds=1), GatedProcess.EARN)
        assert [version.id for _, version in lacking] == [to_come["id"]]
    gates = await post(api, "/v1/agreements/gates", {"at": later.isoformat()})
    assert gates["earn"] == ["terms-254"]

    # Bits that nobody accepted go; what a merged record accepted counts for the other one.
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await acceptances.absorb(session, member, other)
    assert (await get(api, f"/v1/members/{other}"))["agreements"] == [255]
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        assert await acceptances.tell_switch(session, [member, other]) == 1
    assert (await get(api, f"/v1/members/{other}"))["agreements"] == []

    pdf = await api.client.get(
        f"/v1/agreements/versions/{first['id']}/contract", params={"member_id": member}
    )
    assert pdf.status_code == 200 and pdf.content.startswith(b"%PDF-")
    assert items_of(await get(api, "/v1/agreements/acceptances", member_id=member)) == [accepted]
    await _merchants_sign(api, lawyer)


async def _merchants_sign(api: RunningApi, lawyer: object) -> None:
    merchant = await post(api, "/v1/merchants", {"merchant_id": "SHOP01", "name": "فروشگاه"})
    shops = await post(api, "/v1/agreements", {"code": "shops", "party": "merchant"})
    text = await published(api, lawyer, shops)  # type: ignore[arg-type]
    assert text["bit"] is None
    body = {
        "merchant_key": merchant["id"],
        "content_hash": text["content_hash"],
        "channel": "counter",
        "proof": {"kind": "paper", "reference": "1405/17"},
    }
    signed = await post(api, "/v1/agreements/acceptances", body)
    assert (signed["member_id"], signed["reference"]) == (None, "1405/17")
    path = f"/v1/agreements/versions/{text['id']}/contract"
    answer = await api.client.get(path, params={"merchant_key": str(merchant["id"])})
    assert answer.status_code == 200
    assert (await api.client.get(path, params={"member_id": 1})).status_code == 409


async def _member(api: RunningApi, name: str, mobile: str) -> int:
    made = await post(api, "/v1/members", {"name": name, "mobile": mobile})
    return int(str(made["id"]))
