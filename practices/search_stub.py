from dataclasses import dataclass
import numpy as np
from practices.models import Measure
from practices.text_search import matching, relevance


@dataclass
class Found:
    rows: object
    scores: object
    partial = False
    corrected = ""


def search(text, snapshot):
    pairs = dict(
        Measure.objects.published()
        .filter(matching(text))
        .annotate(r=relevance(text))
        .order_by("pk")
        .values_list("pk", "r")
    )
    rows = snapshot.rows_of(np.array(list(pairs), np.int64))
    return Found(rows, np.array([pairs[i] + 1 for i in snapshot.ids[rows].tolist()], np.float32))
