"""What changed between two definitions of a connector, and whether that breaks flows or apps."""
