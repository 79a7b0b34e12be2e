"""Who may do what with points that members give each other."""

from host_api.core.access.permissions import Action, Module

POINT_TRANSFERS = Module("point_transfers", "Points between members", "انتقال امتیاز میان اعضا")
READ = POINT_TRANSFERS.may(Action.READ)
WRITE = POINT_TRANSFERS.may(Action.WRITE)
APPROVE = POINT_TRANSFERS.may(Action.APPROVE)
ACT = POINT_TRANSFERS.may(Action.ACT)
