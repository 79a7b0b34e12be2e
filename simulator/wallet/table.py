"""The table in `wallet.toml`, checked as it is read."""

import tomllib
from collections import Counter
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from protocol.presentation.card_numbers import passes_luhn
from protocol.spec.schema import Title
from simulator.wallet.behaviour import Behaviour

FILE_MAXIMUM_BYTES = 1 << 16
LATE_MAX_MS = 60_000
_BUNDLED = files("simulator.wallet").joinpath("wallet.toml")

Code = Annotated[str, Field(pattern=r"^[0-9A-Z]{2}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Points = Annotated[int, Field(ge=0, le=99_999_999)]


class WalletFault(Exception):  # noqa: N818  (not an error in the program)
    """A table of cards and amounts can't be used; the text has no card number."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TestCard(_Part):
    """A card that is worth nothing, and how it behaves.

    `response_code` is what field 39 says to a purchase, `redemption_code` to one paid from points. `points`
    are on it when a virtual switch starts. A card without a `member` is in stock, or known to no switch.
    """

    __test__ = False  # its name would have pytest take it for a class of tests

    name: Name
    number: Annotated[str, Field(pattern=r"^[0-9]{12,19}$", repr=False)]
    title: Title
    response_code: Code
    redemption_code: Code
    member: Annotated[int, Field(ge=1, le=999_999)] | None = None
    member_name: Annotated[str, Field(min_length=1, max_length=24)] = "عضو آزمایشی"
    tier: Annotated[str, Field(pattern=r"^[A-Z]{1,16}$")] = "SILVER"
    status: Literal["A", "B", "N"] = "A"
    member_status: Literal["A", "B"] = "A"
    expires_on: Annotated[int, Field(ge=20000101, le=29991231)] | None = None
    points: Points = 0

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if not passes_luhn(self.number):
            raise ValueError(f"{self.name}: the last digit is not the check digit")
        if self.points and self.member is None:
            raise ValueError(f"{self.name}: points want a member")
        return self

    @property
    def is_known(self) -> bool:
        """Whether a virtual switch has a record of it."""
        return self.member is not None or self.status == "N"


class MagicAmount(_Part):
    """What a scripted host does when the amount of a purchase, in rial, is this one."""

    amount: Annotated[int, Field(ge=1, le=999_999_999_999)]
    response_code: Code = "00"
    behaviour: Behaviour = Behaviour.ANSWER
    late_ms: Annotated[int, Field(ge=1, le=LATE_MAX_MS)] | None = None
    title: Title

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if (self.behaviour is Behaviour.LATE) != (self.late_ms is not None):
            raise ValueError(f"{self.amount}: late_ms belongs to late, and late to late_ms")
        return self

    @property
    def answer(self) -> str:
        """What the host does, in a word or two: a response code, or "silent", "3 s late", …"""
        if self.late_ms is not None:
            return f"{self.late_ms / 1000:g} s late"
        return self.response_code if self.behaviour is Behaviour.ANSWER else self.behaviour.value


class Wallet(_Part):
    """Cards and amounts. `ranges` are the leading digits of numbers that no issuer's card has here: only such
    numbers are ever written into a recording."""

    format: Literal[1]
    ranges: Annotated[list[Annotated[str, Field(pattern=r"^[0-9]{6,12}$")]], Field(min_length=1)]
    cards: Annotated[list[TestCard], Field(min_length=1, max_length=60)]
    amounts: Annotated[list[MagicAmount], Field(max_length=200)]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        faults = [f"{card.name} is in no test range" for card in self.cards if not self.is_test(card.number)]
        for what, values in (
            ("name", [card.name for card in self.cards]),
            ("number", [card.number for card in self.cards]),
            ("member", [card.member for card in self.cards if card.member is not None]),
            ("amount", [row.amount for row in self.amounts]),
        ):
            if any(count > 1 for count in Counter(values).values()):
                faults.append(f"two rows have the same {what}")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def is_test(self, number: str) -> bool:
        """Whether a card number is in a test range."""
        return number.startswith(tuple(self.ranges))

    def card(self, name: str) -> TestCard:
        """The card of this name. Raises WalletFault."""
        for card in self.cards:
            if card.name == name:
                return card
        raise WalletFault(f"no card has the name {name}; there are {', '.join(c.name for c in self.cards)}")

    def card_of(self, number: str) -> TestCard | None:
        """The card with this number; None where it is not of the table."""
        return next((card for card in self.cards if card.number == number), None)

    def amount_of(self, amount: int) -> MagicAmount | None:
        """What this amount, in rial, brings about; None for an amount as any other."""
        return next((row for row in self.amounts if row.amount == amount), None)


@cache
def load_wallet(path: Path | None = None) -> Wallet:
    """The table of a file, by default the bundled one. Raises WalletFault."""
    source = path or _BUNDLED
    try:
        with source.open("rb") as file:
            raw = file.read(FILE_MAXIMUM_BYTES + 1)
        if len(raw) > FILE_MAXIMUM_BYTES:
            raise WalletFault(f"{source}: at most {FILE_MAXIMUM_BYTES} bytes")
        return Wallet.model_validate(tomllib.loads(raw.decode("utf-8")))
    except OSError as error:
        raise WalletFault(f"{source}: {error.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError as error:
        raise WalletFault(f"{source}: byte {error.start} is not UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise WalletFault(f"{source}: {error}") from None
    except ValidationError as error:
        lines = [
            f"{source}: {'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise WalletFault("\n".join(lines)) from None
