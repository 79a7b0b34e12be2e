"""Classes of members: those with credit, and those who are not permitted."""
