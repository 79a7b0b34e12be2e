"""Who may do what with storefronts; who acts in a seller's name holds `sellers:act`."""

from host_api.core.access.permissions import Action, Module

STOREFRONTS = Module("storefronts", "Storefronts", "ویترین فروشندگان")
READ = STOREFRONTS.may(Action.READ)
# Lets storefronts, goods and privileges be shown.
APPROVE = STOREFRONTS.may(Action.APPROVE)
# Looks and orders in a member's name.
ACT = STOREFRONTS.may(Action.ACT)
