"""Answers of owners by a signed link: what the dashboard process serves at ``/attest``."""
