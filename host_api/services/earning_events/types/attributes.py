"""What is told of an event: attributes with a kind and bounds, and values that fit them."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from host_api.core.errors import FieldProblem, ValidationFailed
from host_api.core.jalali import DateFault, parse_date
from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.name_type import kept_name
from host_api.core.persian_text import fold_digits, fold_name

MOST_ATTRIBUTES: Final = 20
MOST_CHOICES: Final = 50
# Of tag DF14, in which numbers travel to the rules.
_METRICS_BYTES: Final = 64

Value = int | str
Values = dict[str, Value]

Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Choice = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$")]


class AttributeKind(StrEnum):
    """What an attribute holds."""

    NUMBER = "number"
    TEXT = "text"
    CHOICE = "choice"
    DATE = "date"


class EventAttribute(BaseModel):
    """One thing that is told of an event."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "name": "miles",
                "title": "Miles flown",
                "title_fa": "مایل پرواز",
                "kind": "number",
                "unit": "mile",
                "maximum": 20000,
                "is_metric": True,
            }
        },
    )

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,15}$")
    title: Title
    title_fa: Title
    kind: AttributeKind
    is_required: bool = True
    unit: Annotated[str, Field(min_length=1, max_length=16), kept_name(16)] | None = Field(
        default=None, description="Of a number: `mile`, `kg`, `rial`."
    )
    minimum: int = Field(default=0, ge=0, le=LARGEST_AMOUNT, description="Of a number.")
    maximum: int = Field(default=LARGEST_AMOUNT, ge=0, le=LARGEST_AMOUNT, description="Of a number.")
    is_metric: bool = Field(default=False, description="Rules see this number as `metric:` and its name.")
    choices: list[Choice] = Field(default=[], max_length=MOST_CHOICES, description="Of a choice.")
    most_characters: int = Field(default=100, ge=1, le=500, description="Of a text.")

    @model_validator(mode="after")
    def _agrees(self) -> "EventAttribute":
        if self.minimum > self.maximum:
            raise ValueError("minimum lies above maximum")
        if self.is_metric and self.kind is not AttributeKind.NUMBER:
            raise ValueError("only a number is a metric")
        if (self.kind is AttributeKind.CHOICE) != bool(self.choices):
            raise ValueError("a choice, and nothing else, has choices")
        return self


def check_schema(attributes: Sequence[EventAttribute], metric: str | None) -> None:
    """See that attributes go together.

    Raises:
        ValueError: a name stands there twice, the metric isn't one of the required numbers, or the metrics
            don't fit into a message.
    """
    named = {attribute.name: attribute for attribute in attributes}
    if len(named) != len(attributes):
        raise ValueError("two attributes have the same name")
    if metric is not None:
        chosen = named.get(metric)
        if chosen is None or chosen.kind is not AttributeKind.NUMBER or not chosen.is_required:
            raise ValueError("the metric is one of the required numbers")
    longest = ";".join(f"{entry.name}={entry.maximum}" for entry in attributes if entry.is_metric)
    if len(longest) > _METRICS_BYTES:
        raise ValueError("the metrics and their largest numbers have more than 64 characters together")


def checked_values(attributes: Sequence[EventAttribute], given: Mapping[str, object]) -> Values:
    """Values as they are kept: whole numbers, texts in one spelling, dates by ISO 8601.

    Raises:
        ValidationFailed: all that doesn't fit.
    """
    faults: list[FieldProblem] = []
    found: Values = {}
    named = {attribute.name: attribute for attribute in attributes}
    faults += [
        _fault(name, "unknown", "The event has no such attribute", "این رویداد چنین ویژگی‌ای ندارد.")
        for name in given
        if name not in named
    ]
    for name, attribute in named.items():
        value = given.get(name)
        if value is None or value == "":
            if attribute.is_required:
                faults.append(_fault(name, "missing", "This is missing", "این مقدار لازم است."))
            continue
        try:
            found[name] = _value(attribute, value)
        except ValueError as error:
            faults.append(_fault(name, "value", str(error), "این مقدار با تعریف رویداد نمی‌خواند."))
    if faults:
        raise ValidationFailed(faults)
    return found


def _value(attribute: EventAttribute, value: object) -> Value:
    match attribute.kind:
        case AttributeKind.NUMBER:
            return _number(attribute, value)
        case AttributeKind.TEXT:
            text = fold_name(str(value))
            if not 1 <= len(text) <= attribute.most_characters:
                raise ValueError(f"Text of up to {attribute.most_characters} characters")
            return text
        case AttributeKind.CHOICE:
            if value not in attribute.choices:
                raise ValueError("One of the choices")
            return str(value)
        case AttributeKind.DATE:
            try:
                return parse_date(str(value)).isoformat()
            except DateFault as fault:
                raise ValueError(fault.message) from None


def _number(attribute: EventAttribute, value: object) -> int:
    written = fold_digits(value).strip() if isinstance(value, str) else value
    if isinstance(written, str) and written.isdecimal() and written.isascii() and len(written) <= 12:
        written = int(written)
    if isinstance(written, bool) or not isinstance(written, int):
        raise ValueError("A whole number")
    if not attribute.minimum <= written <= attribute.maximum:
        raise ValueError(f"A number from {attribute.minimum} to {attribute.maximum}")
    return written


def metrics_text(attributes: Sequence[EventAttribute], values: Mapping[str, Value]) -> str:
    """The numbers that rules see, as tag DF14 has them; empty for none."""
    return ";".join(
        f"{entry.name}={values[entry.name]}"
        for entry in attributes
        if entry.is_metric and entry.name in values
    )


def _fault(name: str, code: str, message: str, message_fa: str) -> FieldProblem:
    return FieldProblem(
        field=f"attributes.{name[:32]}", location="body", code=code, message=message, message_fa=message_fa
    )
