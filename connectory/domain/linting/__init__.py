"""Whether a connector's definition is valid, documented and fit to be certified."""
