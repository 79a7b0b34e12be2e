"""What a message says, to programs and to people in either language."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from switch.console.alarms.engine import OTHERS
from switch.console.alarms.grouping import Group
from switch.console.alarms.records import Record, What
from switch.console.alarms.rules import Rule, Severity, Take

_MS_PER_S: Final = 1000
_LEFT_TO_RIGHT_ISOLATE, _POP_ISOLATE = "\u2066", "\u2069"


class Language(StrEnum):
    """Of a mail."""

    FA = "fa"
    EN = "en"


_SEVERITIES: Final[dict[Language, dict[str, str]]] = {
    Language.EN: {Severity.NOTICE: "notice", Severity.WARNING: "warning", Severity.CRITICAL: "critical"},
    Language.FA: {Severity.NOTICE: "آگاهی", Severity.WARNING: "هشدار", Severity.CRITICAL: "بحرانی"},
}
_WHAT: Final = {
    Language.EN: {What.RAISED: "Raised", What.CLEARED: "Cleared"},
    Language.FA: {What.RAISED: "برخاست", What.CLEARED: "برطرف شد"},
}
_OTHERS: Final = {Language.EN: "and others", Language.FA: "و دیگران"}
_MORE: Final = {Language.EN: "{count} more before these", Language.FA: "{count} رویداد دیگر پیش از این‌ها"}
_COUNT: Final = {
    Language.EN: "{raised} raised, {cleared} cleared",
    Language.FA: "{raised} برخاست، {cleared} برطرف شد",
}


class Letter(NamedTuple):
    """A mail."""

    subject: str
    text: str


class Wording:
    """Knows the rules, and the switch by name."""

    def __init__(self, rules: Mapping[str, Rule], switch_name: str) -> None:
        self._rules = rules
        self.switch_name = switch_name

    def document(self, group: Group, timestamp_s: int) -> dict[str, object]:
        """The body of a webhook: type, timestamp and data, as Standard Webhooks advises."""
        return {
            "type": "switch.alarms",
            "timestamp": _iso(timestamp_s * _MS_PER_S),
            "data": {
                "switch": self.switch_name,
                "more": group.more,
                "alarms": [self.happening(record) for record in group.records],
            },
        }

    def happening(self, record: Record) -> dict[str, object]:
        """A record with what its rule says."""
        return {**record._asdict(), **self.texts(record.rule)}

    def texts(self, name: str) -> dict[str, object]:
        """What is shown of a rule, which may be gone since a record was made."""
        rule = self._rules.get(name)
        if rule is None:
            return {"title": {"fa": name, "en": name}, "todo": None, "signal": "", "unit": ""}
        return {
            "title": rule.title.model_dump(),
            "todo": rule.todo.model_dump(),
            "signal": rule.signal.value.name,
            "unit": unit_of(rule),
        }

    def letter(self, group: Group, language: Language) -> Letter:
        """The mail, in lines for people."""
        raised = sum(record.what is What.RAISED for record in group.records)
        cleared = len(group.records) - raised
        only = group.records[0] if len(group.records) == 1 and not group.more else None
        told = (
            _COUNT[language].format(raised=raised, cleared=cleared)
            if only is None
            else f"{_WHAT[language][only.what]}: {self._title(only, language)}"
        )
        lines = [_MORE[language].format(count=group.more), ""] if group.more else []
        for record in group.records:
            lines += [*self._lines(record, language), ""]
        return Letter(f"[{self.switch_name}] {told}", "\n".join(lines))

    def _lines(self, record: Record, language: Language) -> list[str]:
        severity = _SEVERITIES[language].get(record.severity, record.severity)
        lines = [
            f"{_WHAT[language][record.what]}: {self._title(record, language)} ({severity})",
            _isolated(_iso(record.at_ms)),
        ]
        rule = self._rules.get(record.rule)
        if rule is None:
            return lines
        if record.value is not None:
            lines.append(
                _isolated(f"{rule.signal.value.name} {rule.take.value} = {record.value} {unit_of(rule)}")
            )
        if record.what is What.RAISED:
            lines.append(rule.todo.fa if language is Language.FA else rule.todo.en)
        return lines

    def _title(self, record: Record, language: Language) -> str:
        rule = self._rules.get(record.rule)
        title = record.rule if rule is None else rule.title.fa if language is Language.FA else rule.title.en
        if not record.subject:
            return title
        subject = _OTHERS[language] if record.subject == OTHERS else _isolated(record.subject)
        return f"{title}: {subject}"


def unit_of(rule: Rule) -> str:
    """Of the number that the condition looks at."""
    if rule.take is Take.PER_MILLE:
        return "per mille"
    return "s" if rule.take is Take.RUNS_OUT_S else rule.signal.value.unit


def _isolated(text: str) -> str:
    """Codes keep their order within a line of Persian (Unicode Standard Annex 9, 2.7)."""
    return f"{_LEFT_TO_RIGHT_ISOLATE}{text}{_POP_ISOLATE}"


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms // _MS_PER_S, UTC).isoformat().replace("+00:00", "Z")
