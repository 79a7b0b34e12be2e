"""Everything that has no key of its own: two digits, group and flow."""

from terminal.transactions.engine import turn
from terminal.transactions.steps import choice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.flow import Flow

GROUPS = (
    ("menu_sale", ("points_payment", "would_earn", "could_spend", "return", "void", "forgotten_card")),
    ("menu_cards", ("gift_activation", "load", "issue", "enrolment", "replacement")),
    ("menu_shift", ("reprint", "settlement", "login", "logout", "refused_sales")),
    ("menu_service", ("self_test", "parameters", "keys")),
)


def _choose_group(flow: "Flow") -> bool:
    choice.choose(flow, GROUPS, _group_chosen)
    return True


def _group_chosen(flow: "Flow", names: "tuple[str, ...]") -> None:
    choice.choose(flow, tuple((name, name) for name in names), turn)


STEPS = (_choose_group,)
TABLES = (choice.TABLE,)
