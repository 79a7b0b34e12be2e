"""Who may do what with categories and people of content."""

from host_api.core.access.permissions import Action, Module

CONTENT = Module("content", "Categories and people of content", "دسته‌ها و پدیدآوران محتوا", is_optional=False)
READ = CONTENT.may(Action.READ)
WRITE = CONTENT.may(Action.WRITE)
