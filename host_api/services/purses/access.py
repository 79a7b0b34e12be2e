"""Who may do what with purses."""

from host_api.core.access.permissions import Action, Module

PURSES = Module("purses", "Purses", "کیف‌های اعضا")
READ = PURSES.may(Action.READ)
ACT = PURSES.may(Action.ACT)
