"""What members like: tags of the club's own."""
