"""The part of the Kusto query language that the simulated log services understand.

Grammar and meaning: https://learn.microsoft.com/kusto/query/. What is not understood is refused as
the services refuse it, so that a query no service would take cannot pass here by luck.
"""
