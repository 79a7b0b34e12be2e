"""What a shop may set on the terminal itself, each within its bounds."""

from terminal.screens.layout import amount
from terminal.transactions.steps import choice, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.flow import Flow

_SECOND_MS = 1000
# Text, parameter, its unit, least and most in that unit.
PARAMETERS = (
    ("param_key_timeout", "key_timeout_ms", _SECOND_MS, 10, 300),
    ("param_removal", "card_removal_timeout_ms", _SECOND_MS, 5, 300),
    ("param_notice", "notice_ms", _SECOND_MS, 1, 30),
    ("param_logout", "logout_ms", _SECOND_MS, 30, 3600),
    ("param_limit", "amount_limit", 1, 1000, 9_999_999_999),
)


def _choose(flow: "Flow") -> bool:
    if flow.settings is None:
        flow.notice("not_available")
    else:
        choice.choose(flow, tuple((row[0], row) for row in PARAMETERS), _chosen)
    return True


def _chosen(flow: "Flow", row: "tuple[str, str, int, int, int]") -> None:
    flow.scratch.parameter = row
    entry = number.Number("value", row[0], len(str(row[4])), _take, is_money=True)
    entry(flow)
    now = getattr(flow.config, row[1]) // row[2]
    entry.show(flow, flow.say("now") + " " + amount(now, flow.language))


def _take(flow: "Flow", typed: str) -> bool:
    _, name, unit, least, most = flow.scratch.parameter
    if not typed or not least <= int(typed) <= most or flow.settings is None:
        return False
    try:
        flow.settings.put(name, int(typed) * unit)
    except OSError:
        return False
    setattr(flow.config, name, int(typed) * unit)
    flow.actions.log("parameter_set", name=name)
    return True


def _saved(flow: "Flow") -> bool:
    flow.notice("saved")
    return True


STEPS = (_choose, _saved)
TABLES = (choice.TABLE, number.TABLE)
