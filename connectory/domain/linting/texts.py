"""What a connector says about itself: title, description, contact, categories, host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from connectory.domain.drift.faults import told
from connectory.domain.linting.findings import Trip
from connectory.domain.linting.subject import Subject, items, mapping, names, text

_LONGEST_TITLE: Final = 30
_DESCRIPTION: Final = (30, 500)
_INDEPENDENT: Final = "(Independent Publisher)"
_WORDS: Final = re.compile(r"\b(apis?|connectors?)\b", re.IGNORECASE)
_API: Final = re.compile(r"\bapis?\b", re.IGNORECASE)
_PRODUCTS: Final = re.compile(
    r"power\s?(?:platform|apps|automate|bi|virtual agents|pages)|microsoft flow|copilot studio",
    re.IGNORECASE,
)
_EMAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_HOST: Final = re.compile(r"[^\s{}/\\:?#@]+(?::[0-9]{1,5})?")
CATEGORIES: Final = (
    "AI", "Business Intelligence", "Business Management", "Collaboration", "Commerce",
    "Communication", "Content and Files", "Data", "Finance", "Human Resources",
    "Internet of Things", "IT Operations", "Lifestyle and Entertainment", "Marketing",
    "Productivity", "Sales and CRM", "Security", "Social Media", "Website",
)  # fmt: skip
_MOST_CATEGORIES: Final = 2


def check_info(subject: Subject) -> Iterator[Trip]:
    """Yield what is wrong with title, description and contact."""
    yield from _title(text(subject.info.get("title")))
    yield from _description(text(subject.info.get("description")))
    yield from _contact(subject)


def _title(title: str) -> Iterator[Trip]:
    place = "/info/title"
    stem = title.removesuffix(_INDEPENDENT).rstrip(" ") if title.endswith(_INDEPENDENT) else title
    if not stem.strip():
        yield Trip("RequiredValueEmpty", place, "the title is empty")
        return
    if len(stem) > _LONGEST_TITLE:
        message = f"the title has {len(stem)} characters, more than {_LONGEST_TITLE}"
        yield Trip("FieldLengthExceeded", place, message)
    for word in sorted({found[0] for found in _WORDS.finditer(stem)}):
        yield Trip("ValueContainsRestrictedWords", place, f"the title says {word!r}")
    if found := _PRODUCTS.search(stem):
        yield Trip("ValueContainsRestrictedWords", place, f"the title says {found[0]!r}")
    if not stem[-1].isalnum():
        message = f"the title ends in {stem[-1]!r}"
        yield Trip("ValueMustEndWithAlphanumeric", place, message)
    if not stem.isascii():
        odd = "".join(sorted({letter for letter in stem if not letter.isascii()}))
        yield Trip("ValueMustBeInEnglish", place, f"the title has other letters: {told(odd)}")


def _description(description: str) -> Iterator[Trip]:
    place = "/info/description"
    least, most = _DESCRIPTION
    length = len(description.strip())
    if not least <= length <= most:
        message = f"the description has {length:,} characters, not {least} to {most}"
        yield Trip("FieldLengthNotInRange", place, message)
    if _API.search(description):
        yield Trip("DescriptionSaysApi", place, "the description says API")
    if found := _PRODUCTS.search(description):
        yield Trip("DescriptionSaysProduct", place, f"the description says {found[0]!r}")


def _contact(subject: Subject) -> Iterator[Trip]:
    contact = mapping(subject.info.get("contact"))
    for key in ("name", "url", "email"):
        if not text(contact.get(key)).strip():
            yield Trip("ContactIncomplete", "/info/contact", f"the contact has no {key}")
    email = text(contact.get("email"))
    if email.strip() and not _EMAIL.fullmatch(email):
        message = f"{told(email)!r} is no address of mail"
        yield Trip("ContactEmailNotValid", "/info/contact/email", message)
    license_ = mapping(subject.info.get("license"))
    documentation = mapping(subject.value.get("externalDocs"))
    for place, value in (
        ("/info/contact/url", contact.get("url")),
        ("/info/license/url", license_.get("url")),
        ("/externalDocs/url", documentation.get("url")),
    ):
        if text(value) and not is_address(text(value)):
            yield Trip("UrlNotValid", place, f"{told(value)!r} is no absolute address")


def is_address(value: str) -> bool:
    """Tell whether a text is an absolute address of the web."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and " " not in value.strip()


def check_metadata(subject: Subject) -> Iterator[Trip]:
    """Yield what is missing or unknown in x-ms-connector-metadata."""
    place = "/x-ms-connector-metadata"
    found = {
        text(one.get("propertyName")).casefold(): (at, text(one.get("propertyValue")))
        for at, one in enumerate(items(subject.value.get(place[1:])))
        if isinstance(one, dict)
    }
    for name in ("Website", "Privacy policy", "Categories"):
        at, value = found.get(name.casefold(), (None, ""))
        listed = place if place[1:] in subject.value else ""
        where = listed if at is None else f"{place}/{at}/propertyValue"
        if not value.strip():
            message = f"the connector does not say its {name}"
            yield Trip("ConnectorMetadataPropertiesMissing", where, message)
        elif name != "Categories" and not is_address(value):
            yield Trip("UrlNotValid", where, f"{told(value)!r} is no absolute address")
    at, value = found.get("categories", (0, ""))
    categories = [one.strip() for one in re.split("[;,]", value) if one.strip()]
    where = f"{place}/{at}/propertyValue"
    for category in categories:
        if category not in CATEGORIES:
            message = f"{told(category)!r} is no category"
            yield Trip("InvalidConnectorCategory", where, message)
    if len(categories) > _MOST_CATEGORIES:
        message = f"{len(categories)} categories, more than {_MOST_CATEGORIES}"
        yield Trip("TooManyConnectorCategories", where, message)


def check_host(subject: Subject) -> Iterator[Trip]:
    """Yield what is wrong with where the API is."""
    host, base = subject.value.get("host"), subject.value.get("basePath")
    if host is None:
        yield Trip("HostMissing", "", "the document names no host")
    elif isinstance(host, str) and not _HOST.fullmatch(host):
        yield Trip("HostNameNotValid", "/host", f"{told(host)!r} is no name of a host")
    if isinstance(base, str) and not base.startswith("/"):
        yield Trip("BasePathNotValid", "/basePath", f"{told(base)!r} does not begin with a slash")
    schemes = subject.value.get("schemes")
    if not isinstance(schemes, list):
        return
    if not schemes:
        yield Trip("SchemesArrayEmpty", "/schemes", "schemes is an empty list")
        return
    for at, scheme in enumerate(names(schemes)):
        if scheme in {"ws", "wss"}:
            message = f"{scheme} is the protocol of web sockets"
            yield Trip("SchemeNotSupported", f"/schemes/{at}", message)
        elif scheme not in {"http", "https"}:
            message = f"{told(scheme)!r} is neither http nor https"
            yield Trip("SchemeNotValid", f"/schemes/{at}", message)
    if "https" not in schemes:
        yield Trip(
            "HttpsMissing", "/schemes", "requests are not encrypted: https is not among the schemes"
        )
