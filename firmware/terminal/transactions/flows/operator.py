"""Who is at the counter: log in with number and PIN, or log out.

The parameter `operators` lists them: `id`, `role` (cashier or supervisor), `salt` and `check` in hexadecimal
and `rounds`, see `terminal.security.operator_pin`.
"""

from binascii import unhexlify

from terminal.constant import const
from terminal.messages.cmac import equal
from terminal.security.operator_pin import ROUNDS, PinDerivation
from terminal.transactions import events, registry
from terminal.transactions.engine import NOBODY, leave
from terminal.transactions.steps import number, pin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.flow import Flow

_ID_DIGITS = const(8)
_ATTEMPTS_LIMIT = const(5)
_ROUNDS_A_TURN = const(100)
_TURN_MS = const(1)
_ATTEMPTS = "operator_attempts"


def _operators(flow: "Flow") -> "list[dict[str, object]]":
    listed = flow.settings.get("operators") if flow.settings else None
    return listed if isinstance(listed, list) else []


def _attempts(flow: "Flow") -> "dict[str, int]":
    kept = flow.settings.get(_ATTEMPTS) if flow.settings else None
    return kept if isinstance(kept, dict) else {}


def _begin(flow: "Flow") -> bool:
    if flow.name == "logout":
        flow.operator = flow.acting = NOBODY
        flow.actions.log("logged_out")
        flow.notice("logged_out")
        return True
    if not _operators(flow):
        flow.notice("no_operators")
        return True
    return False


def _take(flow: "Flow", typed: str) -> bool:
    for operator in _operators(flow):
        if operator.get("id") == typed:
            flow.keyed["login"] = typed
            return True
    return False


def _read_pin(flow: "Flow") -> bool:
    if _attempts(flow).get(flow.keyed["login"], 0) >= _ATTEMPTS_LIMIT:
        flow.notice("locked")
    else:
        pin.read(flow, "key_operator_pin", _begin_check)
    return True


def _record(flow: "Flow") -> "dict[str, object]":
    for operator in _operators(flow):
        if operator.get("id") == flow.keyed["login"]:
            return operator
    return {}


def _begin_check(flow: "Flow") -> None:
    # Counted before anything is compared: a power cut gives no further attempt.
    attempts = dict(_attempts(flow))
    name = flow.keyed["login"]
    attempts[name] = attempts.get(name, 0) + 1
    if not _keep(flow, attempts):
        flow.notice("full")
        return
    record = _record(flow)
    salt, rounds = record.get("salt"), record.get("rounds", ROUNDS)
    if not isinstance(salt, str) or not isinstance(rounds, int):
        flow.notice("not_available")
        return
    flow.scratch.derivation = PinDerivation(flow.pin, unhexlify(salt), rounds)
    _check(flow)


def _keep(flow: "Flow", attempts: "dict[str, int]") -> bool:
    if flow.settings is None:
        return False
    try:
        flow.settings.put(_ATTEMPTS, attempts)
    except OSError:
        return False
    return True


def _check(flow: "Flow", _: object = None) -> None:
    derivation = flow.scratch.derivation
    if not derivation.advance(_ROUNDS_A_TURN):
        flow._enter("checking", [flow.say(flow.name), flow.say("sending")], _TURN_MS)
        return
    record = _record(flow)
    check = record.get("check")
    found = derivation.value()
    if not isinstance(check, str) or not equal(found, unhexlify(check)):
        flow.actions.log("login_refused", operator=flow.keyed["login"])
        if _attempts(flow).get(flow.keyed["login"], 0) >= _ATTEMPTS_LIMIT:
            flow.notice("locked")
        else:
            pin.read(flow, "key_operator_pin", _begin_check, flow.say("pin_wrong"))
        return
    _admit(flow, record)


def _admit(flow: "Flow", record: "dict[str, object]") -> None:
    role = registry.SUPERVISOR if record.get("role") == "supervisor" else registry.CASHIER
    # Whoever supervises also lets the others try again.
    attempts = {} if role == registry.SUPERVISOR else dict(_attempts(flow))
    attempts[flow.keyed["login"]] = 0
    _keep(flow, attempts)
    who = (flow.keyed.pop("login"), role)
    wanted, flow.wanted = flow.wanted, ""
    flow.acting = who
    if not wanted or flow.operator == NOBODY:
        # Else a supervisor lends a hand, for this one time.
        flow.operator = who
    flow.actions.log("logged_in", operator=who[0])
    if not wanted:
        flow.notice("logged_in")
    elif flow.may((registry.find(wanted) or ("", "", "", 0))[3]):
        flow.begin(wanted, keep=True, acting=who)
    else:
        flow.notice("not_allowed")


_CHECKING = {
    ("checking", events.TIMEOUT): _check,
    ("checking", events.CANCEL): leave,
}

STEPS = (_begin, number.Number("login", "key_operator", _ID_DIGITS, _take), _read_pin)
TABLES = (number.TABLE, pin.TABLE, _CHECKING)
