"""What a lint says."""

from enum import IntEnum
from typing import NamedTuple


class Severity(IntEnum):
    """How much a lint matters: an error is a rule that can't do what it says."""

    HINT = 1
    WARNING = 2
    ERROR = 3


class Lint(NamedTuple):
    """One lint; `rule_id` is empty where it isn't about a rule."""

    code: str
    severity: Severity
    rule_id: str
    text_fa: str
    text_en: str
