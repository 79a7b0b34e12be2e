"""Surveys: questions, one answer of each member, results."""
