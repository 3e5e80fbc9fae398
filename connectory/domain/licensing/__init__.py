"""Who needs a licence because of which connector, and the cheapest way to be compliant.

The rules, and where each comes from, are told in docs/cost-model.md.
"""
