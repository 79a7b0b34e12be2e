"""Why a request comes to what it comes to: every rule with its verdict, in English or Persian."""

from collections.abc import Sequence

from switch.rule_trials.club import NO_FUNDS_CODE, Decision
from switch.rule_trials.telling import Language, grant_line, moment_text
from switch.rules.evaluator import Trace, Verdict
from switch.rules.facts import TextDimension
from switch.rules.outcome import Grant
from switch.rules.table import RuleTable

_VERDICTS: dict[Verdict, tuple[str, str]] = {
    Verdict.NOT_TRIGGERED: ("another request", "درخواست دیگر"),
    Verdict.NOT_VALID: ("not valid now", "بیرون از دوره اعتبار"),
    Verdict.OUT_OF_WINDOW: ("not at this time", "بیرون از ساعت قاعده"),
    Verdict.AGREEMENT: ("agreement missing", "بدون توافق‌نامه"),
    Verdict.MEMBER_STATUS: ("member's status", "وضعیت عضو"),
    Verdict.CONDITION: ("condition fails", "شرط برقرار نیست"),
    Verdict.EXCLUDED: ("excluded", "کنار گذاشته شده"),
    Verdict.STOPPED: ("stopped", "متوقف شده"),
    Verdict.REQUIRES: ("needs another rule", "نیازمند قاعده دیگر"),
    Verdict.BALANCE: ("balance too low", "موجودی ناکافی"),
    Verdict.NOT_REACHED: ("not reached", "نوبت نرسید"),
    Verdict.PASSED: ("passed", "گذشت"),
    Verdict.REFUSED: ("refused", "رد شد"),
    Verdict.CAP: ("used up", "سقف پر است"),
    Verdict.STACK: ("another one counts", "قاعده دیگر برنده است"),
    Verdict.NOTHING: ("comes to nothing", "صفر شد"),
    Verdict.CLIPPED: ("cut short", "کوتاه شد"),
    Verdict.GRANTED: ("granted", "داده شد"),
}
_COLOURS = {
    Verdict.GRANTED: "green",
    Verdict.PASSED: "green",
    Verdict.CLIPPED: "yellow",
    Verdict.CAP: "yellow",
    Verdict.REFUSED: "red",
}


def verdict_text(verdict: Verdict, language: Language) -> str:
    """A verdict in a few words."""
    return _VERDICTS[verdict][0 if language == "en" else 1]


def verdict_colour(verdict: Verdict) -> str | None:
    """The colour in which a verdict is shown, None for plain."""
    return _COLOURS.get(verdict)


def heading(table: RuleTable, decision: Decision, language: Language) -> str:
    """One line about the request: what, when, by whom."""
    sale, facts = decision.sale, decision.facts
    moment, tier = moment_text(table, facts.at_s), facts.texts[TextDimension.TIER]
    amount = f"{decision.outcome.amount:,}"
    if language == "fa":
        member = f"عضو {sale.member}{f'، سطح {tier}' if tier else ''}"
        return f"{sale.trigger}: {amount} ریال، {moment}، {member}"
    return (
        f"{sale.trigger} of {amount} rial, {moment}, member {sale.member}{f', tier {tier}' if tier else ''}"
    )


def result_lines(table: RuleTable, decision: Decision, language: Language) -> list[str]:
    """What comes of the request, below the rules."""
    outcome, english = decision.outcome, language == "en"
    refusal = outcome.refusal
    if refusal is not None:
        text = refusal.text_en if english else refusal.text_fa
        if not text and refusal.response_code == NO_FUNDS_CODE:
            text = "the balance doesn't suffice" if english else "موجودی کافی نیست"
        code = refusal.response_code
        told = f"refused with code {code}" if english else f"رد شد با کد {code}"
        by = f" by {refusal.rule_id}" if english else f"، قاعده {refusal.rule_id}"
        return [f"{told}{by if refusal.rule_id else ''}{f': {text}' if text else ''}"]
    lines: list[str] = []
    taken = (*outcome.costs, outcome.tender) if outcome.tender else outcome.costs
    words = ("discount", "takes", "gives") if english else ("تخفیف", "می‌گیرد", "می‌دهد")
    for word, grants in zip(words, (outcome.discounts, taken, outcome.grants), strict=True):
        lines += [f"{word} {grant_line(table, decision.facts, grant, language)}" for grant in grants]
    net, amount = f"{outcome.net_amount:,}", f"{outcome.amount:,}"
    lines.append(f"to pay {net} of {amount} rial" if english else f"پرداختنی {net} از {amount} ریال")
    reads = "member reads" if english else "عضو می‌خواند"
    texts = [pair[1 if english else 0] for pair in outcome.texts]
    return lines + [f"{reads}: {text}" for text in texts if text]


def document(table: RuleTable, decision: Decision, traces: Sequence[Trace]) -> dict[str, object]:
    """The explanation as one JSON object."""
    outcome, refusal = decision.outcome, decision.outcome.refusal
    return {
        "table": {"programme": table.programme.name, "digest": table.digest, "rules": len(table.rules)},
        "request": decision.sale.model_dump(mode="json", exclude_defaults=True, exclude={"expect"})
        | {"at_s": decision.facts.at_s},
        "refusal": refusal._asdict() if refusal else None,
        "amount": outcome.amount,
        "discount": outcome.discount,
        "tendered": outcome.tendered,
        "net_amount": outcome.net_amount,
        "discounts": [_grant(table, grant) for grant in outcome.discounts],
        "costs": [_grant(table, grant) for grant in outcome.costs],
        "tender": _grant(table, outcome.tender) if outcome.tender else None,
        "grants": [_grant(table, grant) for grant in outcome.grants],
        "texts": [{"fa": fa, "en": en} for fa, en in outcome.texts],
        "rules": [{**trace._asdict(), "verdict": trace.verdict.value} for trace in traces],
    }


def _grant(table: RuleTable, grant: Grant) -> dict[str, object]:
    purse = table.purses.get(grant.purse)
    return {
        "rule_id": grant.rule_id,
        "version": grant.version,
        "type": grant.type.name.lower(),
        "purse": purse.name if purse else "",
        "party": grant.party.name.lower(),
        "number": grant.number,
        "desired": grant.desired,
        "granted": grant.granted,
        "reason": grant.reason.name.lower(),
        "basis": grant.basis,
        "reference": grant.reference,
        "available_from_s": grant.available_from_s,
        "expires_at_s": grant.expires_at_s,
        "funding": [
            {"party": part.party.name.lower(), "number": part.number, "amount": part.amount}
            for part in grant.funding
        ],
    }
