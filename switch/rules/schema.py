"""Rules as people write them. Unknown keys are refused: a half understood rule must not grant."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MEMBER_TEXT_BYTES_MAX = 160  # tags DF08 and DF09

PositiveAmount = Annotated[int, Field(strict=True, ge=1, le=999_999_999_999)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Part):
    """A text for people in both languages of the club."""

    fa: str = Field(min_length=1)
    en: str = Field(min_length=1)


class MemberText(Text):
    """What the member reads on the receipt when the rule granted something."""

    @model_validator(mode="after")
    def _fits_the_reply(self) -> Self:
        for language, text in (("fa", self.fa), ("en", self.en)):
            if len(text.encode("utf-8")) > MEMBER_TEXT_BYTES_MAX:
                raise ValueError(f"{language} is longer than {MEMBER_TEXT_BYTES_MAX} bytes of UTF-8")
        return self


class Trigger(_Part):
    """What kind of request the rule looks at."""

    type: Literal["purchase", "burn_request"]


class Basis(_Part):
    """The amount from which effects are computed, in minor units of the transaction's currency."""

    of: Literal["amount", "net_after_burn"]


class Calculation(_Part):
    """`give` units of the purse for every `per` minor units; a percent is a rate per 100."""

    mode: Literal["rate", "percent"]
    per: PositiveAmount
    give: PositiveAmount

    @model_validator(mode="after")
    def _percent_is_per_hundred(self) -> Self:
        if self.mode == "percent" and self.per != 100:
            raise ValueError("a percent has per = 100")
        return self


class Effect(_Part):
    """What the rule does to a purse.

    `min` and `max` bound what one transaction earns; what stays below `min` is nothing.
    """

    type: Literal["earn", "tender"]
    purse: Literal["points", "credit"]
    calc: Calculation
    rounding: Literal["floor", "half_up", "ceil"]
    min: PositiveAmount | None = None
    max: PositiveAmount | None = None

    @model_validator(mode="after")
    def _bounds_agree(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is above max")
        if self.type == "tender":
            if self.rounding != "ceil":
                raise ValueError("a tender rounds up, or the last part of the bill would be free")
            if self.min is not None or self.max is not None:
                raise ValueError("a tender pays the whole amount and has no min or max")
        return self


_KINDS = {"earn": ("purchase", "net_after_burn", "earn"), "burn": ("burn_request", "amount", "tender")}


class Rule(_Part):
    """One rule of a programme, one version of it."""

    rule_id: str = Field(pattern=r"^[A-Z0-9][A-Z0-9-]{0,15}$")
    version: int = Field(strict=True, ge=1, le=0xFFFF)
    status: Literal["draft", "active", "paused"]
    kind: Literal["earn", "burn"]
    priority: int = Field(strict=True, ge=0, le=0xFFFF)
    name: Text
    member_text: MemberText
    trigger: Trigger
    basis: Basis
    effects: tuple[Effect, ...] = Field(min_length=1, max_length=8)

    @model_validator(mode="after")
    def _kind_agrees(self) -> Self:
        trigger, basis, effect = _KINDS[self.kind]
        if self.trigger.type != trigger:
            raise ValueError(f"kind {self.kind} has trigger {trigger}")
        if self.basis.of != basis:
            raise ValueError(f"kind {self.kind} has basis {basis}")
        if any(found.type != effect for found in self.effects):
            raise ValueError(f"kind {self.kind} has effects of type {effect}")
        return self


class RuleSet(_Part):
    """All rules of one programme."""

    format: Literal[1]
    programme: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    rules: tuple[Rule, ...] = Field(min_length=1, max_length=10_000)
