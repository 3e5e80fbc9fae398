"""docs/owners.md tells what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from connectory.domain.answering import MAILBOX, ROLES
from connectory.domain.ownership import OwnerState, Proof, without_owner
from connectory.domain.steward_files import MOST_BYTES, MOST_ENTRIES, read_csv, read_toml
from connectory.domain.stewardship import CRITICALITIES, DATA_CLASSES, FIELDS
from connectory.domain.suggesting import DAYS
from connectory.queries.owning_groups import MOST_MEMBERS
from connectory.queries.suggestions import MOST

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "owners.md").read_text(encoding="utf-8")


def rows(head: str) -> dict[str, list[str]]:
    """Return the cells of a table behind the first, by that, without its quotes."""
    table = PAGE.partition(head)[2].partition("\n\n")[0]
    told = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    return {row[0].strip("`"): row[1:] for row in told if len(row) > 1 and "---" not in row[0]}


def test_every_class_is_told() -> None:
    """With a proof, whether it is without owner, and what to do; and has its place above."""
    told = rows("| class | proof | without owner | what to do |")
    drawn = set(re.findall(r"► (\w+)", PAGE))

    assert set(told) == set(get_args(OwnerState)) == drawn
    assert {name for name, cells in told.items() if cells[1] == "yes"} == {
        state for state in get_args(OwnerState) if without_owner(state)
    }
    assert all(cells[2] for cells in told.values())
    assert all(f"`{source}`" in PAGE for source in get_args(Proof))


def test_every_field_of_a_steward_is_told() -> None:
    """With the words it may hold."""
    told = rows("| field | holds |")

    assert tuple(told) == FIELDS
    assert all(f"`{word}`" in told["data_class"][0] for word in DATA_CLASSES)
    assert all(f"`{word}`" in told["criticality"][0] for word in CRITICALITIES)


def test_the_examples_can_be_read() -> None:
    """Both of them, and they say the same of the same connector."""
    files = PAGE.partition("### Files")[2]
    blocks = [
        "\n".join(line[4:] for line in block.splitlines())
        for block in re.findall(r"(?:^    .*\n)+", files, re.MULTILINE)
    ]
    by_csv, by_toml = read_csv(blocks[0].encode()), read_toml(blocks[1].encode())

    assert (by_csv.faults, by_toml.faults) == ((), ())
    for name in ("environment", "connector"):
        assert getattr(by_csv.entries[0], name) == getattr(by_toml.entries[0], name)
    for name in ("business_owner", "review_on"):
        assert by_csv.entries[0].told[name] == by_toml.entries[0].told[name]


def test_the_numbers_are_those_of_the_code() -> None:
    """Bounds of files, people of a group, suggestions and days."""
    assert f"{MOST_BYTES // 1_000_000} MB and {MOST_ENTRIES:,} lines" in PAGE
    assert tuple({5: "five"}[number] for number in (MOST_MEMBERS, MOST)) == ("five", "five")
    assert f"callers of the last {DAYS} days" in PAGE
    assert MAILBOX
    assert len(ROLES) > len(re.findall(r"^\d\. ", PAGE, re.MULTILINE)) == 6
