"""Reading logs of calls: one module a source, and what they share to keep calls exactly once."""
