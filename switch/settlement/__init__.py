"""What the programme and its shops and partners owe each other, day by day, as a fold of the journal."""
