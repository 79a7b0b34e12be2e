"""Signed update images and parameter documents for terminals."""
