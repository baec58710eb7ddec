"""The pages of countries and of groups of countries. They read the catalogue like any other page."""

import unicodedata
from itertools import groupby

import numpy as np
from django.conf import settings
from django.http import Http404, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from countries.choices import GroupKind, IncomeGroup
from countries.models import Country, Group
from practices.catalogue import Selection
from practices.embeds import country_embed
from practices.timeline import timeline
from reg4covid.pages import PublicPage

ROWS = 20
TIMELINE_ROWS = 40
MOST_ALIKE = 8


class CountryListView(PublicPage, TemplateView):
    """Every country with how much is recorded for it, grouped as the reader chose and narrowed by name."""

    template_name = "countries/country_list.html"
    GROUPINGS = {
        "region": (gettext_lazy("ITU region"), lambda country: country.get_itu_region_display()),
        "subregion": (gettext_lazy("UN subregion"), lambda country: country.un_subregion or country.un_region),
        "income": (
            gettext_lazy("Income group"),
            lambda country: country.get_income_group_display() or _("Not classified by the World Bank"),
        ),
        "name": (gettext_lazy("First letter"), lambda country: folded(country.name)[:1].upper()),
    }

    def get(self, request, *args, **kwargs):
        by, text = request.GET.get("by") or "region", request.GET.get("q", "").strip()
        errors = []
        if by not in self.GROUPINGS:
            errors.append(
                _("“%(value)s” is not a grouping. Right would be: %(values)s.")
                % {"value": by[:40], "values": ", ".join(self.GROUPINGS)}
            )
            by = "region"
        if len(text) > 100 or "\x00" in text:
            errors.append(_("Name: write at most 100 characters of a country's name or its code."))
            text = ""
        context = self.get_context_data(
            by=by,
            text=text,
            errors=errors,
            groupings=[(value, label) for value, (label, _key) in self.GROUPINGS.items()],
            sections=[] if errors else list(self.sections(by, text)),
        )
        return self.render_to_response(context, status=400 if errors else 200)

    def sections(self, by, text):
        """The countries that ``text`` narrows to: (heading, how many have measures, pairs of country and count)."""
        counts = self.catalogue.counts_by_id("country")
        key = self.GROUPINGS[by][1]
        countries = [country for country in self.catalogue.records["country"] if _is_called(country, text)]
        order = list(IncomeGroup.labels) if by == "income" else []
        rank = {str(label): place for place, label in enumerate(order)}
        countries.sort(
            key=lambda country: (rank.get(str(key(country)), len(rank)), str(key(country)), folded(country.name))
        )
        for heading, members in groupby(countries, key=lambda country: str(key(country))):
            pairs = [(country, counts[country.pk]) for country in members]
            yield heading, sum(1 for _country, count in pairs if count), pairs


def folded(text):
    """``text`` without accents and capitals, so that Åland stands under A and “cote” finds Côte d’Ivoire."""
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char)).casefold()


def _is_called(country, text):
    names = (country.name, country.name_en or "", country.iso2, country.iso3)
    return any(folded(text) in folded(name) for name in names)


def country_at(code):
    """The country whose address has ``code``; Http404 that says what a code is."""
    country = Country.objects.select_related("regulator", "administered_by").filter(iso3=code.upper()).first()
    if country is None:
        raise Http404(
            _("There is no country “%(code)s”. A country's address has its three-letter ISO code.") % {"code": code}
        )
    return country


def rows_of_country(catalogue, country):
    """The rows of the country's own measures, and of those of whole regions that it belongs to."""
    own = catalogue.rows_with("country", country.code)
    in_any = catalogue.rows_with("area", *country.groups.values_list("code", flat=True))
    return own, np.setdiff1d(in_any, own)


class CountryView(PublicPage, TemplateView):
    """What is recorded for a country, what covers it from its regions, and what countries like it did."""

    template_name = "countries/country_detail.html"

    def get(self, request, *args, code, **kwargs):
        if code != code.lower():
            return HttpResponsePermanentRedirect(reverse("countries:country_detail", args=[code.lower()]))
        country = country_at(code)
        own, regional = rows_of_country(self.catalogue, country)
        topics = self.catalogue.ranked("topic", own)
        newest, regional_newest = Selection(self.catalogue, own)[:TIMELINE_ROWS], Selection(self.catalogue, regional)
        context = self.get_context_data(
            country=country,
            groups=country.groups.exclude(kind=GroupKind.WORLD),
            own=newest[:ROWS],
            own_count=len(own),
            topics=sorted(topics, key=lambda pair: (-pair[1], pair[0].position)),
            regional=regional_newest[:ROWS],
            regional_count=len(regional),
            timeline=timeline(newest),
            timeline_measures=newest,
            alike=self.types_of_countries_like(country, own),
            list_url=reverse("practices:measure_list", query={"country": country.code}),
            embed=country_embed(country),
            picture=f"{settings.SITE_URL}{reverse('machines:country_picture', args=[country.code])}",
        )
        return self.render_to_response(context)

    def types_of_countries_like(self, country, own):
        """The types of measure that countries of the same region and income group took, and this one has no record of.

        Pairs of type and how many such countries took it, most first; ``own`` are the rows of its measures.
        """
        if not country.income_group:
            return []
        like = [
            place
            for place, other in enumerate(self.catalogue.records["country"])
            if (other.itu_region, other.income_group) == (country.itu_region, country.income_group)
            and other.pk != country.pk
        ]
        taken = self.catalogue.spread("type", "country", like)
        taken[self.catalogue.counts("type", own) > 0] = 0
        most_first = np.argsort(-taken, kind="stable")[:MOST_ALIKE]
        return [(self.catalogue.records["type"][place], int(taken[place])) for place in most_first if taken[place]]


class GroupView(PublicPage, TemplateView):
    """A group of countries: its members with what is recorded for each, and the measures of the group as a whole."""

    template_name = "countries/group_detail.html"

    def get(self, request, *args, code, **kwargs):
        if code != code.lower():
            return HttpResponsePermanentRedirect(reverse("countries:group_detail", args=[code.lower()]))
        group = Group.objects.filter(code=code).first()
        if group is None:
            raise Http404(_("There is no group of countries “%(code)s”.") % {"code": code})
        counts = self.catalogue.counts_by_id("country")
        measures = Selection(self.catalogue, self.catalogue.rows_with("area", group.code))
        members = [(country, counts[country.pk]) for country in group.members.all()]
        context = self.get_context_data(
            group=group,
            members=sorted(members, key=lambda pair: folded(pair[0].name)),
            recorded_count=sum(1 for _country, count in members if count),
            measures=measures[:ROWS],
            measure_count=len(measures),
            list_url=reverse("practices:measure_list", query={"group": group.code}),
        )
        return self.render_to_response(context)
