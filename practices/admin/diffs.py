"""Two texts side by side, with the words that differ marked."""

import re
from difflib import SequenceMatcher
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# A word, a run of space, or one sign; Chinese has no spaces, so each of its characters is a word.
TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+|\s+|.", re.DOTALL)


class MarkedDifference(NamedTuple):
    """A field that two contents have differently: its label, and both values as HTML with <del> and <ins>."""

    label: str
    before: SafeString
    after: SafeString


def marked(differences):
    """Each ``content.Difference`` of ``differences`` with its words marked."""
    return [MarkedDifference(found.label, *mark_words(found.before, found.after)) for found in differences]


def mark_words(before, after):
    """``before`` with the words that ``after`` does not have in <del>, and ``after`` with the new ones in <ins>."""
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    pieces = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return (
        _joined("del", ((kind, old[start:end]) for kind, start, end, _from, _to in pieces)),
        _joined("ins", ((kind, new[start:end]) for kind, _from, _to, start, end in pieces)),
    )


def _joined(tag, pieces):
    texts = ((kind == "equal", "".join(tokens)) for kind, tokens in pieces if tokens)
    return format_html_join(
        "", "{}", ((text if same else format_html("<{0}>{1}</{0}>", tag, text),) for same, text in texts)
    )
