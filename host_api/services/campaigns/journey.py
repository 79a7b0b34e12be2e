"""A campaign's journey as people write it: what begins it, and its steps."""

from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from host_api.core.jalali import days_in_month
from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.services.groups.query_schema import Query
from host_api.services.members.special_days.schemas import BIRTHDAY, KIND_PATTERN

MOST_STEPS: Final = 40
MOST_VARIANTS: Final = 4
CONTROL: Final = "control"
END: Final = "end"

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,15}$", examples=["thanks"])]
Text = Annotated[str, Field(min_length=1, max_length=500), kept_name(500)]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AtTime(_Part):
    """All of the audience, once, at a time."""

    kind: Literal["at"]
    at: AwareDatetime


class OnJoining(_Part):
    """Whoever joins from the start on."""

    kind: Literal["joining"]


class OnSpecialDay(_Part):
    """A member's own day of each year, as a birthday, once in a Jalali year."""

    kind: Literal["special_day"]
    day_kind: str = Field(default=BIRTHDAY, pattern=KIND_PATTERN)


class OnDayOfYear(_Part):
    """All of the audience on a day of each Jalali year; 30 Esfand is kept on the 29th where there is none."""

    kind: Literal["yearly"]
    day: str = Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$", description="Month and day.")

    @model_validator(mode="after")
    def _is_day(self) -> "OnDayOfYear":
        # 1403 is a leap year: its Esfand has 30 days.
        if int(self.day[3:]) > days_in_month(1403, int(self.day[:2])):
            raise ValueError("there is no such day in a Jalali year")
        return self


class WinBack(_Part):
    """Who has bought before, but not for so many days; once for each such absence."""

    kind: Literal["win_back"]
    days: int = Field(ge=1, le=3650)


Trigger = Annotated[
    AtTime | OnJoining | OnSpecialDay | OnDayOfYear | WinBack,
    Field(discriminator="kind"),
]


class _Step(_Part):
    name: Name | None = Field(default=None, description="By which other steps lead here.")
    then: Name | None = Field(default=None, description="The step after it; the next unless named, or `end`.")


class MessageStep(_Step):
    """A text to the member's mobile."""

    kind: Literal["message"]
    text: Text
    text_fa: Text


class OfferStep(_Step):
    """An offer of the offers service, put before the member."""

    kind: Literal["offer"]
    offer_id: Id


class CodeStep(_Step):
    """A code of a pool, texted to the member by the pool."""

    kind: Literal["code"]
    pool_id: Id


class PointsStep(_Step):
    """Units of a purse."""

    kind: Literal["points"]
    purse: int = Field(default=91, ge=60, le=99)
    units: int = Field(ge=1, le=LARGEST_AMOUNT)
    valid_days: int | None = Field(default=None, ge=1, le=3650)


class WaitStep(_Step):
    """Some time goes by."""

    kind: Literal["wait"]
    hours: int = Field(ge=1, le=24 * 366)


class ConditionStep(_Step):
    """Where the query finds the member, the journey goes on at `then`, else at `otherwise`."""

    kind: Literal["condition"]
    query: Query
    otherwise: Name | None = Field(default=None, description="The next unless named, or `end`.")


Step = Annotated[
    MessageStep | OfferStep | CodeStep | PointsStep | WaitStep | ConditionStep,
    Field(discriminator="kind"),
]


class Variant(_Part):
    """One of the ways that are tried against each other."""

    code: Name
    weight: int = Field(default=1, ge=1, le=100, description="Its share of the members who are treated.")
    steps: Annotated[list[Step], Field(min_length=1, max_length=MOST_STEPS)]

    @model_validator(mode="after")
    def _leads_forward(self) -> "Variant":
        """Every name stands once, and every step leads to a later one: no journey goes in circles."""
        if self.code in {CONTROL, END}:
            raise ValueError(f"{self.code} is no name of a variant")
        places = {step.name: place for place, step in enumerate(self.steps) if step.name is not None}
        if END in places or len(places) != sum(step.name is not None for step in self.steps):
            raise ValueError("a step's name stands once, and is not `end`")
        for place, step in enumerate(self.steps):
            for name in _targets(step):
                if name != END and places.get(name, -1) <= place:
                    raise ValueError(f"{name} is no later step")
        return self

    def next_place(self, place: int, *, is_met: bool = True) -> int:
        """The step after one; past the last where the journey ends."""
        step = self.steps[place]
        name = step.then
        if isinstance(step, ConditionStep) and not is_met:
            name = step.otherwise
        if name is None:
            return place + 1
        if name == END:
            return len(self.steps)
        return next(at for at, other in enumerate(self.steps) if other.name == name)


def gives_units(variants: list[Variant]) -> set[int]:
    """The purses that points steps fill."""
    return {step.purse for variant in variants for step in variant.steps if isinstance(step, PointsStep)}


def _targets(step: Step) -> list[str]:
    names = [step.then, step.otherwise if isinstance(step, ConditionStep) else None]
    return [name for name in names if name is not None]


TRIGGER: Final[TypeAdapter[Trigger]] = TypeAdapter(Trigger)
VARIANTS: Final[TypeAdapter[list[Variant]]] = TypeAdapter(list[Variant])
