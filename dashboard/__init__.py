"""The pages people look at: a frame, a bridge to the queries, parts, and one file per page."""
