"""Who may do what with campaigns."""

from host_api.core.access.permissions import Action, Module

CAMPAIGNS = Module("campaigns", "Campaigns", "کمپین‌ها")
READ = CAMPAIGNS.may(Action.READ)
WRITE = CAMPAIGNS.may(Action.WRITE)
APPROVE = CAMPAIGNS.may(Action.APPROVE)
