"""Who may do what with points."""

from host_api.core.access.permissions import Action, Module

POINTS = Module("points", "Points administration", "مدیریت امتیازها")
READ = POINTS.may(Action.READ)
WRITE = POINTS.may(Action.WRITE)
APPROVE = POINTS.may(Action.APPROVE)
