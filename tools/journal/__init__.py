"""What `vafa journal` shows of entries."""
