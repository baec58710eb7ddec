"""What a search finds, by the slugs of tests."""

from practices import catalogue
from practices.models import Measure
from practices.search import search


def found(text):
    """The slugs that the query ``text`` finds, the best first."""
    snapshot = catalogue.current()
    found = search(text, snapshot)
    assert len(found.rows) == len(found.scores)
    assert (found.scores > 0).all()
    assert found.rows.tolist() == sorted(set(found.rows.tolist()))
    slugs = dict(Measure.objects.values_list("pk", "slug"))
    best = snapshot.most_relevant(0, len(found.rows), found.rows, found.scores) if len(found.rows) else []
    return [slugs[int(snapshot.ids[row])] for row in best]
