"""The reviewed lists of words in ``practices/data/``."""

import json
from functools import cache
from pathlib import Path

from practices.catalogue.analysis import plain, words

DATA = Path(__file__).resolve().parent.parent / "data"


def read(name: str):
    """Return the content of a JSON file of ``practices/data/``."""
    return json.loads((DATA / name).read_text(encoding="utf-8"))


@cache
def stop_words() -> frozenset[str]:
    """Return the words of six languages that say nothing of what is looked for."""
    return frozenset(plain(word) for text in read("stop_words.json").values() for word in words(" ".join(text)).split())


@cache
def everyday_words() -> frozenset[str]:
    """Return the everyday words that are also codes of countries or acronyms: "can", "per", "us"."""
    return stop_words() | set(read("everyday_codes.json"))
