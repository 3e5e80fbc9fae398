"""Connectory: governance and usage monitoring for Power Platform custom connectors."""
