"""Modules: their help, and which of them a programme does without."""
