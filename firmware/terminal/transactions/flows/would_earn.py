"""What a purchase would earn, before it is made: Enter makes it."""

from terminal.screens.layout import amount as shown_amount
from terminal.transactions.steps import amount, card, result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.flow import Flow
    from terminal.transactions.outcome import Outcome


def _inquire(flow: "Flow") -> bool:
    flow.submit(hook=_told)
    return True


def _told(flow: "Flow", outcome: "Outcome") -> None:
    value, label = outcome.points_earned, "points_earned"
    if not value and outcome.credit_earned:
        value, label = outcome.credit_earned, "credit_earned"
    lines = [flow.say("would_earn"), flow.say(label), shown_amount(value, flow.language)]
    result.show(flow, lines, _buy, lambda flow: flow.conclude(outcome))


def _buy(flow: "Flow") -> None:
    flow.begin("purchase", keep=True)


STEPS = (amount.read, card.read, _inquire)
TABLES = (amount.TABLE, card.TABLE, result.TABLE)
