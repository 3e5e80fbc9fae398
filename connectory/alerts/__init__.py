"""Operators are told: what they should know, how it is sent, and that it is sent once a day."""
