"""Who may do what with agreements."""

from host_api.core.access.permissions import Action, Module

AGREEMENTS = Module("agreements", "Agreements", "توافق‌نامه‌ها")
READ = AGREEMENTS.may(Action.READ)
WRITE = AGREEMENTS.may(Action.WRITE)
APPROVE = AGREEMENTS.may(Action.APPROVE)
ACT = AGREEMENTS.may(Action.ACT)
