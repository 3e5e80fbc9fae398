"""Price book: what plans cost on the day of the moment, since when, and where that is told."""

from __future__ import annotations

import streamlit as st

from dashboard import exposure_data
from dashboard.data import settings
from dashboard.parts import estimating, money, page, state, table
from dashboard.parts.text import esc

at = page.begin("Price book", export="prices")
with state.part("Price book"):
    rows = estimating.told_or_why(lambda: exposure_data.prices(at), "The price book cannot be used")
    currency, own = exposure_data.currency(), settings().licensing.price_book
    st.caption(
        ("List prices, commercial and without tax" if not own else f"Prices of {esc(own)} over list prices")
        + f", a month, in {currency}. "
        + estimating.bought()
        + " Prices of your own go into a file that `licensing.price_book` names."
    )  # fmt: skip
    shown = rows.assign(
        price=rows["price"].astype(float),
        purchasable=rows["purchasable"].map({True: "Yes", False: "No"}),
    )
    columns = {
        "name": table.text("Plan", width=262),
        "price": table.amount(f"Price, {currency}", width=85),
        "unit": table.text("For", width=220),
        "tiers": table.text("In large numbers", width=130),
        "purchasable": table.text("To be had", width=80),
        "since": table.text("Since", width=95),
        "source": table.text("Told by", width=253),
    }
    table.chosen_whole(shown, columns, alt="Prices in force", key="prices.rows")
    money.download(rows, "prices", at)
