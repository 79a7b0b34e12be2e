"""What `vafa settlement` does beside reading journals."""
