"""Files that say who answers for connectors: what is read, and what is refused where."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectory.domain.steward_files import MOST_BYTES, NotRead, read_csv, read_toml

HEAD = "environment,connector,business_owner,review_on"


def csv(*lines: str, head: str = HEAD) -> bytes:
    """Return a file of these lines."""
    return "\n".join([head, *lines]).encode()


def test_a_line_says_what_its_columns_do() -> None:
    """Empty cells say that nobody is named; columns that are not there say nothing."""
    sheet = read_csv(csv("Finance,Invoices, ada@tenant.example ,2027-03-01", "Finance,Payroll,,"))

    assert [(one.line, one.environment, one.connector) for one in sheet.entries] == [
        (2, "Finance", "Invoices"),
        (3, "Finance", "Payroll"),
    ]
    assert sheet.entries[0].told == {
        "business_owner": "ada@tenant.example",
        "review_on": date(2027, 3, 1),
    }
    assert sheet.entries[1].told == {"business_owner": None, "review_on": None}
    assert not sheet.whole


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + csv("Finance,Invoices,ada,"),
        csv("Finance;Invoices;ada;", head=HEAD.replace(",", ";")),
        csv("Finance\tInvoices\tada\t", head=HEAD.replace(",", "\t")),
        b"sep=;\n" + csv("Finance;Invoices;ada;", head=HEAD.replace(",", ";")),
        csv("Finance,Invoices,ada,").decode().encode("utf-16"),
        csv("Finance,Invoices,ada,").replace(b"\n", b"\r\n"),
        csv("Finance,Invoices,ada,").replace(b"\n", b"\r"),
        csv("", "Finance,Invoices,ada,", "", ",,,", head=" Environment , CONNECTOR,Business Owner,review_on"),
        csv('"Finance","Invoices","ada",""'),
    ],
)  # fmt: skip
def test_what_spreadsheets_make_of_it(content: bytes) -> None:
    """Marks, delimiters, line ends, quotes, letter case and empty lines."""
    sheet = read_csv(content)

    assert [(one.connector, one.told["business_owner"]) for one in sheet.entries] == [
        ("Invoices", "ada")
    ]
    assert sheet.faults == ()


def test_lines_are_counted_as_an_editor_does() -> None:
    """Also behind a cell of several lines and empty lines."""
    sheet = read_csv(csv('"Fi\nnance",Invoices,ada,', "", "Finance,Payroll,bob,never"))

    assert [one.line for one in sheet.entries] == [2]
    assert [(one.line, "is no day" in one.text) for one in sheet.faults] == [(5, True)]


def test_an_apostrophe_before_a_formula_is_none_of_the_text() -> None:
    """It was put there against the spreadsheet; before anything else it is a letter."""
    sheet = read_csv(csv("Finance,'=1+1,'-x,", "'s,x,y,"))

    assert [(one.environment, one.connector) for one in sheet.entries] == [
        ("Finance", "=1+1"),
        ("'s", "x"),
    ]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (",Invoices,ada,", "environment is empty"),
        ("Finance,,ada,", "connector is empty"),
        ("Finance,Invoices,ada", "3 cells under 4 columns"),
        ("Finance,Invoices,ada,,x", "5 cells under 4 columns"),
        ("Finance,Invoices,ada,01.03.2027", "'01.03.2027' is no day; write e.g. 2027-03-01"),
        ("Finance,Invoices,ada,2027-02-30", "is no day"),
        ("Finance,Invoices,ada,20270301", "is no day"),
        ("Finance,Invoices,ada,2027-W09-1", "is no day"),
    ],
)
def test_a_bad_line_is_told_and_the_others_are_read(line: str, says: str) -> None:
    """With its number."""
    sheet = read_csv(csv("Finance,Payroll,bob,", line, "Finance,Weather,bob,"))

    assert [one.connector for one in sheet.entries] == ["Payroll", "Weather"]
    assert [one.line for one in sheet.faults] == [3]
    assert says in sheet.faults[0].text


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is empty"),
        (b"\n\n", "it is empty"),
        (csv(head="environment,connector,bussiness_owner"), "did you mean business_owner"),
        (csv(head="environment,connector,xyzzy"), "the columns are environment, connector"),
        (csv(head="connector,team"), "the column environment is missing"),
        (csv(head="environment,connector,team,team"), "stands there twice"),
        (csv("Finance,Invoices,M\xfcller,").decode().encode("latin-1"), "line 2 is not UTF-8"),
        (csv('Finance,"Invoices,ada,'), "no CSV"),
        (csv('Finance,"Invoices"x,ada,'), "line 2: no CSV"),
        (csv("Finance," + "x" * 200_000 + ",ada,"), "line 2: no CSV: field larger"),
        (b"x" * (MOST_BYTES + 1), "larger than 20 MB"),
        (csv("a,b,c," + "\n" * 1) + b"\na,b,c," * 100_001, "more than 100,000 lines"),
    ],
)
def test_a_file_that_is_none_is_refused_whole(content: bytes, says: str) -> None:
    """And the text says where and what to do."""
    with pytest.raises(NotRead, match=says):
        read_csv(content)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    """They are read, or refused with a text."""
    for read in (read_csv, read_toml):
        with suppress(NotRead):
            read(content)


TOML = b"""# Who answers for what
[[steward]]
environment = "Finance"
connector = "Invoices"
business_owner = "ada@tenant.example"
review_on = 2027-03-01

[[steward]]
environment = "Finance"
connector = "Payroll"
review_on = "2027-04-01"
"""


def test_a_table_says_all_that_is_to_stand() -> None:
    """What it does not name is emptied; lines are those of the tables."""
    sheet = read_toml(TOML)

    assert sheet.whole
    assert [one.line for one in sheet.entries] == [2, 8]
    assert sheet.entries[0].told["review_on"] == date(2027, 3, 1)
    assert sheet.entries[1].told["review_on"] == date(2027, 4, 1)
    assert sheet.entries[1].told["business_owner"] is None


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (b'connector = "Invoices"', "environment is empty"),
        (b'environment = "F"\nconnector = "I"\nteem = "x"', "did you mean team"),
        (b'environment = "F"\nconnector = "I"\nteam = 7', "team: int is no text"),
        (b'environment = "F"\nconnector = "I"\nreview_on = 2027-03-01T08:00:00Z', "datetime is no"),
        (b'environment = "F"\nconnector = "I"\nreview_on = "soon"', "is no day"),
    ],
)
def test_a_bad_table_is_told_and_the_others_are_read(table: bytes, says: str) -> None:
    """With the line it begins in."""
    sheet = read_toml(TOML + b"\n[[steward]]\n" + table)

    assert len(sheet.entries) == 2
    assert [(one.line, says in one.text) for one in sheet.faults] == [(13, True)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[[steward]", "it is no TOML"),
        (b"[steward]\nteam = 'x'", "no list of tables"),
        (b"steward = [1]", "no list of tables"),
        (b"[[stewards]]", "nothing is known as 'stewards'"),
        (b"\xff", "line 1 is not UTF-8"),
    ],
)
def test_a_toml_file_that_is_none_is_refused_whole(content: bytes, says: str) -> None:
    """And the text says why."""
    with pytest.raises(NotRead, match=says):
        read_toml(content)


def test_an_empty_toml_file_says_nothing() -> None:
    """It takes nobody back: only a table does, for its connector."""
    assert read_toml(b"").entries == ()


def test_tables_within_a_list_are_told_by_their_place() -> None:
    """No line of theirs can be told."""
    sheet = read_toml(b'steward = [{environment = "F", connector = "I"}, {connector = "J"}]')

    assert [one.line for one in sheet.entries] == [1]
    assert [one.line for one in sheet.faults] == [2]
