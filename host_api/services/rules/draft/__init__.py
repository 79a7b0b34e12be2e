"""The draft: one rule document of a programme as rows."""
