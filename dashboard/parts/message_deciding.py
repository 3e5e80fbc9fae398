"""x."""


def offer(url, told): ...
