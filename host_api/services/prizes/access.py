"""Who may do what with prizes."""

from host_api.core.access.permissions import Action, Module

PRIZES = Module("prizes", "Prizes", "جایزه‌ها")
READ = PRIZES.may(Action.READ)
WRITE = PRIZES.may(Action.WRITE)
# Hands a thing over at a counter.
ACT = PRIZES.may(Action.ACT)
