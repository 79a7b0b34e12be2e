"""Rules of alarms as an operator writes them, in TOML: the bundled ones, and a file over them."""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from switch.console.alarms.signals import SIGNALS, Signal, Subject

DEFAULTS_FILE: Final = Path(__file__).parent / "default_alarms.toml"
RULES_MAX: Final = 100
_FILE_BYTES_MAX: Final = 1 << 20
_DAY_S: Final = 86_400
_NUMBER_MAX: Final = 1 << 53
_SUBJECTS_NAMED_MAX: Final = 256


class AlarmsFault(Exception):  # noqa: N818  (not an error in the program)
    """The alarms can't be as they are written; the text is one line for the operator."""


class Severity(StrEnum):
    """From the least on."""

    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """From 0 on."""
        return tuple(Severity).index(self)


class Take(StrEnum):
    """What is made of a signal's numbers within a window."""

    LAST = "last"
    SUM = "sum"
    MEAN = "mean"
    MAX = "max"
    PER_MILLE = "per_mille"
    RUNS_OUT_S = "runs_out_s"


def _signal(name: object) -> object:
    if isinstance(name, str) and name not in SIGNALS:
        raise ValueError(f"one of {', '.join(SIGNALS)}")
    return SIGNALS[name] if isinstance(name, str) else name


class Document(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
SignalName = Annotated[Signal, BeforeValidator(_signal)]
Number = Annotated[int, Field(ge=0, le=_NUMBER_MAX, strict=True)]
SubjectNames = Annotated[
    tuple[Annotated[str, Field(max_length=64)], ...], Field(max_length=_SUBJECTS_NAMED_MAX)
]


Line = Annotated[str, Field(min_length=1, max_length=600, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Title(Document):
    """A line in both languages."""

    fa: Annotated[Line, Field(max_length=120)]
    en: Annotated[Line, Field(max_length=120)]


class Advice(Document):
    """What to do, in both languages."""

    fa: Line
    en: Line


class Rule(Document):
    """An alarm, and when it is raised.

    `take` makes one number of the signal's last `window_s` seconds (`runs_out_s`: in how many seconds a level
    that falls as it does is at 0; `per_mille`: of the signal `of`), and the condition holds while that is
    `above` or `below` a number. It doesn't where the window has not `least` events (for `per_mille` of `of`),
    or for a level known seconds. The alarm is raised when the condition has held for `raise_after_s`, and
    cleared when it hasn't for `clear_after_s`. `apart` has an alarm for each subject, `only` for these alone,
    and `never` for all but those.
    """

    name: Name
    severity: Severity
    title: Title
    todo: Advice
    signal: SignalName
    take: Take = Take.LAST
    of: SignalName | None = None
    window_s: Annotated[int, Field(ge=0, le=_DAY_S)] = 0
    above: Number | None = None
    below: Number | None = None
    least: Number = 0
    apart: bool = True
    only: SubjectNames = ()
    never: SubjectNames = ()
    raise_after_s: Annotated[int, Field(ge=0, le=_DAY_S)] = 0
    clear_after_s: Annotated[int, Field(ge=1, le=_DAY_S)] = 60
    enabled: bool = True

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError("above or below, one of them")
        if (self.take is Take.LAST) != (self.window_s == 0):
            raise ValueError("window_s belongs to every take but last")
        if (self.take is Take.PER_MILLE) != (self.of is not None):
            raise ValueError("of belongs to per_mille, and per_mille wants it")
        counted = self.signal.value.is_counted
        if self.take in (Take.SUM, Take.PER_MILLE) and not counted:
            raise ValueError(f"{self.signal.value.name} is a level: it has no sum and no share")
        if self.of is not None and not self.of.value.is_counted:
            raise ValueError(f"{self.of.value.name} is a level: nothing is a share of it")
        if self.take not in (Take.SUM, Take.PER_MILLE) and counted:
            raise ValueError(f"{self.signal.value.name} is counted: take its sum or its share")
        if (self.only or self.never) and self.signal.value.subject is Subject.NONE:
            raise ValueError(f"{self.signal.value.name} tells nothing apart")
        return self

    def concerns(self, subject: str) -> bool:
        """Whether a subject counts."""
        return subject not in self.never and (not self.only or subject in self.only)

    def holds(self, value: int | None) -> bool:
        """Whether the condition holds for what `take` made; None is what can't be known."""
        if value is None:
            return False
        if self.above is not None:
            return value > self.above
        return self.below is not None and value < self.below


class _Rules(Document):
    alarms: Annotated[tuple[Rule, ...], Field(max_length=RULES_MAX)] = ()

    @model_validator(mode="after")
    def _has_names_once(self) -> Self:
        names = [rule.name for rule in self.alarms]
        if len(set(names)) != len(names):
            raise ValueError("a name stands twice")
        return self


Table = dict[str, object]


def default_rules() -> tuple[Rule, ...]:
    """The bundled ones."""
    return rules_of(_alarms(read_document(DEFAULTS_FILE), DEFAULTS_FILE), DEFAULTS_FILE)


def rules_over_defaults(document: Mapping[str, object], path: Path) -> tuple[Rule, ...]:
    """Those of an operator's document that are enabled.

    An alarm with the name of a bundled one changes what it names of that, every other is a new one. With
    `defaults = false` there are no bundled ones. Raises AlarmsFault."""
    wants_defaults = document.get("defaults", True)
    if not isinstance(wants_defaults, bool):
        raise AlarmsFault(f"alarms file {path}: defaults is true or false")
    bundled = _alarms(read_document(DEFAULTS_FILE), DEFAULTS_FILE) if wants_defaults else []
    merged: dict[object, Table] = {table.get("name"): table for table in bundled}
    seen: set[object] = set()
    for place, table in enumerate(_alarms(document, path)):
        name = table.get("name")
        if not isinstance(name, str) or name in seen:
            raise AlarmsFault(f"alarms file {path}: alarms.{place}.name: wanted, and only once")
        seen.add(name)
        merged[name] = {**merged.get(name, {}), **table}
    return rules_of(list(merged.values()), path)


def rules_of(tables: list[Table], path: Path) -> tuple[Rule, ...]:
    """Those that are enabled. Raises AlarmsFault."""
    try:
        return tuple(rule for rule in _Rules.model_validate({"alarms": tables}).alarms if rule.enabled)
    except ValidationError as fault:
        raise AlarmsFault(f"alarms file {path}: {first_fault(fault, tables)}") from None


def read_document(path: Path) -> Table:
    """A TOML file. Raises AlarmsFault."""
    try:
        with path.open("rb") as file:
            content = file.read(_FILE_BYTES_MAX + 1)
        if len(content) > _FILE_BYTES_MAX:
            raise AlarmsFault(f"alarms file {path}: longer than {_FILE_BYTES_MAX} bytes")
        return tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise AlarmsFault(f"alarms file {path}: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as fault:
        raise AlarmsFault(f"alarms file {path}: no TOML: {fault}") from None


def first_fault(fault: ValidationError, tables: list[Table] | None = None) -> str:
    """Where the first fault is, and which: no value is repeated."""
    found = fault.errors(include_url=False, include_context=False, include_input=False)[0]
    where = [str(step) for step in found["loc"]]
    if tables is not None and len(where) > 1 and where[1].isdecimal():
        where[1] = str(tables[int(where[1])].get("name", where[1]))
    return f"{'.'.join(where)}: {found['msg']}".removeprefix(": ")


def _alarms(document: Mapping[str, object], path: Path) -> list[Table]:
    found = document.get("alarms", [])
    if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
        raise AlarmsFault(f"alarms file {path}: alarms are written as [[alarms]]")
    return found
