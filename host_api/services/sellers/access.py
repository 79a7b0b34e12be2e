"""Who may do what with sellers."""

from host_api.core.access.permissions import Action, Module

SELLERS = Module("sellers", "Sellers", "فروشندگان")
READ = SELLERS.may(Action.READ)
# Asks for settlements.
WRITE = SELLERS.may(Action.WRITE)
# Lets somebody sell, sets limits, confirms settlements.
APPROVE = SELLERS.may(Action.APPROVE)
# Acts in a seller's name.
ACT = SELLERS.may(Action.ACT)
