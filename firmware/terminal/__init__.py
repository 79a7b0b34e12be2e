"""The card terminal's application."""
