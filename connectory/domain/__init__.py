"""Pure rules: facts in, answers out; no store, no network, no clock."""
