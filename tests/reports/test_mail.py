"""A message as a mail: whatever a tenant's words hold, it has one receiver and the headers it should."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from mailboxes import NOW, settings

from connectory.domain.one_line import one_line
from connectory.reports.mail import eml
from connectory.reports.sending import Posting, Refused

HOSTILE = (
    'Finance"\r\nBcc: thief@example.org\r\n\r\n<script>alert(1)</script> =HYPERLINK("x") '
    "\x00\u2028\u202e\ud800, other@example.org; Größe 発注 <a@b.example>"
)
POSTING = Posting(
    message_id="<0123456789abcdef0123456789abcdef@example.com>",
    report="owner-digest",
    name="Ada Example",
    address="ada@example.com",
    language="de",
    subject="2 Dinge zu tun",
    text="Bitte prüfen.\n.\nDanke.\n",
    html="<!doctype html><html><body><p>Bitte prüfen.</p></body></html>",
    card=None,
    at=NOW,
)


def _read(content: bytes) -> EmailMessage:
    told = message_from_bytes(content, policy=policy.default)
    assert isinstance(told, EmailMessage)
    return told


def _name(content: bytes) -> str:
    """Return the name of the receiver as RFC 2047 reads it; the newer parser adds blanks to it."""
    written = str(message_from_bytes(content, policy=policy.compat32)["To"])
    return str(make_header(decode_header(written.rpartition("<")[0].strip())))


def test_a_mail_says_what_it_is() -> None:
    """Text comes before HTML, and programs can tell that a program wrote it, and of which list."""
    told = _read(eml(POSTING, settings(coe_mailbox="coe@example.com")))

    assert told["From"] == "Connectory <connectory@example.com>"
    assert told["To"] == "Ada Example <ada@example.com>"
    assert told["Reply-To"] == "coe@example.com"
    assert told["Subject"] == "2 Dinge zu tun"
    assert told["Message-ID"] == POSTING.message_id
    assert told["Auto-Submitted"] == "auto-generated"
    assert told["List-Id"] == "<owner-digest.example.com>"
    assert told["Content-Language"] == "de"
    assert told["Date"].datetime == NOW
    text, html = told.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().replace("\r\n", "\n") == POSTING.text
    assert html.get_content().strip() == POSTING.html


def test_a_mail_is_written_the_same_twice() -> None:
    """Sent again, it is the same to the last byte but for the random boundary."""
    first, second = (_read(eml(POSTING, settings())) for _ in range(2))

    assert [first[name] for name in first if name != "Content-Type"] == [
        second[name] for name in second if name != "Content-Type"
    ]


def test_hostile_words_stay_words() -> None:
    """Markup, line ends and addresses in names and subjects add no header and no receiver."""
    odd = replace(POSTING, name=HOSTILE, subject=HOSTILE, text=HOSTILE, html=HOSTILE)
    content = eml(odd, settings())
    told = _read(content)

    assert content.isascii()
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert set(told.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "List-Id", "Content-Language",
        "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert [one.addr_spec for one in told["To"].addresses] == ["ada@example.com"]
    assert told["Subject"] == one_line(HOSTILE, 250)
    assert _name(content) == one_line(HOSTILE, 80)


@examples(deadline=None, max_examples=50)
@given(name=st.text(max_size=120), subject=st.text(max_size=300))
def test_no_text_adds_a_receiver_or_a_header(name: str, subject: str) -> None:
    """For any name and subject there is one receiver, one subject, and nothing else."""
    content = eml(replace(POSTING, name=name, subject=subject), settings())
    told = _read(content)

    assert [one.addr_spec for one in told["To"].addresses] == ["ada@example.com"]
    assert _name(content) == one_line(name, 80)
    assert told["Subject"] == one_line(subject, 250)
    assert len(told.keys()) == 11
    assert told.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize(
    "word", ["“Parking", "Größe", "発注の確認", "=?utf-8?q?a?=", "plain", '"x", <']
)
def test_no_blank_is_lost_where_a_subject_is_folded(word: str) -> None:
    """Whatever stands at whatever place of a long subject, it is read as it was written."""
    for before in range(40, 180, 7):
        start = f"{'word ' * (before // 5)}{'x' * (before % 5)}"
        subject = one_line(f"{start} {word} Permits” do you still need it")
        content = eml(replace(POSTING, subject=subject, name=subject[-60:]), settings())

        assert _read(content)["Subject"] == subject
        assert _name(content) == one_line(subject[-60:])
        assert max(len(line) for line in content.split(b"\r\n\r\n")[0].split(b"\r\n")) <= 78


@pytest.mark.parametrize(
    "address",
    ["", "ada", "ada@example.com, eve@example.org", "ada@example.com\r\nBcc: eve@example.org"],
)
def test_what_is_no_address_is_no_mail(address: str) -> None:
    """Nothing but a plain address gets into the header or the envelope."""
    with pytest.raises(Refused, match="no plain mail address"):
        eml(replace(POSTING, address=address), settings())


def test_a_long_domain_breaks_no_header() -> None:
    """Message-ID and list stay readable where the domain is as long as one can be."""
    long = ".".join(["a" * 60] * 4)
    odd = replace(POSTING, message_id=f"<{'0' * 32}@{long}>")
    told = _read(eml(odd, settings(mail_from=f"connectory@{long}")))

    assert told["Message-ID"] == odd.message_id
    assert told["List-Id"].replace(" ", "") == f"<owner-digest.{long}>"
    assert told["From"].addresses[0].addr_spec == f"connectory@{long}"
