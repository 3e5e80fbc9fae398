"""What people are told: content, languages, the outbox, and the ways to send."""
