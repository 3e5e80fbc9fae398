"""Estimates as files that other programs open: workbooks and cost files."""
