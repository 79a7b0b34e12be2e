"""Messages that events set off."""
