"""Who may do what with applications for membership."""

from host_api.core.access.permissions import Action, Module

JOINING = Module("joining", "Joining the club", "پیوستن به باشگاه")
READ = JOINING.may(Action.READ)
WRITE = JOINING.may(Action.WRITE)
APPROVE = JOINING.may(Action.APPROVE)
