"""Who may do what with discount codes."""

from host_api.core.access.permissions import Action, Module

DISCOUNT_CODES = Module("discount_codes", "Discount codes", "کدهای تخفیف")
READ = DISCOUNT_CODES.may(Action.READ)
WRITE = DISCOUNT_CODES.may(Action.WRITE)
# Shows a member's own codes, and takes used ones in at a counter.
ACT = DISCOUNT_CODES.may(Action.ACT)
