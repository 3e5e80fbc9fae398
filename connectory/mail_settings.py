"""Settings of a mail server, which alerts and reports have alike."""

from __future__ import annotations

import re
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


def is_plain_address(text: str) -> bool:
    """Tell whether a text is a mail address and nothing else, so that it can carry no header."""
    return _ADDRESS.fullmatch(text) is not None


def refuse_odd_address(text: str) -> None:
    """Refuse what is no plain address; an empty text names nobody and passes.

    Raises:
        ValueError: It is none; the text says how one is written.
    """
    if text and not is_plain_address(text):
        raise ValueError(f"not a plain mail address: {text!r}; write name@host.example")


class MailServerSettings(BaseModel):
    """Which server takes our mail, how it is reached, and how long it may take to answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password_env: str = ""
    timeout_seconds: float = Field(default=20.0, gt=0, le=300)
