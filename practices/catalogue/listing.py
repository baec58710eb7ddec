"""A measure as a list shows it."""

import datetime
from functools import cache, cached_property, lru_cache
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import get_language
from tantivy import DocAddress

from practices.catalogue.names import LANGUAGES
from practices.catalogue.records import Records
from practices.partial_dates import PartialDate
from practices.state import state_of

ROWS_PER_PAGE = 20


class ListedMeasure:
    """One measure of the index: a ``Measure`` to templates, as far as a list needs one.

    ``row`` is what its document stores, ``address`` where that is. Its texts are ``title_<language>`` and
    ``summary_<language>``.
    """

    def __init__(self, records: Records, row: dict[str, Any], address: DocAddress, day: datetime.date):
        self.records, self.row, self.address, self.day = records, row, address, day
        self.pk: int = row["id"]
        self.slug: str = row["slug"]
        self.evidence: str = row["evidence"]
        for field in ("title", "summary"):
            for language in LANGUAGES:
                setattr(self, f"{field}_{language}", row[field].get(language, ""))

    def get_absolute_url(self) -> str:
        before, after = _address_form(get_language() or "")
        return f"{before}{self.slug}{after}"

    @property
    def measure_type(self) -> Model:
        return self.records["type"].by_id[self.row["type"]]

    @property
    def crisis(self) -> Model:
        return self.records["crisis"].by_id[self.row["crisis"]]

    def pointed_at(self, name: str) -> list[Model]:
        """Return the records that the measure points at: its countries for ``country``."""
        by_id = self.records[name].by_id
        return [by_id[pk] for pk in self.row[name] if pk in by_id]

    @property
    def countries(self) -> list[Model]:
        return self.pointed_at("country")

    @property
    def areas(self) -> list[Model]:
        return self.pointed_at("area")

    @property
    def announced_on(self) -> PartialDate | None:
        return _date(self.row["announced"])

    @property
    def starts_on(self) -> PartialDate | None:
        return _date(self.row["starts"])

    @property
    def ends_on(self) -> PartialDate | None:
        return _date(self.row["ends"])

    @cached_property
    def state(self) -> str:
        """The ``State`` on the ``day`` that the list is of."""
        return state_of(self.starts_on, self.ends_on, self.day, self.row["confirmed"], self.row["review"])


@cache
def _address_form(language: str) -> tuple[str, str]:
    """Return what is before and after the slug in the address of a measure's page: lists have dozens of addresses."""
    before, after = reverse("practices:measure_detail", args=["--"]).split("--")
    return before, after


@lru_cache(maxsize=4096)
def _date(number: int) -> PartialDate | None:
    return PartialDate.from_number(number) if number else None
