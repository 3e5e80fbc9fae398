"""What people decide, written into the store: the one place besides collectors that writes."""
