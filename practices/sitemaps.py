"""Which pages there are, for search engines: an index of files of at most 50,000 addresses each (sitemaps.org)."""

from collections.abc import Callable
from html import escape
from itertools import batched
from typing import NamedTuple

from django.conf import settings
from django.db.models import Max
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.views.generic import View

from practices.catalogue.documents import LINKS
from practices.choices import Status
from practices.languages import html_language, offered_languages
from practices.models import Citation, Measure
from practices.querysets import PUBLISHED
from reg4covid.pages import PublicPage

MOST = 50_000  # addresses in a file
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
PAGES = [
    *("practices:home", "practices:measure_list", "countries:country_list", "practices:topic_list"),
    *("practices:crisis_list", "practices:organization_list", "practices:tag_list", "practices:compare"),
    *("practices:bands", "practices:coverage", "practices:data", "api:documentation", "practices:about"),
]


class Section(NamedTuple):
    """A kind of page. ``listed(catalogue)`` gives pairs: what a page is of, and when it last changed, None for unknown.

    ``path`` makes its address, in the language that is active, from what it is of. A section of very many pages has a
    ``count(catalogue)``, by which the index lists its files; each of them has the last change of all.
    """

    listed: Callable
    path: Callable
    count: Callable | None = None


def _pages(catalogue):
    return [(name, catalogue.updated_at) for name in PAGES]


def _measures(_catalogue):
    return Measure.objects.published().order_by("pk").values_list("slug", "updated_at")


def _sources(_catalogue):
    cited = Citation.objects.filter(PUBLISHED).order_by("source_id").values_list("source_id")
    return cited.annotate(time=Max("measure__updated_at"))


def _of_records(name, is_public=None):
    """Return the section of the records of a kind: of all, or of those that a measure names or ``is_public`` allows."""

    def listed(catalogue):
        times = dict(_times(name))
        return [
            (record, times.get(record.pk))
            for record in catalogue.records[name].all
            if is_public is None or record.pk in times or is_public(record)
        ]

    return Section(listed, lambda record: record.get_absolute_url())


def _times(name):
    """Return when a measure of each record of a kind last changed: pairs of an id and a moment."""
    if name in LINKS:
        through, measure, linked = LINKS[name]
        measure = measure.removesuffix("_id")
        public = through.objects.filter(**{f"{measure}__status": Status.PUBLISHED})
        return public.order_by().values_list(linked).annotate(time=Max(f"{measure}__updated_at"))
    field = {"topic": "measure_type__topic", "type": "measure_type", "crisis": "crisis"}[name]
    return Measure.objects.published().order_by().values_list(field).annotate(time=Max("updated_at"))


SECTIONS = {
    "pages": Section(_pages, reverse),
    "measures": Section(_measures, lambda slug: reverse("practices:measure_detail", args=[slug]), len),
    "countries": _of_records("country"),
    "groups": _of_records("area"),
    "topics": _of_records("topic"),
    "types": _of_records("type"),
    "crises": _of_records("crisis"),
    "organizations": _of_records("organization", lambda body: bool(body.regulator_of_id)),
    "sources": Section(
        _sources, lambda pk: reverse("practices:source_detail", args=[pk]), lambda catalogue: catalogue.source_count
    ),
    "tags": _of_records("tag", lambda tag: False),
}


class SitemapIndexView(PublicPage, View):
    def get(self, request, *args, **kwargs):
        entries = []
        for name, section in SECTIONS.items():
            if section.count:
                times = [self.catalogue.updated_at] * section.count(self.catalogue)
            else:
                times = [time for _key, time in section.listed(self.catalogue)]
            for number, part in enumerate(batched(times, _per_file()), start=1):
                address = f"{settings.SITE_URL}{reverse('machines:sitemap', args=[name, number])}"
                last = max(filter(None, part), default=None)
                entries.append(f"<sitemap><loc>{escape(address)}</loc>{_written(last)}</sitemap>")
        return _xml(f'<sitemapindex xmlns="{NAMESPACE}">', entries, "</sitemapindex>")


class SitemapView(PublicPage, View):
    """One file: the pages of a section, in each language that the portal is offered in."""

    def get(self, request, *args, name, number, **kwargs):
        if name not in SECTIONS:
            raise Http404
        if number < 1:
            raise Http404
        section, start = SECTIONS[name], (number - 1) * _per_file()
        listed = list(section.listed(self.catalogue)[start : start + _per_file()])
        if not listed:
            raise Http404
        pages = {}
        for language in offered_languages():
            with translation.override(language):
                pages[language] = [section.path(key) for key, _time in listed]
        entries = [
            f"<url><loc>{escape(settings.SITE_URL + path)}</loc>{_written(time)}{alternates}</url>"
            for (_key, time), *paths in zip(listed, *pages.values(), strict=True)
            for alternates in [_alternates(dict(zip(pages, paths, strict=True)))]
            for path in paths
        ]
        start = f'<urlset xmlns="{NAMESPACE}" xmlns:xhtml="http://www.w3.org/1999/xhtml">'
        return _xml(start, entries, "</urlset>")


def _per_file():
    """How many pages one file has: each of them stands there once for each language."""
    return MOST // len(offered_languages())


def _written(time):
    """Return a moment as an element, in UTC; nothing for an unknown one."""
    return f"<lastmod>{time:%Y-%m-%dT%H:%M:%SZ}</lastmod>" if time else ""


def _alternates(paths):
    """The same page in each language, ``paths`` by language, where there are several."""
    if len(paths) < 2:
        return ""
    return "".join(
        f'<xhtml:link rel="alternate" hreflang="{html_language(language)}" href="{escape(settings.SITE_URL + path)}"/>'
        for language, path in paths.items()
    )


def _xml(start, entries, end):
    text = "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', start, *entries, end, ""])
    return HttpResponse(text, content_type="application/xml; charset=utf-8")
