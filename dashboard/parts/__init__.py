"""What pages are put together from: figures, tables, badges, words and states."""
