"""From a rule document to what members get by it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from pydantic import JsonValue

from host_api.services.rules.draft.json_content import JsonObject
from host_api.services.rules.member_page.schemas import MemberBenefit
from switch.rules.compiler.dates import moment_s
from switch.rules.compiler.drafts import DraftChecker
from switch.rules.schema.document import Head
from switch.rules.schema.rule import Rule

# What a gate says is for whoever is refused.
_NO_BENEFIT: Final = frozenset(("gate",))
_DEFAULT_ZONE: Final = str(Head.model_fields["time_zone"].default)


def benefits_of(document: JsonObject, now: datetime) -> list[MemberBenefit]:
    """What the rules of a sound document give members, now or later, the first to be counted first."""
    zone = document.get("time_zone", _DEFAULT_ZONE)
    rules = sorted(rules_of(document), key=lambda rule: (-rule.priority, rule.rule_id))
    found = []
    for rule in rules:
        text_fa, text_en = rule.member_text.fa or rule.name.fa, rule.member_text.en or rule.name.en
        begins_at, ends_at = (
            None if written is None else _instant(written, str(zone), is_end=is_end)
            for written, is_end in ((rule.schedule.from_, False), (rule.schedule.to, True))
        )
        if ends_at is not None and ends_at <= now:
            continue
        found.append(
            MemberBenefit(
                rule_id=rule.rule_id,
                text_fa=text_fa,
                text_en=text_en,
                begins_at=begins_at if begins_at is not None and begins_at > now else None,
                ends_at=ends_at,
            )
        )
    return found


def rules_of(document: JsonObject) -> Iterator[Rule]:
    """The rules of a sound document that give something."""
    head = {name: value for name, value in document.items() if name not in {"format", "rules", "simple"}}
    full, simple = _entries(document, "rules"), _entries(document, "simple")
    checker = DraftChecker(head, [str(rule.get("rule_id")) for rule in (*full, *simple)])
    for checked in (*map(checker.rule, full), *map(checker.simple, simple)):
        rule = checked.rule
        if rule is not None and rule.is_compiled and rule.kind not in _NO_BENEFIT:
            yield rule


def _entries(document: JsonObject, section: str) -> list[dict[str, JsonValue]]:
    entries = document.get(section)
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _instant(written: str, zone: str, *, is_end: bool) -> datetime:
    return datetime.fromtimestamp(moment_s(written, zone, is_end=is_end), UTC)
