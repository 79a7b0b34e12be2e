"""Who may do what with jobs."""

from host_api.core.access.permissions import Action, Module

JOBS = Module("jobs", "Scheduled jobs", "کارهای زمان‌بندی‌شده", is_optional=False)
READ = JOBS.may(Action.READ)
WRITE = JOBS.may(Action.WRITE)
