"""The ways to send a message."""
