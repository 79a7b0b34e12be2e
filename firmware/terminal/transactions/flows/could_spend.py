"""How much of a bill a member could pay from a purse: Enter goes on to paying."""

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
    lines = [flow.say("could_spend"), flow.say("at_most"), shown_amount(outcome.could_spend, flow.language)]
    result.show(flow, lines, _pay, lambda flow: flow.conclude(outcome))


def _pay(flow: "Flow") -> None:
    flow.begin("points_payment", keep=True)


STEPS = (amount.read, card.read, _inquire)
TABLES = (amount.TABLE, card.TABLE, result.TABLE)
