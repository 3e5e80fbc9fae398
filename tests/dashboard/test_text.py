from __future__ import annotations

import pytest

from dashboard.parts.text import NOTHING, code, count, esc, label, plain, size

JOINER = "\u2060"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("![x](https://evil.example/a.png)", rf"\!\[x\]\(https:{JOINER}//evil\.example/a\.png\)"),
        ("<img src=x>", r"\<img src\=x\>"),
        (":material/home:", f":{JOINER}material/home:"),
        (":red[alarm]", rf":{JOINER}red\[alarm\]"),
        ("a@b.example", rf"a@{JOINER}b\.example"),
        ("www.evil.example", rf"www{JOINER}\.evil\.example"),
        ("$x^2$ `y` **z**", r"\$x\^2\$ \`y\` \*\*z\*\*"),
    ],
)
def test_markdown_in_tenant_words_is_dead(words: str, shown: str) -> None:
    """Every mark that Streamlit's Markdown would act on is taken its meaning."""
    assert esc(words) == shown


def test_tenant_words_stay_on_one_line() -> None:
    """Line ends, direction marks and control characters become spaces."""
    assert plain("one\ntwo\u202ethree\x00four") == "one two three four"


def test_long_words_are_cut() -> None:
    """A name of any length is shown up to its limit, with an ellipsis."""
    assert plain("x" * 5000, longest=10) == "x" * 9 + "…"


@pytest.mark.parametrize("nothing", [None, float("nan")])
def test_nothing_is_a_dash_and_never_zero(nothing: object) -> None:
    """What is unknown looks different from zero."""
    assert (esc(nothing), code(nothing), count(nothing)) == (NOTHING, NOTHING, NOTHING)
    assert count(0) == "0"


def test_code_holds_any_backtick() -> None:
    """An identifier with backticks cannot leave its code span."""
    assert code("a``b") == "```a``b```"


def test_a_button_draws_no_icon_from_a_name() -> None:
    """A name like an icon stays a name on the buttons of a table."""
    assert label(":material/home: x").startswith(f":{JOINER}material")


@pytest.mark.parametrize(
    ("amount", "shown"),
    [(None, NOTHING), (999, "999 B"), (60_000, "60 kB"), (2_500_000, "2 MB"), (7.5e9, "7.5 GB")],
)
def test_sizes_are_written_in_decimal_units(amount: float | None, shown: str) -> None:
    """With a small k, as in the tables."""
    assert size(amount) == shown
