"""What articles, books and courses have in common: categories, people, and words to find them by."""
