"""What the back office shows first: figures by day, kept up with the journal, and what is news."""
