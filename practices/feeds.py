"""What is new in a list, for feed readers: Atom and JSON Feed of every filter combination."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Prefetch
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, rfc3339_date
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.generic import View

from practices.choices import Action
from practices.citing import PORTAL_NAME, address_of
from practices.display import chip_words, places_in_words
from practices.filters import MeasureFilter
from practices.importers.checking import UNPRINTABLE
from practices.languages import html_language, text_of
from practices.models import Change, Measure
from reg4covid.pages import OpenToScripts, PublicPage

ENTRIES = 50  # the measures that changed last
LICENCE = "CC BY 4.0: https://creativecommons.org/licenses/by/4.0/"
SINCE = 2020  # the year of a tag URI: the name of our host has been ours since (RFC 4151)


class Feed(Atom1Feed):
    """Atom whose entries say which language they are in."""

    def item_attributes(self, item):
        return {"xml:lang": item["language"]}


class FeedView(OpenToScripts, PublicPage, View):
    """The measures of a list that are new or were corrected, the latest first. Takes the list's parameters.

    A value that is not valid is answered 400 with its reason.
    """

    def get(self, request, *args, **kwargs):
        filterset = MeasureFilter(request.GET, self.catalogue)
        if not filterset.is_valid():
            return HttpResponse("\n".join(filterset.reasons), status=400, content_type="text/plain; charset=utf-8")
        chosen = UNPRINTABLE.sub(" ", chip_words(filterset.chips))
        title = f"{PORTAL_NAME}: {chosen}" if chosen else PORTAL_NAME
        ids = self.catalogue.ids(filterset.index_query(), "-updated", 0, ENTRIES)
        return self.render(title, filterset.address(), entries(ids))


class AtomView(FeedView):
    def render(self, title, query, measures):
        feed = Feed(
            title=title,
            link=f"{settings.SITE_URL}{reverse('practices:measure_list')}{query}",
            description="",
            subtitle=_("What regulators, ministries and operators did to keep networks up in a crisis."),
            language=html_language(get_language()),
            feed_url=f"{settings.SITE_URL}{self.request.path}{query}",
            feed_guid=f"{settings.SITE_URL}{self.request.path}{query}",
            author_name=settings.OPERATOR_NAME,
            feed_copyright=LICENCE,
        )
        for measure in measures:
            heading, language = text_of(measure, "title")
            feed.add_item(
                title=UNPRINTABLE.sub(" ", heading),
                link=address_of(measure),
                description=UNPRINTABLE.sub(" ", content_of(measure)),
                unique_id=id_of(measure),
                pubdate=measure.published_at,
                updateddate=measure.updated_at,
                categories=[measure.measure_type.name],
                language=html_language(language),
            )
        # A feed without entries was last changed when the catalogue was.
        if not feed.items:
            feed.latest_post_date = lambda: self.catalogue.updated_at or self.catalogue.changed_at
        return HttpResponse(feed.writeString("utf-8"), content_type=Feed.content_type)


class JsonFeedView(FeedView):
    """JSON Feed 1.1 (jsonfeed.org)."""

    def render(self, title, query, measures):
        return JsonResponse(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": title,
                "home_page_url": f"{settings.SITE_URL}{reverse('practices:measure_list')}{query}",
                "feed_url": f"{settings.SITE_URL}{self.request.path}{query}",
                "language": html_language(get_language()),
                "authors": [{"name": settings.OPERATOR_NAME, "url": settings.SITE_URL}],
                "items": [self._item(measure) for measure in measures],
            },
            content_type="application/feed+json; charset=utf-8",
            json_dumps_params={"ensure_ascii": False},
        )

    @staticmethod
    def _item(measure):
        title, language = text_of(measure, "title")
        return {
            "id": id_of(measure),
            "url": address_of(measure),
            "title": title,
            "content_html": content_of(measure),
            "date_published": rfc3339_date(measure.published_at),
            "date_modified": rfc3339_date(measure.updated_at),
            "language": html_language(language),
            "tags": [measure.measure_type.name],
        }


def entries(ids):
    """The public measures ``ids`` in that order, each with what an entry says: three queries and a few."""
    notes = Change.objects.filter(action=Action.CORRECTED).exclude(public_note="").order_by("-pk")
    measures = Measure.objects.for_listing().prefetch_related(Prefetch("changes", notes, to_attr="corrections"))
    found = measures.in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def id_of(measure):
    """The id of a measure for feed readers, which no new slug and no correction changes."""
    return f"tag:{urlsplit(settings.SITE_URL).hostname},{SINCE}:measure/{measure.pk}"


def content_of(measure):
    """What an entry says, as HTML: where and what, the summary, and the last correction."""
    places = places_in_words([str(place) for place in (*measure.areas.all(), *measure.countries.all())])
    summary, _language = text_of(measure, "summary")
    facts = format_html("<p>{} · {}</p>", places, measure.measure_type)
    paragraphs = format_html_join("", "<p>{}</p>", ((part,) for part in summary.split("\n") if part.strip()))
    correction = ""
    if measure.corrections:
        correction = format_html("<p>{}</p>", _("Corrected: %(note)s") % {"note": measure.corrections[0].public_note})
    return facts + paragraphs + correction
