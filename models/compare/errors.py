"""The one root of what this package reports to its user."""


class CompareError(Exception):
    """Something is missing or malformed; the message is the sentence the user reads."""
