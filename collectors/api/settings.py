"""Bounds of the client, as plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """How patiently and how hard services are asked; seconds and bytes throughout."""

    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    workers: int = 16
    concurrency_per_host: int = 8
    requests_per_minute_per_host: int = 6000
    retries: int = 6
    longest_wait: float = 300.0
    retry_budget: float = 3600.0
    page_limit: int = 64 * 1024 * 1024
    reroute_to: str = ""
    user_agent: str = "Connectory"
