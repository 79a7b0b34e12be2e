"""Points administration: adjustments, transfers and releases, asked by one person and approved by another."""
