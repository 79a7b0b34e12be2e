"""The club services behind an HTTP interface."""
