"""Administration: users, roles, API keys, the audit log, modules and programmes."""
