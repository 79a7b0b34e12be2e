"""Who may do what in the coalition."""

from host_api.core.access.permissions import Action, Module

COALITION = Module("coalition", "Coalition of clubs", "باشگاه‌های هم‌پیمان")
READ = COALITION.may(Action.READ)
WRITE = COALITION.may(Action.WRITE)
APPROVE = COALITION.may(Action.APPROVE)
ACT = COALITION.may(Action.ACT)

# All that another club's API key holds; which club it is tells the key itself.
CLUB_LETTERS = Module("club_letters", "Letters between clubs", "نامه‌های میان باشگاه‌ها")
CARRY = CLUB_LETTERS.may(Action.ACT)
