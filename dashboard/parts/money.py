"""Amounts of money, and rows about them to take along."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import streamlit as st

from connectory.domain.licensing.payload import amount
from dashboard import data
from dashboard.data import At
from dashboard.parts.text import count


def exact(told: Decimal, currency: str) -> str:
    """Return an amount with its currency, without decimals where it is a whole number."""
    whole, _, cents = amount(told).partition(".")
    return f"{int(whole):,}" + (f".{cents}" if cents.strip("0") else "") + f" {currency}"


def rounded(told: Decimal, currency: str) -> str:
    """Return an amount in whole units of its currency."""
    return f"{count(round(told))} {currency}"


def download(rows: pd.DataFrame, name: str, at: At) -> None:
    """Draw what takes rows along as CSV."""
    download_of(rows, name, f"{name}-{at.moment.read_at:%Y-%m-%d}")


def download_of(rows: pd.DataFrame, name: str, file: str = "") -> None:
    """Draw what takes rows along that are of no single moment.

    Args:
        rows: The rows.
        name: Identity of the element.
        file: What the file is called; by its name by default.
    """
    st.download_button(
        "Download CSV",
        data.csv(rows),
        file_name=f"connectory-{file or name}.csv",
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        key=f"csv.{name}",
    )
