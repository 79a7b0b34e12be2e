"""Texts of members that earn once a person has approved them."""
