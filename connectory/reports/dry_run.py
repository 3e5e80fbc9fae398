"""Letters as files in a folder, to be looked at before anything is sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from connectory.reports.letter import Letter
from connectory.reports.mail import eml
from connectory.reports.sending import Posting, Refused
from connectory.reports_settings import ReportSettings

_ODD: Final = re.compile(r"[^a-z0-9.-]+")
_LONGEST: Final = 60


def keep(
    letters: Iterable[Letter], folder: Path, settings: ReportSettings, *, at: datetime
) -> list[Path]:
    """Write each letter as a mail, as HTML, as text and as a card.

    Args:
        letters: Which letters.
        folder: Where; made if it is not there.
        settings: Who would send them.
        at: Time that stands in the mails.

    Returns:
        The HTML files, in the order of the letters.

    Raises:
        OSError: The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pages = []
    for number, letter in enumerate(letters, 1):
        stem = folder / f"{number:04}-{_safe(letter.to.address)}"
        page = stem.with_name(f"{stem.name}.html")
        page.write_text(letter.html, encoding="utf-8")
        card = json.dumps(letter.card, ensure_ascii=False, indent=1) + "\n"
        stem.with_name(f"{stem.name}.txt").write_text(letter.text, encoding="utf-8")
        stem.with_name(f"{stem.name}.card.json").write_text(card, encoding="utf-8")
        try:
            mail = eml(_posting(letter, number, at), settings)
        except Refused:
            pass  # no mail without a plain address; the outbox refuses it as well, and says so
        else:
            stem.with_name(f"{stem.name}.eml").write_bytes(mail)
        pages.append(page)
    return pages


def _safe(address: str) -> str:
    return _ODD.sub("-", address.casefold())[:_LONGEST].strip(".-") or "nobody"


def _posting(letter: Letter, number: int, at: datetime) -> Posting:
    return Posting(
        message_id=f"<dry-run-{number}@connectory.invalid>",
        report=letter.report,
        name=letter.to.name,
        address=letter.to.address,
        language=letter.language,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        card=letter.card,
        at=at,
    )
