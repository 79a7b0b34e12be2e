"""Packages of credit, sold or given, and the interest on what is used of them (CRP-01 to CRP-08)."""
