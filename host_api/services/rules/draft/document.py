"""Between rows and the rule document: taken apart, put together, and written as TOML or JSON."""

import json
from collections.abc import Mapping
from typing import NamedTuple, cast, get_args

from pydantic import JsonValue, TypeAdapter, ValidationError

from host_api.services.rules.draft.json_content import LARGEST_PART_BYTES, JsonObject, written
from host_api.services.rules.draft.problems import DocumentUnreadable, RuleIdWrong, TooManyRules
from host_api.services.rules.draft.schemas import RuleForm
from switch.rules.compiler import RuleFaults
from switch.rules.compiler.documents import read_text
from switch.rules.schema.document import FORMAT_VERSION
from switch.rules.schema.rule import Status
from switch.rules.schema.values import RuleId
from switch.rules.table import RULES_MAX

_RULE_ID: TypeAdapter[str] = TypeAdapter(RuleId)
_STATUSES = frozenset(get_args(Status))
_SECTIONS = {RuleForm.FULL: "rules", RuleForm.SIMPLE: "simple"}
_STATUS_OF_SIMPLE = "active"


class WrittenRule(NamedTuple):
    """A rule as a row has it."""

    rule_id: str
    status: str
    form: RuleForm
    content: JsonObject


class WrittenDocument(NamedTuple):
    """A document taken apart; the head is without format and rules."""

    head: JsonObject
    rules: tuple[WrittenRule, ...]


def written_rule(content: Mapping[str, JsonValue], form: RuleForm) -> WrittenRule:
    """A rule that can be kept: with an id and a status, whatever else is wrong with it.

    Raises:
        RuleIdWrong
    """
    kept: JsonObject = {name: value for name, value in content.items() if value is not None}
    status = kept.setdefault("status", "draft" if form is RuleForm.FULL else _STATUS_OF_SIMPLE)
    try:
        rule_id = _RULE_ID.validate_python(kept.get("rule_id"))
    except ValidationError:
        raise RuleIdWrong from None
    if not isinstance(status, str) or status not in _STATUSES:
        raise RuleIdWrong
    return WrittenRule(rule_id, status, form, kept)


def taken_apart(document: Mapping[str, JsonValue]) -> WrittenDocument:
    """Head and rules of a document; the rules may be at fault.

    Raises:
        DocumentUnreadable, TooManyRules
    """
    faults, rules, ids = [], [], set[str]()
    if document.get("format", FORMAT_VERSION) != FORMAT_VERSION:
        faults.append(f"format: this software knows format {FORMAT_VERSION}")
    for form, section in _SECTIONS.items():
        entries = document.get(section, [])
        if not isinstance(entries, list):
            faults.append(f"{section}: is no list")
            continue
        for number, entry in enumerate(entries, 1):
            try:
                rule = written_rule(entry if isinstance(entry, dict) else {}, form)
            except RuleIdWrong:
                faults.append(f"{section}, {number}: rule_id or status is missing or wrong")
                continue
            if rule.rule_id in ids:
                faults.append(f"{section}, {number}: {rule.rule_id} stands twice")
            if len(written(rule.content).encode()) > LARGEST_PART_BYTES:
                faults.append(f"{section}, {number}: a rule has at most {LARGEST_PART_BYTES:,} bytes as JSON")
            ids.add(rule.rule_id)
            rules.append(rule)
    if faults:
        raise DocumentUnreadable(faults)
    if len(rules) > RULES_MAX:
        raise TooManyRules
    head = {name: value for name, value in document.items() if name not in {"format", *_SECTIONS.values()}}
    return WrittenDocument(head, tuple(rules))


def read_document(text: str) -> JsonObject:
    """The document in a TOML or JSON text, unchecked but for what JSON can hold.

    Raises:
        DocumentUnreadable
    """
    try:
        document = read_text(text, "")
        return cast(JsonObject, json.loads(written(document)))
    except RuleFaults as faults:
        raise DocumentUnreadable(faults.faults) from None
    except TypeError:
        raise DocumentUnreadable(["dates and times stand in quotes"]) from None
    except (ValueError, RecursionError):
        raise DocumentUnreadable(["the text can't be kept as JSON in UTF-8"]) from None


def put_together(head: JsonObject, rules: list[WrittenRule]) -> JsonObject:
    """The document of a head and its rules, in the order given."""
    document: JsonObject = {"format": FORMAT_VERSION, **head}
    for form, section in _SECTIONS.items():
        entries: list[JsonValue] = [rule.content for rule in rules if rule.form is form]
        if entries:
            document[section] = entries
    return document
