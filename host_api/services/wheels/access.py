"""Who may do what with wheels."""

from host_api.core.access.permissions import Action, Module

WHEELS = Module("wheels", "Wheels of fortune", "گردونه‌های شانس")
READ = WHEELS.may(Action.READ)
WRITE = WHEELS.may(Action.WRITE)
ACT = WHEELS.may(Action.ACT)
