"""How answers are kept between clicks: bounded in number, keyed by what they were asked with."""

from __future__ import annotations

import streamlit as st

from connectory.database import open_store

engine = st.cache_resource(max_entries=4, show_spinner=False)(open_store)
few = st.cache_data(max_entries=32, show_spinner=False)
many = st.cache_data(max_entries=512, show_spinner=False)
heavy = st.cache_resource(max_entries=8, show_spinner="Reckoning licences …")
