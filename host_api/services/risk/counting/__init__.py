"""Counting: what limits look at, subject by subject, in windows of bounded size."""
