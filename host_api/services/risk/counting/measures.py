"""What limits measure, and of whom."""

from enum import StrEnum
from typing import Final


class RiskMeasure(StrEnum):
    """What is counted or summed.

    Amounts are in minor units, points in units of the purse `points`. QUICK_RETURNS are returns soon after
    their sale; FAR_HOPS are two uses at branches farther apart than anybody gets in the time between them.
    RISKY_BUYS are purchases of symbols on the club's list. What a reversal undoes no longer counts.
    """

    SALES = "sales"
    SALE_AMOUNT = "sale_amount"
    EARNED_POINTS = "earned_points"
    REDEMPTIONS = "redemptions"
    SPENT_POINTS = "spent_points"
    RETURNS = "returns"
    RETURN_AMOUNT = "return_amount"
    QUICK_RETURNS = "quick_returns"
    REFUSALS = "refusals"
    ENROLMENTS = "enrolments"
    FAR_HOPS = "far_hops"
    TRADES = "trades"
    TRADE_AMOUNT = "trade_amount"
    RISKY_BUYS = "risky_buys"
    RISKY_BUY_AMOUNT = "risky_buy_amount"


class RiskPer(StrEnum):
    """Whose it is. An operator is who had a shift at the terminal when it happened; MEMBER_AT_TERMINAL is one
    member at one terminal, where operators who deal with themselves show."""

    CARD = "card"
    MEMBER = "member"
    TERMINAL = "terminal"
    BRANCH = "branch"
    OPERATOR = "operator"
    MEMBER_AT_TERMINAL = "member_at_terminal"


OF_TRADES: Final = frozenset(
    (RiskMeasure.TRADES, RiskMeasure.TRADE_AMOUNT, RiskMeasure.RISKY_BUYS, RiskMeasure.RISKY_BUY_AMOUNT)
)
