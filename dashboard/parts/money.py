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
    st.download_button(
        "Download CSV",
        data.csv(rows),
        file_name=f"connectory-{name}-{at.moment.read_at:%Y-%m-%d}.csv",
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        key=f"csv.{name}",
    )
