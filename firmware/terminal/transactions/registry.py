"""Every flow by name: the module that tells its steps, the kind of request it sends, and who may start it."""

ANYONE = 0
CASHIER = 1
SUPERVISOR = 2

# Name, module in `flows`, kind of request (-: none about a card, so no link is needed) and least role. One
# string: as tuples it would take three times the heap.
_FLOWS = """
purchase purchase purchase 1
redemption redemption redemption 1
balance balance balance 1
points_payment points_payment redemption 1
would_earn would_earn would_earn 1
could_spend could_spend could_spend 1
forgotten_card forgotten_card purchase 1
return return_ return 2
void void return 1
gift_activation gift_card activation 1
load gift_card load 1
issue issue activation 1
enrolment enrolment enrolment 1
replacement replacement replacement 2
reprint reprint - 1
settlement settlement - 2
refused_sales refused_sales - 2
login operator - 0
logout operator - 0
menu menu - 0
parameters parameters - 2
self_test self_test - 1
keys keys - 2
"""


def find(name: object) -> "tuple[str, str, str, int] | None":
    """The row of a flow: name, module, kind of request (empty where there is none), least role."""
    at = _FLOWS.find("\n" + str(name) + " ")
    if at < 0:
        return None
    _, module, kind, role = _FLOWS[at + 1 : _FLOWS.find("\n", at + 1)].split(" ")
    return (str(name), module, "" if kind == "-" else kind, int(role))


def names() -> "list[str]":
    """Every flow."""
    return [line.split(" ")[0] for line in _FLOWS.strip().split("\n")]
