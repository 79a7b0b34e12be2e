"""Who may reconcile."""

from host_api.core.access.permissions import Action, Module

RECONCILIATION = Module("reconciliation", "Reconciliation", "مغایرت‌گیری", is_optional=False)
READ = RECONCILIATION.may(Action.READ)
WRITE = RECONCILIATION.may(Action.WRITE)
