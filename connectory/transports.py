"""What alerts and reports send by alike: a mail server, a webhook, and words fit for one line.

A tenant's words may stand in what is sent. In a header they are cut to one line of printable
characters; what libraries raise is told in one line without an address that is a secret.
"""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from connectory.domain.one_line import one_line
from connectory.mail_settings import MailServerSettings

_LONGEST_TOLD = 200
_NEAR = ("http://127.0.0.1:", "http://localhost:", "http://[::1]:")


class NotSent(Exception):
    """Something could not be sent; the text says why, and holds no secret."""


def answered(error: smtplib.SMTPResponseException) -> str:
    """Return what a mail server answered, on one line."""
    told: str | bytes = error.smtp_error
    words = told if isinstance(told, str) else told.decode("utf-8", "replace")
    return one_line(f"{error.smtp_code} {words}", _LONGEST_TOLD)


def signed_in(settings: MailServerSettings) -> smtplib.SMTP:
    """Return a connection to the mail server: secured as asked for, greeted, signed in.

    Args:
        settings: Which server, and how.

    Raises:
        smtplib.SMTPException: It refuses, or does not offer the security asked for.
        OSError: It cannot be reached.
        ValueError: Its name cannot be one.
    """
    place = settings.smtp_host, settings.smtp_port
    trusted = ssl.create_default_context()
    if settings.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            *place, timeout=settings.timeout_seconds, context=trusted
        )
    else:
        server = smtplib.SMTP(*place, timeout=settings.timeout_seconds)
    try:
        if settings.smtp_security == "starttls":
            server.starttls(context=trusted)
        server.ehlo_or_helo_if_needed()
        if settings.smtp_user:
            server.login(settings.smtp_user, _password(settings))
    except BaseException:
        server.close()
        raise
    return server


def _password(settings: MailServerSettings) -> str:
    return os.environ.get(settings.smtp_password_env, "") if settings.smtp_password_env else ""


def webhook_address(variable: str) -> str:
    """Return the address of a webhook, a secret, from the variable that holds it.

    Raises:
        NotSent: There is none, or it is not https.
    """
    url = os.environ.get(variable, "")
    if not url.startswith(("https://", *_NEAR)):
        raise NotSent(f"no https address of a webhook; environment variable {variable}")
    return url


def post(url: str, body: Any, timeout: float) -> httpx.Response:
    """Send JSON to a webhook once, and follow it nowhere else.

    Raises:
        httpx.HTTPError: It cannot be reached, or does not answer.
        httpx.InvalidURL: Its address cannot be one.
        ValueError: The same.
    """
    return httpx.post(url, json=body, timeout=timeout)


@contextmanager
def failing(place: str) -> Iterator[None]:
    """Turn what libraries raise into one line.

    Args:
        place: What was spoken to, for people.

    Raises:
        NotSent: Something was raised.
    """
    try:
        yield
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"{place} answered {answered(error)}") from error
    except (OSError, ValueError, smtplib.SMTPException, httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotSent(f"{place} cannot be used: {why(error)}") from error


def why(error: Exception) -> str:
    """Return what went wrong in few words; of a webhook only the kind, its address is a secret."""
    secret = isinstance(error, (httpx.HTTPError, httpx.InvalidURL))
    words = "" if secret else one_line(str(error), _LONGEST_TOLD)
    return f"{type(error).__name__} {words}".rstrip()
