"""Who may do what with tiers."""

from host_api.core.access.permissions import Action, Module

TIERS = Module("tiers", "Tiers", "سطح‌ها")
READ = TIERS.may(Action.READ)
WRITE = TIERS.may(Action.WRITE)
APPROVE = TIERS.may(Action.APPROVE)
