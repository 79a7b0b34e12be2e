"""Who may see the dashboard."""

from host_api.core.access.permissions import Action, Module

DASHBOARD = Module("dashboard", "Dashboard", "پیشخوان")
READ = DASHBOARD.may(Action.READ)
