"""Who may do what with achievements."""

from host_api.core.access.permissions import Action, Module

ACHIEVEMENTS = Module("achievements", "Achievements and streaks", "دستاوردها و زنجیره‌ها")
READ = ACHIEVEMENTS.may(Action.READ)
WRITE = ACHIEVEMENTS.may(Action.WRITE)
ACT = ACHIEVEMENTS.may(Action.ACT)
