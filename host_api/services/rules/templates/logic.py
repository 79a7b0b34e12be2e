"""Templates, and their way into the draft."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pydantic import JsonValue, TypeAdapter

from host_api.core.database import WriteSession
from host_api.core.errors import FieldProblem, Problem, ValidationFailed
from host_api.services.rules.draft import logic as draft
from host_api.services.rules.draft.document import WrittenDocument, taken_apart
from host_api.services.rules.draft.json_content import JsonObject
from host_api.services.rules.draft.schemas import DraftRuleRead
from host_api.services.rules.templates.schemas import (
    ParameterKind,
    Template,
    TemplateParameter,
    TemplateRead,
    TemplateUse,
)

_METRIC = re.compile(r"[a-z][a-z0-9_]{0,15}", re.ASCII)
_PLACE = re.compile(r"\{([a-z]{2,16})\}", re.ASCII)

Value = int | str


class TemplateNotFound(Problem):
    """No template has this name."""

    status = 404
    code = "rule-template-not-found"
    title = "Template not found"
    title_fa = "الگو پیدا نشد"
    detail = "There is no template with this name."
    detail_fa = "الگویی با این نام وجود ندارد."
    field = "name"


@cache
def templates() -> Mapping[str, Template]:
    """All templates by name."""
    text = files("host_api.services.rules.templates").joinpath("templates.toml").read_text("utf-8")
    found = TypeAdapter(list[Template]).validate_python(tomllib.loads(text)["template"])
    return {template.name: template for template in found}


def read_templates() -> list[TemplateRead]:
    """All templates, as people see them."""
    return [
        TemplateRead(
            name=template.name,
            part=template.part,
            title=template.title,
            parameters=list(template.parameters),
            rule_ids=[str(rule["rule_id"]) for rule in (*template.rules, *template.simple)],
        )
        for template in templates().values()
    ]


def filled(wanted: TemplateUse) -> WrittenDocument:
    """The template's rules with these values, and what they need of the head.

    Raises:
        TemplateNotFound, ValidationFailed
    """
    template = templates().get(wanted.name)
    if template is None:
        raise TemplateNotFound
    known = {parameter.name: parameter for parameter in template.parameters}
    wrong = [name for name in wanted.parameters if name not in known]
    values: dict[str, Value] = {}
    for name, parameter in known.items():
        values[name] = wanted.parameters.get(name, parameter.default)
        if not _fits(parameter, values[name]):
            wrong.append(name)
    if wrong:
        raise ValidationFailed([_wrong(name) for name in wrong])
    document: JsonObject = {name: _with(value, values) for name, value in template.head.items()}
    for section, rules in (("rules", template.rules), ("simple", template.simple)):
        document[section] = [
            _with({**rule, "rule_id": wanted.rule_ids.get(str(rule["rule_id"]), rule["rule_id"])}, values)
            for rule in rules
        ]
    return taken_apart(document)


async def use(session: WriteSession, wanted: TemplateUse) -> list[DraftRuleRead]:
    """Add a template's rules to the draft, and those sections of the head that it has not.

    Raises:
        TemplateNotFound, ValidationFailed, RuleIdTaken, TooManyRules
    """
    document = filled(wanted)
    await draft.merge_head(session, document.head)
    rows = await draft.add_rules(session, document.rules)
    return [(await draft.read_rule(session, row.id))[0] for row in rows]


def _fits(parameter: TemplateParameter, value: Value) -> bool:
    match parameter.kind:
        case ParameterKind.NUMBER:
            return isinstance(value, int) and parameter.min <= value <= parameter.max
        case ParameterKind.TEXT:
            return isinstance(value, str)
        case ParameterKind.METRIC:
            return isinstance(value, str) and _METRIC.fullmatch(value) is not None


def _with(value: JsonValue, values: Mapping[str, Value]) -> JsonValue:
    """`value` with the parameters in their places; a text that is only a place becomes the parameter."""
    match value:
        case str():
            whole = _PLACE.fullmatch(value)
            if whole is not None:
                return values[whole[1]]
            return _PLACE.sub(lambda place: str(values[place[1]]), value)
        case list():
            return [_with(entry, values) for entry in value]
        case dict():
            return {name: _with(entry, values) for name, entry in value.items()}
        case _:
            return value


def _wrong(name: str) -> FieldProblem:
    return FieldProblem(
        field=f"parameters.{name[:32]}",
        location="body",
        code="template-parameter",
        message="The template has no such parameter, or not with such a value",
        message_fa="الگو چنین پارامتری ندارد یا این مقدار را نمی‌پذیرد.",
    )
