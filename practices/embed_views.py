"""The pages that other sites show in a frame, and the answer to sites that ask for their code (oEmbed)."""

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csp import csp_override
from django.views.generic import TemplateView, View

from countries.views import country_at, queries_of
from practices import maps
from practices.catalogue import Selection
from practices.citing import PORTAL_NAME
from practices.embeds import THEMES, WIDTH, embed_of
from practices.filters import MeasureFilter
from practices.models import Measure
from practices.views import MeasureView, RecordView, page_of
from reg4covid.pages import PublicPage

ANY_SITE = settings.SECURE_CSP | {"frame-ancestors": ["*"]}
NEWEST = 3
MOST_TOPICS = 4


class EmbedPage(PublicPage):
    """A page that any site may frame. ``theme`` is ``auto`` (as the reader's system has it), ``light`` or ``dark``.

    What is wrong is said inside the frame: the site around it shows nothing of an answer that it may not frame.
    """

    theme = THEMES[0]

    @classmethod
    def as_view(cls, **initkwargs):
        return csp_override(ANY_SITE)(xframe_options_exempt(super().as_view(**initkwargs)))

    def get(self, request, *args, **kwargs):
        try:
            self.theme = self.read_theme()
            return super().get(request, *args, **kwargs)
        except (BadRequest, Http404) as fault:
            context = {"theme": self.theme, "reasons": fault.args}
            status = 404 if isinstance(fault, Http404) else 400
            return render(request, "embeds/problem.html", context, status=status)

    def read_theme(self):
        theme = self.request.GET.get("theme") or self.theme
        if theme not in THEMES:
            reason = _("“%(theme)s” is not a theme. Right would be: %(themes)s.")
            raise BadRequest(reason % {"theme": theme[:40], "themes": ", ".join(THEMES)})
        return theme

    def filtered(self):
        """The list's parameters as a valid ``MeasureFilter``; ``BadRequest`` with the reasons where one is not."""
        parameters = self.request.GET.copy()
        parameters.pop("theme", None)
        filterset = MeasureFilter(parameters, self.catalogue)
        if not filterset.is_valid():
            raise BadRequest(*filterset.reasons)
        return filterset

    def get_context_data(self, **kwargs):
        return super().get_context_data(theme=self.theme, **kwargs)


class MapEmbed(EmbedPage, TemplateView):
    template_name = "embeds/map.html"

    def get_context_data(self, **kwargs):
        filterset = self.filtered()
        counts = self.catalogue.counts("country", filterset.index_query())
        return super().get_context_data(
            map=maps.world(self.catalogue.records["country"].all, counts),
            chips=filterset.chips,
            page_url=reverse("practices:measure_list") + filterset.address(),
            **kwargs,
        )


class ListEmbed(EmbedPage, TemplateView):
    template_name = "embeds/measure_list.html"

    def get_context_data(self, **kwargs):
        filterset = self.filtered()
        return super().get_context_data(
            page=page_of(filterset.in_order(), self.request.GET.get("page")),
            chips=filterset.chips,
            page_url=reverse("practices:measure_list") + filterset.address(),
            **kwargs,
        )


class CountryEmbed(EmbedPage, TemplateView):
    template_name = "embeds/country_detail.html"

    def get_context_data(self, code, **kwargs):
        country = country_at(self.catalogue, code)
        own, regional = queries_of(self.catalogue, country)
        newest = Selection(self.catalogue, own)
        return super().get_context_data(
            country=country,
            own_count=len(newest),
            regional_count=self.catalogue.count(regional),
            topics=self.catalogue.ranked("topic", own)[:MOST_TOPICS],
            measures=newest[:NEWEST],
            page_url=country.get_absolute_url(),
            **kwargs,
        )


class MeasureEmbed(EmbedPage, RecordView):
    template_name = "embeds/measure_detail.html"
    model = Measure
    missing = MeasureView.missing

    def get_queryset(self):
        return Measure.objects.for_listing()

    def address_of(self, record):
        return reverse("embeds:measure_detail", args=[record.slug], query=self.request.GET)

    def get_context_data(self, **kwargs):
        return super().get_context_data(page_url=self.object.get_absolute_url(), **kwargs)


class OEmbedView(PublicPage, View):
    """The code of the embed of a page, ``url``, as oEmbed 1.0 has it, no larger than ``maxwidth`` and ``maxheight``."""

    def get(self, request, *args, **kwargs):
        if request.GET.get("format", "json") != "json":
            return _refused(501, "This provider answers in JSON alone: format=json.")
        most = {}
        for name in ("maxwidth", "maxheight"):
            value = request.GET.get(name) or "10000"
            if not (value.isascii() and value.isdigit() and len(value) < 6 and int(value)):
                return _refused(400, f"{name} is a number of pixels.")
            most[name] = int(value)
        url = request.GET.get("url")
        if not url:
            return _refused(400, "url is missing: the address of a page of this site.")
        embed = embed_of(url, self.catalogue)
        if embed is None:
            return _refused(404, "There is nothing to embed at this address.")
        width, height = min(WIDTH, most["maxwidth"]), min(embed.height, most["maxheight"])
        answer = {
            "version": "1.0",
            "type": "rich",
            "title": embed.title,
            "provider_name": PORTAL_NAME,
            "provider_url": settings.SITE_URL,
            "html": embed.code(width, height),
            "width": width,
            "height": height,
        }
        return JsonResponse(answer, headers={"Access-Control-Allow-Origin": "*"})


def _refused(status, reason):
    return HttpResponse(reason, status=status, content_type="text/plain; charset=utf-8")
