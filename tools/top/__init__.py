"""`vafa switch top`: reading a switch's /status, and showing it."""
