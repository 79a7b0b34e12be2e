"""The published form of a load plan, format 1. A wrong plan reports all its faults at once.

It holds no key and no address: the same plan loads any test installation.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.load.requests import Kind
from simulator.scripts.profile import TerminalId

SCHEMA_URN = "urn:vafa:load-plan:1"
STAGES_SECONDS_MAX = 86_400
RATE_MAX = 1_000_000
USERS_MAX = 1_000_000
LINKS_MAX = 10_000
TERMINALS_MAX = 100_000
# A distribution that isn't uniform keeps a number for each card.
ZIPF_CARDS_MAX = 1_000_000
_AMOUNT_MAX = 999_999_999_999
_LINES_MAX_BYTES = 480

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=40)]
CardNumber = Annotated[str, Field(pattern=r"^[0-9]{12,19}$")]
MerchantId = Annotated[str, Field(pattern=r"^[ -~]{1,15}$")]
Amount = Annotated[int, Field(ge=1, le=_AMOUNT_MAX)]
Weight = Annotated[float, Field(ge=0, le=1e9)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Terminals(_Part):
    """Terminals with ids counted up from the first one; the links share them."""

    first: TerminalId | None = Field(None, description="else the profile's terminal")
    count: int = Field(1, ge=1, le=TERMINALS_MAX)
    merchant: MerchantId | None = Field(
        None, description="of the first terminal; else the profile's merchant"
    )
    merchants: int = Field(
        1,
        ge=1,
        le=TERMINALS_MAX,
        description="so many, counted up from the first, take the terminals in turn",
    )


class Cards(_Part):
    """Cards with numbers counted up from the first one."""

    first: CardNumber
    count: int = Field(1, ge=1, le=1_000_000_000)
    weight: Weight = 1.0
    distribution: Literal["uniform", "zipf"] = "uniform"
    exponent: float = Field(
        1.0, gt=0, le=10, description="of zipf: card n is used 1/n^exponent times as often"
    )

    @model_validator(mode="after")
    def _can_be_drawn(self) -> Self:
        if self.distribution == "zipf" and self.count > ZIPF_CARDS_MAX:
            raise ValueError(f"zipf wants at most {ZIPF_CARDS_MAX} cards")
        if len(str(int(self.first) + self.count - 1)) > len(self.first):
            raise ValueError("the last card's number has more digits than the first one's")
        return self


class Amounts(_Part):
    """Amounts of which each factor of ten has as many as the next: many small bills, few large ones."""

    least: Amount = 100_000
    most: Amount = 20_000_000
    step: Amount = Field(1_000, description="every amount is a multiple of it")

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.least > self.most:
            raise ValueError("least is more than most")
        if self.most // self.step * self.step < self.least:
            raise ValueError("no multiple of step lies between least and most")
        return self


class Basket(_Part):
    """A bill of an amount table."""

    amount: Amount
    weight: Weight = 1.0
    lines: str = Field("", description="tag DF10 of purchases, as sku,category,quantity,amount;…")

    @model_validator(mode="after")
    def _fits_into_its_tag(self) -> Self:
        if len(self.lines.encode("utf-8")) > _LINES_MAX_BYTES:
            raise ValueError(f"lines: more than {_LINES_MAX_BYTES} bytes")
        return self


class Stage(_Part):
    """A part of the load: an open loop with `rate`, or a closed one with `users`.

    Open: requests leave by the clock, whatever comes back, and their latency counts from the time at which
    they were due. Closed: each user sends, waits for the answer, thinks, and sends again.
    """

    name: Name
    seconds: float = Field(gt=0, le=STAGES_SECONDS_MAX)
    rate: float | None = Field(None, ge=0, le=RATE_MAX, description="requests a second")
    to_rate: float | None = Field(None, ge=0, le=RATE_MAX, description="the rate at the end, reached evenly")
    users: int | None = Field(None, ge=1, le=USERS_MAX)
    think_ms: int = Field(
        0, ge=0, le=600_000, description="of a user, between an answer and the next request"
    )
    counts: bool = Field(True, description="false: a warm-up, which stands apart from the sums")

    @model_validator(mode="after")
    def _is_open_or_closed(self) -> Self:
        if (self.rate is None) == (self.users is None):
            raise ValueError("give rate (an open loop) or users (a closed one), one of them")
        if self.users is None and self.think_ms:
            raise ValueError("think_ms goes with users")
        if self.rate is None and self.to_rate is not None:
            raise ValueError("to_rate goes with rate")
        return self

    @property
    def end_rate(self) -> float:
        """Requests a second at the end of an open loop."""
        return (self.rate or 0.0) if self.to_rate is None else self.to_rate


class LoadPlan(_Part):
    """What is sent, by whom, and when."""

    format: Literal[1]
    seed: int = Field(1, ge=0, le=2**63 - 1, description="the same seed draws the same cards and amounts")
    terminals: Terminals = Terminals()
    links: int | None = Field(
        None, ge=1, le=LINKS_MAX, description="connections; else one for each terminal, up to 32"
    )
    in_flight: int = Field(64, ge=1, le=4096, description="requests on their way on one link; others wait")
    burst: int = Field(1, ge=1, le=1024, description="arrivals behind one another that share a link")
    arrivals: Literal["steady", "poisson"] = "steady"
    mix: dict[Kind, Weight] = Field({Kind.PURCHASE: 1.0}, min_length=1, description="kinds by weight")
    cards: Annotated[list[Cards], Field(max_length=100)] = Field([], description="else the profile's card")
    amounts: Amounts | None = Field(None, description="a range; or a table, see baskets")
    baskets: Annotated[list[Basket], Field(max_length=1000)] = []
    answer_within_ms: int = Field(2000, ge=1, le=600_000, description="what is answered later has failed")
    stop_at_error_share: float | None = Field(
        0.5,
        gt=0,
        le=1,
        description="end the load when of the last five seconds' requests so many have failed",
    )
    stages: Annotated[list[Stage], Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        faults = list(_faults(self))
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def link_count(self) -> int:
        """Links that are opened."""
        return self.links or min(self.terminals.count, 32)


def counted(first: str, number: int) -> str:
    """The id `number` places behind the first: its last digits counted up, as wide as they are."""
    found = re.search(r"[0-9]*$", first)
    digits = found[0] if found else ""
    if not digits:
        return first if number == 0 else f"{first}{number}"
    return f"{first[: -len(digits)]}{int(digits) + number:0{len(digits)}d}"


def _faults(plan: LoadPlan) -> Iterator[str]:
    terminals = plan.terminals
    if plan.link_count > terminals.count:
        yield f"links: {plan.link_count} are more than the {terminals.count} terminals that share them"
    if terminals.first is not None and len(counted(terminals.first, terminals.count - 1)) > 8:
        yield "terminals: the last one's id has more than 8 characters"
    if terminals.merchant is not None and len(counted(terminals.merchant, terminals.merchants - 1)) > 15:
        yield "terminals: the last merchant's id has more than 15 characters"
    if plan.amounts is not None and plan.baskets:
        yield "give amounts or baskets, one of them"
    if not sum(plan.mix.values()):
        yield "mix: no kind has a weight"
    for name, weights in (("cards", plan.cards), ("baskets", plan.baskets)):
        if weights and not sum(each.weight for each in weights):
            yield f"{name}: none has a weight"
    if not plan.mix.get(Kind.PURCHASE) and any(plan.mix.get(kind) for kind in (Kind.RETURN, Kind.REVERSAL)):
        yield "mix: returns and reversals need purchases that they undo"
    if sum(stage.seconds for stage in plan.stages) > STAGES_SECONDS_MAX:
        yield f"stages: together they last longer than {STAGES_SECONDS_MAX} seconds"
    names = [stage.name for stage in plan.stages]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"stages: two have the name {name}"
