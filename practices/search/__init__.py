"""The search: words of a text, words of a query, and what the catalogue has of them."""

from practices.search.helping import Recognised, Suggestion, recognised, suggestions
from practices.search.index import connect, keep, rebuild
from practices.search.marking import Highlighter, highlighter
from practices.search.matching import Found, search
from practices.search.query import MAXIMUM_LENGTH, MAXIMUM_WORDS, validate
from practices.search.spelling import correction

__all__ = [
    "MAXIMUM_LENGTH",
    "MAXIMUM_WORDS",
    "Found",
    "Highlighter",
    "Recognised",
    "Suggestion",
    "connect",
    "correction",
    "highlighter",
    "keep",
    "rebuild",
    "recognised",
    "search",
    "suggestions",
    "validate",
]
