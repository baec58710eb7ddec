"""What machines ask of the portal: pictures for previews, a description of its search, and whom to write to."""

import datetime

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView, View

from countries.views import country_at
from practices.catalogue import clauses
from practices.choices import State
from practices.display import places_in_words
from practices.languages import text_of
from practices.models import Measure
from practices.pictures import picture
from practices.querysets import today
from practices.views import SuggestionsView
from reg4covid.pages import PublicPage

SECURITY_DAYS = 180  # how long what security.txt says holds: less than a year (RFC 9116)
MOST_TOPICS = 2


class MeasurePictureView(PublicPage, View):
    def get(self, request, *args, slug, **kwargs):
        measure = Measure.objects.for_listing().filter(slug=slug).first()
        if measure is None:
            raise Http404
        places = places_in_words([str(place) for place in (*measure.areas.all(), *measure.countries.all())])
        facts = [str(measure.announced_on or ""), str(State(measure.state).label)]
        return _png(
            [text_of(measure, "title")[0], str(measure.measure_type)],
            above=f"{places} · {measure.measure_type}",
            below=" · ".join(filter(None, facts)),
        )


class CountryPictureView(PublicPage, View):
    def get(self, request, *args, code, **kwargs):
        country = country_at(self.catalogue, code)
        query = clauses.any_of("country", [country.pk])
        count = self.catalogue.count(query)
        topics = [str(topic) for topic, _number in self.catalogue.ranked("topic", query)[:MOST_TOPICS]]
        return _png(
            [str(country), country.iso3],
            above=country.get_itu_region_display(),
            below=" · ".join([_count(count), *topics]) if count else _("Nothing recorded yet"),
        )


def _count(number):
    return ngettext("%(count)s measure", "%(count)s measures", number) % {"count": number}


def _png(titles, **lines):
    return HttpResponse(picture(titles, **lines), content_type="image/png")


class OpenSearchView(PublicPage, TemplateView):
    """What a browser needs to offer our search in its address bar."""

    template_name = "practices/opensearch.xml"
    content_type = "application/opensearchdescription+xml"


class SuggestionsJsonView(SuggestionsView):
    """Suggestions as browsers take them: what was typed, what may be meant, a word on each, and its address."""

    def render_to_response(self, context, **kwargs):
        found = [suggestion for _heading, group in context["groups"] for suggestion in group]
        counts = [_count(item.number) for item in found]
        addresses = [f"{settings.SITE_URL}{_path_of(item)}" for item in found]
        return JsonResponse(
            [context["words"], [item.label for item in found], counts, addresses],
            safe=False,
            content_type="application/x-suggestions+json",
        )


def _path_of(suggestion):
    if suggestion.record:
        return suggestion.record.get_absolute_url()
    return reverse("practices:measure_detail", args=[suggestion.code])


class RobotsView(PublicPage, View):
    def get(self, request, *args, **kwargs):
        sitemap = f"{settings.SITE_URL}{reverse('machines:sitemap_index')}"
        return _text("User-agent: *", "Disallow: /admin/", "Disallow: /accounts/", "", f"Sitemap: {sitemap}")


class SecurityView(PublicPage, View):
    """Whom to tell of a weakness (RFC 9116)."""

    def get(self, request, *args, **kwargs):
        expires = today() + datetime.timedelta(days=SECURITY_DAYS)
        return _text(
            f"Contact: mailto:{settings.CONTACT_EMAIL}",
            f"Expires: {expires.isoformat()}T00:00:00Z",
            f"Canonical: {settings.SITE_URL}{reverse('machines:security')}",
            "Preferred-Languages: en",
        )


def _text(*lines):
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
