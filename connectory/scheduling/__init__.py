"""The scheduler: what is due is written down, run by a process of its own, and its end told."""
