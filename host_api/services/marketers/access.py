"""Who may do what with marketers."""

from host_api.core.access.permissions import Action, Module

MARKETERS = Module("marketers", "Marketers", "بازاریاب‌ها")
READ = MARKETERS.may(Action.READ)
WRITE = MARKETERS.may(Action.WRITE)
APPROVE = MARKETERS.may(Action.APPROVE)
ACT = MARKETERS.may(Action.ACT)
