"""The one place that turns rows into facts and answers into frames.

Pages, exports and the command line ask here, so that a number exists once. Every query answers
as of a moment, which is a finished run.
"""
