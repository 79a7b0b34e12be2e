"""Who may do what with files."""

from host_api.core.access.permissions import Action, Module

FILES = Module("files", "Files", "فایل‌ها", is_optional=False)
READ = FILES.may(Action.READ)
WRITE = FILES.may(Action.WRITE)
