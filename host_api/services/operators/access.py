"""Who may do what with operators and shifts."""

from host_api.core.access.permissions import Action, Module

OPERATORS = Module("operators", "Till operators", "اپراتورهای صندوق")
READ = OPERATORS.may(Action.READ)
WRITE = OPERATORS.may(Action.WRITE)
# To take the files that terminals check PINs with: whoever has one can find short PINs by trying.
TAKE_FILES = OPERATORS.may(Action.APPROVE)

SHIFTS = Module("shifts", "Shifts of tills", "شیفت‌های صندوق")
SHIFTS_READ = SHIFTS.may(Action.READ)
SHIFTS_WRITE = SHIFTS.may(Action.WRITE)
