"""Who may do what with contests."""

from host_api.core.access.permissions import Action, Module

CONTESTS = Module("contests", "Contests", "مسابقه‌ها")
READ = CONTESTS.may(Action.READ)
WRITE = CONTESTS.may(Action.WRITE)
APPROVE = CONTESTS.may(Action.APPROVE)
ACT = CONTESTS.may(Action.ACT)
