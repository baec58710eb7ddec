"""Which pages there are, for search engines: an index of files of at most 50,000 addresses each (sitemaps.org)."""

from collections.abc import Callable
from html import escape
from typing import NamedTuple

import numpy as np
from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.views.generic import View

from practices.catalogue.columns import SeveralEach
from practices.choices import Status
from practices.languages import html_language, offered_languages
from practices.models import Measure
from reg4covid.pages import PublicPage

MOST = 50_000  # addresses in a file
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
PAGES = [
    *("practices:home", "practices:measure_list", "countries:country_list", "practices:topic_list"),
    *("practices:crisis_list", "practices:organization_list", "practices:tag_list", "practices:compare"),
    *("practices:bands", "practices:coverage", "practices:data", "api:documentation", "practices:about"),
]


class Section(NamedTuple):
    """A kind of page. ``listed(snapshot)`` gives a key for each, an int array, and when each last changed, in seconds
    since 1970 and 0 for unknown; ``paths(snapshot, keys)`` their addresses in the language that is active."""

    listed: Callable
    paths: Callable


def _measure_paths(snapshot, ids):
    """Without those that were withdrawn since the snapshot was read, which have None."""
    near = Measure.objects.filter(status=Status.PUBLISHED, pk__range=(ids.min(initial=0), ids.max(initial=0)))
    slugs = dict(near.values_list("pk", "slug"))
    before, after = reverse("practices:measure_detail", args=["--"]).split("--")
    return [f"{before}{slugs[pk]}{after}" if pk in slugs else None for pk in ids.tolist()]


def _pages(snapshot):
    updated_at = snapshot.updated_at
    return np.arange(len(PAGES)), np.full(len(PAGES), updated_at.timestamp() if updated_at else 0)


def _sources(snapshot):
    times = _times(snapshot, "source", int(snapshot.columns["source"].values.max(initial=0)) + 1)
    ids = np.unique(snapshot.columns["source"].values)
    return ids, times[ids]


def _of_records(name, is_public=None):
    """The pages of the records of a column: of all, or of those that ``is_public(snapshot)`` has as a mask."""

    def listed(snapshot):
        places = np.arange(len(snapshot.records[name]))
        if is_public:
            places = places[is_public(snapshot)]
        return places, _times(snapshot, name, len(snapshot.records[name]))[places]

    return Section(
        listed, lambda snapshot, places: [snapshot.records[name][place].get_absolute_url() for place in places]
    )


def _times(snapshot, name, size):
    """When a measure of each of ``size`` values of a column last changed."""
    column, updated = snapshot.columns[name], snapshot.part.dates["updated"]
    times = np.zeros(size)
    rows = column.pair_rows if isinstance(column, SeveralEach) else np.arange(len(column.values))
    np.maximum.at(times, column.values, updated[rows])
    return times


def _known_organizations(snapshot):
    regulators = [bool(body.regulator_of_id) for body in snapshot.records["organization"]]
    return snapshot.public("organization") | np.array(regulators, bool)


SECTIONS = {
    "pages": Section(_pages, lambda _snapshot, places: [reverse(PAGES[place]) for place in places]),
    "measures": Section(lambda snapshot: (snapshot.ids, snapshot.part.dates["updated"]), _measure_paths),
    "countries": _of_records("country"),
    "groups": _of_records("area"),
    "topics": _of_records("topic"),
    "types": _of_records("type"),
    "crises": _of_records("crisis"),
    "organizations": _of_records("organization", _known_organizations),
    "sources": Section(
        _sources, lambda _snapshot, ids: [reverse("practices:source_detail", args=[pk]) for pk in ids.tolist()]
    ),
    "tags": _of_records("tag", lambda snapshot: snapshot.public("tag")),
}


class SitemapIndexView(PublicPage, View):
    def get(self, request, *args, **kwargs):
        entries = []
        for name, section in SECTIONS.items():
            keys, times = section.listed(self.catalogue)
            for number, start in enumerate(range(0, len(keys), _per_file()), start=1):
                address = f"{settings.SITE_URL}{reverse('machines:sitemap', args=[name, number])}"
                last = _written(times[start : start + _per_file()].max(keepdims=True))
                entries.append(f"<sitemap><loc>{escape(address)}</loc>{last[0]}</sitemap>")
        return _xml(f'<sitemapindex xmlns="{NAMESPACE}">', entries, "</sitemapindex>")


class SitemapView(PublicPage, View):
    """One file: the pages of a section, in each language that the portal is offered in."""

    def get(self, request, *args, name, number, **kwargs):
        if name not in SECTIONS:
            raise Http404
        section, start = SECTIONS[name], (number - 1) * _per_file()
        keys, times = (array[start : start + _per_file()] for array in section.listed(self.catalogue))
        if number < 1 or not len(keys):
            raise Http404
        pages = {}
        for language in offered_languages():
            with translation.override(language):
                pages[language] = section.paths(self.catalogue, keys)
        entries = [
            f"<url><loc>{escape(settings.SITE_URL + path)}</loc>{last}{alternates}</url>"
            for paths, last in zip(zip(*pages.values(), strict=True), _written(times), strict=True)
            for alternates in [_alternates(dict(zip(pages, paths, strict=True)))]
            for path in paths
            if path
        ]
        start = f'<urlset xmlns="{NAMESPACE}" xmlns:xhtml="http://www.w3.org/1999/xhtml">'
        return _xml(start, entries, "</urlset>")


def _per_file():
    """How many pages one file has: each of them stands there once for each language."""
    return MOST // len(offered_languages())


def _written(times):
    """Times in seconds as elements, UTC; nothing for an unknown one."""
    texts = np.datetime_as_string(times.astype("datetime64[s]")).tolist()
    return [f"<lastmod>{text}Z</lastmod>" if time else "" for text, time in zip(texts, times.tolist(), strict=True)]


def _alternates(paths):
    """The same page in each language, ``paths`` by language, where there are several."""
    if len(paths) < 2:
        return ""
    return "".join(
        f'<xhtml:link rel="alternate" hreflang="{html_language(language)}" href="{escape(settings.SITE_URL + path)}"/>'
        for language, path in paths.items()
        if path
    )


def _xml(start, entries, end):
    text = "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', start, *entries, end, ""])
    return HttpResponse(text, content_type="application/xml; charset=utf-8")
