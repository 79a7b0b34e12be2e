"""Gates on what the switch does, as part of the rules' draft.

A member's record on the switch has a bit for each text to be accepted. Which bits all earning or spending
waits for stands in the head of the rules, and the compiler gives them to each rule: the switch decides by
them as by any other condition. A sale that must not be at all is refused by a gate.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import JsonValue
from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.persian_text import shorten_to_bytes
from host_api.core.service import Notice
from host_api.services.agreements import logic
from host_api.services.agreements.models import Agreement, AgreementVersion
from host_api.services.agreements.schemas import GatedProcess, GatesWritten
from host_api.services.rules.draft import logic as draft
from host_api.services.rules.draft.document import written_rule
from host_api.services.rules.draft.json_content import JsonObject
from host_api.services.rules.draft.schemas import RuleForm

_NOT_PERMITTED: Final = "57"
_TEXT_BYTES: Final = 160
# The first of all gates: whoever must accept something is told so, and not of another limit.
_PRIORITY: Final = 60_000
_OF_SWITCH: Final = (GatedProcess.SALE, GatedProcess.EARN, GatedProcess.SPEND)


async def write_gates(session: WriteSession, at: datetime | None = None) -> GatesWritten:
    """Have the rules' draft wait for what members must have accepted at an instant.

    Names and gates of agreements that nothing waits for any more are taken out.

    Raises:
        RuleIdTaken, TooManyRules
    """
    await draft.lock(session)
    written = await _wanted(session, at or utc_now())
    own = {name_of(agreement, version) for agreement, version in await _all_texts(session)}
    head = (await draft.read_draft(session))[0].head
    declared = {name: bit for name, bit in _named(head).items() if name not in own} | written.agreements
    needed: JsonObject = {
        act: [*(name for name in _needed(head, act) if name not in own), *names]
        for act, names in (("earn", written.earn), ("spend", written.spend))
    }
    await draft.set_head(session, {"agreements": declared, "agreements_needed": needed})
    for agreement in await session.scalars(select(Agreement).order_by(Agreement.id)):
        rule_id = rule_id_of(agreement)
        if rule_id not in written.refusing_rules:
            await draft.drop_rule(session, rule_id)
    for agreement, version in await logic.required(session, at or utc_now(), GatedProcess.SALE):
        await draft.put_rule(session, written_rule(_refusal(agreement, version), RuleForm.FULL))
    return written


async def notices(session: ReadSession) -> list[Notice]:
    """That what members must accept is not what the rules' draft waits for."""
    now = utc_now()
    written = await _wanted(session, now)
    if not written.agreements:
        return []
    head = (await draft.read_draft(session))[0].head
    is_same = (
        written.agreements.items() <= _named(head).items()
        and set(written.earn) <= set(_needed(head, "earn"))
        and set(written.spend) <= set(_needed(head, "spend"))
    )
    if is_same:
        return []
    return [
        Notice(
            "agreement-gates-not-written",
            "The rules' draft doesn't wait for the agreements' texts in force; write the gates and publish.",
            "پیش‌نویس قاعده‌ها منتظر متن‌های معتبر توافق‌نامه‌ها نیست؛ درگاه‌ها را بنویسید و منتشر کنید.",
            now,
        )
    ]


def name_of(agreement: Agreement, version: AgreementVersion) -> str:
    """What rules call a text: versions that stand for one another have one name."""
    return f"{agreement.code}-{version.bit}"


def rule_id_of(agreement: Agreement) -> str:
    """The gate that refuses a purchase."""
    return f"AGR-{agreement.id}"


async def _wanted(session: AnySession, at: datetime) -> GatesWritten:
    found = GatesWritten(agreements={}, earn=[], spend=[], refusing_rules=[])
    for agreement, version in await logic.required(session, at):
        name = name_of(agreement, version)
        processes = {GatedProcess(each) for each in agreement.processes}
        if version.bit is None or processes.isdisjoint(_OF_SWITCH):
            continue
        found.agreements[name] = version.bit
        if GatedProcess.EARN in processes:
            found.earn.append(name)
        if GatedProcess.SPEND in processes:
            found.spend.append(name)
        if GatedProcess.SALE in processes:
            found.refusing_rules.append(rule_id_of(agreement))
    return found


async def _all_texts(session: AnySession) -> list[tuple[Agreement, AgreementVersion]]:
    rows = await session.execute(
        select(Agreement, AgreementVersion).join(
            AgreementVersion, AgreementVersion.agreement_id == Agreement.id
        )
    )
    return [(agreement, version) for agreement, version in rows]


def _refusal(agreement: Agreement, version: AgreementVersion) -> JsonObject:
    lacks: JsonValue = {"not": {"f": "agreement", "op": "has", "v": name_of(agreement, version)}}
    # A gift card has no member who could accept anything.
    member: JsonValue = {"f": "member.status", "op": "exists"}
    return {
        "rule_id": rule_id_of(agreement),
        "status": "active",
        "kind": "gate",
        "priority": _PRIORITY,
        "name": {
            "fa": shorten_to_bytes(version.title_fa, _TEXT_BYTES),
            "en": shorten_to_bytes(version.title_en, _TEXT_BYTES),
        },
        "trigger": "purchase",
        "when": {"all": [member, lacks]},
        "effects": [
            {
                "type": "deny",
                "code": _NOT_PERMITTED,
                "text": {
                    "fa": shorten_to_bytes(agreement.refusal_fa, _TEXT_BYTES),
                    "en": shorten_to_bytes(agreement.refusal_en, _TEXT_BYTES),
                },
            }
        ],
    }


def _named(head: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    named = head.get("agreements")
    return dict(named) if isinstance(named, dict) else {}


def _needed(head: Mapping[str, JsonValue], act: str) -> list[JsonValue]:
    needed = head.get("agreements_needed")
    names = needed.get(act) if isinstance(needed, dict) else None
    return list(names) if isinstance(names, list) else []
