"""The command line `vafa`, set-up and generators."""
