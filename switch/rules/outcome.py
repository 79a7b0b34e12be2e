"""What an evaluation comes to: grants, counter movements, or a refusal. Plain values."""

from enum import IntEnum
from typing import NamedTuple, Protocol

LIFETIME_WINDOW = 0
# A counter of this drop day is kept for ever.
NEVER_DROPPED = 0xFFFF_FFFF


class EffectType(IntEnum):
    """What an effect does."""

    EARN = 1
    ITEM = 2
    VOUCHER = 3
    TICKET = 4
    DISCOUNT = 5
    COST = 6
    TENDER = 7
    CONVERT = 8
    DENY = 9
    REQUIRE_PIN = 10


class Party(IntEnum):
    """Who gets or pays; the numbers are those of account kinds in the ledger."""

    PROGRAMME = 1
    MEMBER = 2
    MERCHANT = 3
    PARTNER = 4
    CHARITY = 5
    GIFT_CARD = 6
    HOUSEHOLD = 7


class GrantReason(IntEnum):
    """Why an effect granted what it granted."""

    GRANTED = 1
    RULE_CAP = 2
    LIMIT = 3
    BUDGET = 4
    BELOW_MINIMUM = 5
    OVER_BUDGET = 6
    BILL = 7


class ReturnPolicy(IntEnum):
    """How a return takes an earning back."""

    PRO_RATA = 1
    BY_LINE = 2
    FULL = 3
    KEEP = 4


class Funding(NamedTuple):
    """One funder's part of a grant."""

    party: Party
    number: int
    amount: int


class Grant(NamedTuple):
    """What one effect of one rule gives or takes, in units of its purse (minor units for a discount).

    `granted` is at most `desired`; `reason` tells why it is less. `basis` is what it was computed from and
    `lines` the bits of the basket lines that this basis came from (0: the whole bill). `number` is the
    beneficiary's within `party`. Times are UTC seconds; `available_from_s` 0 is at once, NEVER_S on action;
    `expires_at_s` NEVER_S is never. `funding` sums to `granted` for what is given, and is empty otherwise.
    """

    rule_id: str
    version: int
    effect_index: int
    type: EffectType
    purse: int
    party: Party
    number: int
    desired: int
    granted: int
    reason: GrantReason
    basis: int
    lines: int
    available_from_s: int
    expires_at_s: int
    reference: str
    on_return: ReturnPolicy
    allow_negative: bool
    restore_budget: bool
    funding: tuple[Funding, ...]


NEVER_S = (1 << 40) - 1


class CounterKey(NamedTuple):
    """One exact counter: whose (`subject` is kind and number in one integer), in which window.

    `drop_day` is the day (days since the epoch, local) from which the counter can't matter any more.
    """

    counter: str
    subject: int
    window: int
    drop_day: int


class CounterMove(NamedTuple):
    """What a decision adds to a counter; `restore` tells whether returns and reversals give it back, and
    `is_use` that it counts occasions rather than amounts: a return gives it back only with the last part."""

    key: CounterKey
    delta: int
    restore: bool
    is_use: bool


class CounterView(Protocol):
    """Counters as they stand before the request."""

    def value(self, key: CounterKey) -> int:
        """Present value, 0 for one never counted."""


class Refusal(NamedTuple):
    """A gate said no: response code, and what the member reads."""

    rule_id: str
    version: int
    response_code: str
    text_fa: str
    text_en: str


class Outcome(NamedTuple):
    """Everything the rules decided about one request.

    `discount` is the sum of granted discounts, `tendered` the part of the bill paid from `tender` (minor
    units), `net_amount` what is left to pay with money. `costs` are spendings that discounts and gifts cost,
    `tender` the spending that pays. `grants` are the earnings and gifts, in evaluation order; `discounts`
    likewise. `texts` are the member texts of rules that granted something, Persian and English.
    """

    refusal: Refusal | None
    amount: int
    discount: int
    tendered: int
    net_amount: int
    discounts: tuple[Grant, ...]
    costs: tuple[Grant, ...]
    tender: Grant | None
    grants: tuple[Grant, ...]
    counter_moves: tuple[CounterMove, ...]
    texts: tuple[tuple[str, str], ...]
