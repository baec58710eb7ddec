"""What readers ask for: the same question as an address of the portal and as one of Datasette."""

import itertools
import json
import random
import re
from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlencode

from bench.generate import LISTS, SEED, Shipped, datasette_values, measures

KNOWN = 10_000  # questions are drawn from the first measures, which catalogues of all sizes have
ONCE = 60_000  # addresses of a kind that has so many, none of which is asked for twice
CRISIS = 300  # addresses that everybody asks for
COLUMNS = ["title", "country", "topic", "type", "crisis", "announced", "legal"]  # what a row of the list shows
SLUG = re.compile(r"[a-z0-9-]+")
WORD = re.compile(r"[a-z]{4,}")
# Words of four letters and more that nobody searches for.
STOP_WORDS = {
    *("about", "after", "also", "been", "could", "during", "from", "have", "into", "more", "other", "over", "said"),
    *("some", "such", "than", "that", "their", "them", "they", "this", "through", "under", "until", "were", "when"),
    *("where", "which", "while", "will", "with", "would"),
}


@dataclass(frozen=True)
class Question:
    """Filters, as pairs of a parameter and its value, and words. ``page_of``: the page of a country, not the list."""

    filters: tuple = ()
    words: str = ""
    page_of: str = ""

    @property
    def portal(self):
        if self.page_of:
            return f"/countries/{self.page_of}/"
        query = urlencode([*self.filters, *([("q", self.words)] if self.words else [])])
        return f"/measures/?{query}" if query else "/measures/"

    def datasette(self, *, arrays=False, form=""):
        """Its address in Datasette; lists are asked by their tables or, with ``arrays``, as JSON."""
        asked = [("country", self.page_of)] if self.page_of else self.filters
        query = [("_search", self.words)] if self.words else []
        for name, value in asked:
            if name not in LISTS:
                query.append((name, value))
            elif arrays:
                query.append((f"{name}__arraycontains", value))
            else:
                linked = f"select measure_id from measure_{name} where {name} = '{value}'"  # noqa: S608
                query.append(("_where", f"id in ({linked})"))
        if form == ".json":
            query += [("_size", "0"), ("_nofacet", "1")]
        else:
            query += [("_col", name) for name in COLUMNS]
        return f"/datasette/measures{form}?{urlencode(query)}"


@dataclass(frozen=True)
class Scenario:
    """What is asked, in order. Each question once, so that no cache helps; or ``again`` from the start, without end."""

    title: str
    questions: list
    again: bool = False
    conditional: bool = False  # readers have the page and ask whether it has changed


class Drawing:
    """Draws questions that have an answer, about as often as the measures have what is asked."""

    PARAMETERS = ["country", "region", "topic", "type", "crisis", "legal", "year", "tag", "beneficiary", "organization"]

    def __init__(self, seed=SEED):
        shipped = Shipped()
        self.rng = random.Random(seed)  # noqa: S311
        self.rows = [datasette_values(measure, shipped.regions) for measure in measures(KNOWN, shipped)]
        self.words = [_words(f"{row['title']} {row['summary']}") for row in self.rows]
        self.frequency = Counter(itertools.chain.from_iterable(self.words))

    def question(self, filters, words=0):
        """One that one of the measures answers: with some ``filters`` and some ``words`` of it."""
        place = self.rng.randrange(KNOWN)
        row = self.rows[place]
        have = [name for name in self.PARAMETERS if self._values(row, name)]
        asked = self.rng.sample(have, min(filters, len(have)))
        return Question(
            tuple((name, self.rng.choice(self._values(row, name))) for name in asked),
            " ".join(self.rng.sample(self.words[place], words)),
        )

    @staticmethod
    def _values(row, name):
        value = row[name]
        return [item for item in (value if isinstance(value, list) else [value]) if item and SLUG.fullmatch(item)]

    def different(self, number, filters, words=(0,)):
        """``number`` different questions, each with one of the numbers of ``filters`` and one of ``words``."""
        questions = {}
        while len(questions) < number:
            questions[self.question(self.rng.choice(filters), self.rng.choice(words))] = True
        drawn = list(questions)
        self.rng.shuffle(drawn)  # else those of one filter, of which there are few, all come first
        return drawn


def _words(text):
    return sorted(set(WORD.findall(text.lower())) - STOP_WORDS)


def scenarios():
    """Everything that is measured, by a short name."""
    drawing = Drawing()
    common = [word for word, _number in drawing.frequency.most_common(CRISIS)]
    rare = [word for word, number in drawing.frequency.items() if number == 1]
    countries = dict.fromkeys(country for row in drawing.rows for country in row["country"])
    narrowed = [Question(each.filters, drawing.rng.choice(common[:30])) for each in drawing.different(ONCE // 4, (2,))]
    crisis = [
        Question(),
        *drawing.different(CRISIS // 2 - 1, (1, 1, 2, 3)),
        *drawing.different(CRISIS // 2, (0, 0, 1), words=(1, 2)),
    ]
    drawing.rng.shuffle(crisis)
    return {
        "unfiltered": Scenario("The whole list", [Question()], again=True),
        "one-filter": Scenario("One filter", drawing.different(1_000, (1,))),
        "three-filters": Scenario("Three filters", drawing.different(ONCE, (3,))),
        "common-word": Scenario("A common word", [Question(words=word) for word in common]),
        "rare-word": Scenario("A rare word", [Question(words=word) for word in rare]),
        "word-filters": Scenario("A common word and two filters", narrowed),
        "country": Scenario("A country's page", [Question(page_of=country) for country in countries]),
        "random-lists": Scenario("Lists, each another", drawing.different(ONCE, (1, 2, 3, 4))),
        "random-searches": Scenario("Searches, each another", drawing.different(ONCE, (0, 1, 2), words=(1, 2))),
        "crisis": Scenario(f"The same {CRISIS} lists and searches, again and again", crisis, again=True),
        "conditional": Scenario("The same, by readers who have the page", crisis, again=True, conditional=True),
    }


def facets_of_datasette(arrays):
    """The settings of Datasette's table: the list's order and five facets, the country's with ``arrays`` for years."""
    facets = ["topic", "type", "crisis", "legal", {"array": "country"} if arrays else "year"]
    table = {"sort_desc": "announced", "size": 20, "facets": facets}
    return json.dumps({"databases": {"datasette": {"tables": {"measures": table}}}})
