"""What must stop a sale is no alert but a gate of the rules: compiled, exact, and decided by the switch.

A limit that the rule language can say becomes a rule of the draft; it stops sales, or of them only what is
paid from a purse or claimed as a reward, once a version with it is published, which takes a second person.
The switch counts by calendar windows and gives back what is returned.
"""

from typing import Final

from host_api.core.database import WriteSession
from host_api.services.risk.counting.measures import RiskMeasure, RiskPer
from host_api.services.risk.limits.logic import lock_limit
from host_api.services.risk.limits.models import RiskLimit
from host_api.services.risk.limits.schemas import RiskGateRead
from host_api.services.risk.problems import LimitNotForSwitch
from host_api.services.rules.draft import logic as draft
from host_api.services.rules.draft.document import written_rule
from host_api.services.rules.draft.json_content import JsonObject
from host_api.services.rules.draft.schemas import RuleForm

_WINDOWS: Final = {60: "hour", 1_440: "day", 10_080: "week"}
# Without the fact there is nobody to count: a sale of no operator must not count as that of all of them.
_PER: Final = {
    RiskPer.CARD: ("card", "card.type"),
    RiskPer.MEMBER: ("member", "member.status"),
    RiskPer.TERMINAL: ("terminal", "terminal"),
    RiskPer.BRANCH: ("branch", "branch"),
    RiskPer.OPERATOR: ("operator", "operator"),
}
# At what a gate looks, what is counted, and field 39 of the refusal.
_MEASURES: Final = {
    RiskMeasure.SALES: ("purchase", "uses", "65"),
    RiskMeasure.SALE_AMOUNT: ("purchase", "amount", "61"),
    RiskMeasure.REDEMPTIONS: ("burn_request", "uses", "65"),
}
_TEXTS: Final = {
    "65": ("تعداد استفاده زیاد است؛ کمی بعد دوباره", "Used too often; try again later"),
    "61": ("سقف مبلغ این دوره پر شده است", "The limit of this period is reached"),
}
_DAYS: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


async def write_gate(session: WriteSession, limit_id: int) -> RiskGateRead:
    """Write the limit's rule into the draft, or bring the one that is there up to date.

    Raises:
        LimitNotFound, LimitNotForSwitch, RuleIdTaken, TooManyRules
    """
    limit = await lock_limit(session, limit_id)
    rule_id = limit.gate_rule_id or f"RISK-{limit.id}"
    content = gate_rule(limit, rule_id)
    row = await draft.put_rule(session, written_rule(content, RuleForm.FULL))
    limit.gate_rule_id = rule_id
    await session.flush()
    return RiskGateRead(
        limit_id=limit.id,
        rule_id=rule_id,
        draft_rule_id=row.id,
        response_code=_MEASURES[RiskMeasure(limit.measure)][2],
    )


def gate_rule(limit: RiskLimit, rule_id: str) -> JsonObject:
    """The gate that says the same as a limit.

    Raises:
        LimitNotForSwitch
    """
    window, per = _WINDOWS.get(limit.window_minutes), _PER.get(RiskPer(limit.per))
    counted = _MEASURES.get(RiskMeasure(limit.measure))
    if window is None or per is None or counted is None:
        raise LimitNotForSwitch
    (trigger, of, code), (whose, fact) = counted, per
    text_fa, text_en = _TEXTS[code]
    schedule: JsonObject = {}
    if limit.from_minute is not None or limit.weekdays is not None:
        schedule = {"schedule": {"windows": [_hours(limit)]}}
    if limit.most == 0:
        # Without a cap a gate refuses whatever it matches.
        caps: JsonObject = {}
    else:
        caps = {"caps": [{"of": of, "per": whose, "window": window, "limit": limit.most}]}
    return {
        "rule_id": rule_id,
        "status": "active",
        "kind": "gate",
        "name": {"fa": limit.name_fa, "en": limit.name},
        "trigger": trigger,
        "when": {"f": fact, "op": "exists"},
        **schedule,
        "effects": [{"type": "deny", "code": code, "text": {"fa": text_fa, "en": text_en}}],
        **caps,
    }


def _hours(limit: RiskLimit) -> JsonObject:
    days = range(7) if limit.weekdays is None else limit.weekdays
    window: JsonObject = {"days": [_DAYS[day] for day in days]}
    if limit.from_minute is not None and limit.until_minute is not None:
        window |= {"from": _clock(limit.from_minute), "to": _clock(limit.until_minute)}
    return window


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"
