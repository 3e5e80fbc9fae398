"""Campaigns from end to end: whom to ask, what to write to them, and when to ask again."""
