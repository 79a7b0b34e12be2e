"""Texts to members and applicants, which the SMS gateway fetches and sends; codes among them."""
