"""What other sites can show in a frame: a map, a country, a list or a measure, each with the code to paste (oEmbed)."""

from dataclasses import dataclass, replace

from django.conf import settings
from django.http import QueryDict
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from countries.models import Country
from practices.citing import PORTAL_NAME
from practices.display import chip_words
from practices.filters import MeasureFilter
from practices.languages import text_of
from practices.models import Measure
from practices.paths import path_of

THEMES = ("auto", "light", "dark")
WIDTH = 640  # pixels, for sites that ask for a number


@dataclass(frozen=True)
class Embed:
    """A page for a frame: its full address, what it is called, and the height in pixels that it needs."""

    address: str
    title: str
    height: int

    def code(self, width="100%", height=None):
        """The frame as HTML."""
        return format_html(
            '<iframe src="{}" title="{}" width="{}" height="{}" frameborder="0" loading="lazy"></iframe>',
            self.address,
            self.title,
            width,
            height or self.height,
        )


def map_embed(filterset=None):
    """Where the measures that a valid ``MeasureFilter`` selects are recorded; all measures without one."""
    return _filtered("map", _("Where measures are recorded"), filterset, 600)


def list_embed(filterset):
    return _filtered("measure_list", _("Measures"), filterset, 640)


def country_embed(country):
    return Embed(_address("country_detail", country.code), f"{country} · {PORTAL_NAME}", 480)


def measure_embed(measure):
    return Embed(_address("measure_detail", measure.slug), f"{text_of(measure, 'title')[0]} · {PORTAL_NAME}", 320)


def _address(name, *arguments, query=""):
    return f"{settings.SITE_URL}{path_of(f'embeds:{name}', *arguments)}{query}"


def _filtered(name, what, filterset, height):
    chosen = filterset and chip_words(filterset.chips)
    title = f"{what}: {chosen}" if chosen else what
    return Embed(_address(name, query=filterset.query if filterset else ""), f"{title} · {PORTAL_NAME}", height)


def embed_of(url, catalogue):
    """The ``Embed`` that shows what is at ``url``, a page of the portal or an embed of one; None for another address.

    So is that of a hidden record, and of a list with a value that is not valid.
    """
    if not url.startswith(f"{settings.SITE_URL}/"):
        return None
    path, _mark, query = url.removeprefix(settings.SITE_URL).partition("#")[0].partition("?")
    with translation.override(translation.get_language_from_path(path) or settings.LANGUAGE_CODE):
        try:
            match = resolve(path)
        except Resolver404:
            return None
        query = QueryDict(query, mutable=True)
        theme = query.pop("theme", [])
        embed = _embed_at(match, query, catalogue)
        if embed and match.app_name == "embeds" and theme and theme[-1] in THEMES:
            separator = "&" if "?" in embed.address else "?"
            embed = replace(embed, address=f"{embed.address}{separator}{urlencode({'theme': theme[-1]})}")
        return embed


def _embed_at(match, query, catalogue):
    if match.view_name in ("practices:measure_detail", "embeds:measure_detail"):
        measure = Measure.objects.published().filter(slug=match.kwargs["slug"]).first()
        return measure and measure_embed(measure)
    if match.view_name in ("countries:country_detail", "embeds:country_detail"):
        country = Country.objects.filter(iso3=match.kwargs["code"].upper()).first()
        return country and country_embed(country)
    if match.view_name == "practices:home":
        return map_embed()
    if match.view_name in ("embeds:map", "practices:measure_list", "embeds:measure_list"):
        filterset = MeasureFilter(query, catalogue)
        make = map_embed if match.view_name == "embeds:map" else list_embed
        return make(filterset) if filterset.is_valid() else None
    return None
