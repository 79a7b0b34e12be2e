"""Who may do what with festivals."""

from host_api.core.access.permissions import Action, Module

FESTIVALS = Module("festivals", "Festivals", "جشنواره‌ها")
READ = FESTIVALS.may(Action.READ)
WRITE = FESTIVALS.may(Action.WRITE)
APPROVE = FESTIVALS.may(Action.APPROVE)
ACT = FESTIVALS.may(Action.ACT)
