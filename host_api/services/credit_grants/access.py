"""Who may do what with credit grants."""

from host_api.core.access.permissions import Action, Module

CREDIT_GRANTS = Module("credit_grants", "Credit and gift grants", "اعتبار و هدیه به اعضا")
READ = CREDIT_GRANTS.may(Action.READ)
WRITE = CREDIT_GRANTS.may(Action.WRITE)
APPROVE = CREDIT_GRANTS.may(Action.APPROVE)
