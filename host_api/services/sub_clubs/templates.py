"""Sub-clubs to begin with, by the kind of programme."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Template(StrEnum):
    """Kinds of programmes."""

    BUSINESS = "business"
    EDUCATION = "education"
    UNION = "union"


@dataclass(frozen=True, slots=True)
class Level:
    """A sub-club of a template."""

    code: str
    title: str
    title_fa: str
    earns: bool = True


_REPRESENTATIVES: Final = Level("representatives", "Representatives", "نمایندگان")

TEMPLATES: Final[Mapping[Template, tuple[Level, ...]]] = {
    Template.BUSINESS: (
        Level("customers", "Customers", "مشتریان"),
        _REPRESENTATIVES,
        Level("staff", "Staff", "کارکنان"),
    ),
    Template.EDUCATION: (
        Level("students", "Students", "دانش‌آموزان و دانشجویان"),
        Level("teachers", "Teachers", "آموزگاران"),
        _REPRESENTATIVES,
    ),
    # A union's club is for its members' benefit, without earning from trade.
    Template.UNION: (Level("members", "Members", "اعضا", earns=False),),
}
