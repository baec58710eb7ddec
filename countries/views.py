"""The pages of countries and of groups of countries. They read the catalogue like any other page."""

import unicodedata
from collections import Counter
from itertools import groupby

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from countries.choices import GroupKind, IncomeGroup
from countries.models import Country, Group
from practices import coverage
from practices.catalogue import Selection, clauses
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
        counts = self.catalogue.counts("country")
        key = self.GROUPINGS[by][1]
        countries = [country for country in self.catalogue.records["country"].all if _is_called(country, text)]
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


def country_at(catalogue, code):
    """Return the country whose address has ``code``; Http404 that says what a code is."""
    countries = catalogue.records["country"]
    country = countries.by_code.get(code.lower())
    if country is None:
        raise Http404(
            _("There is no country “%(code)s”. A country's address has its three-letter ISO code.") % {"code": code}
        )
    if not Country.regulator.is_cached(country):
        prefetch_related_objects(countries.all, "regulator", "administered_by")
    return country


def queries_of(catalogue, country):
    """Return the queries for the country's own measures, and for those of whole regions that it belongs to."""
    own = clauses.any_of("country", [country.pk])
    groups = catalogue.records.members.get(country.pk, ())
    return own, clauses.without(clauses.any_of("area", groups), own)


class CountryView(PublicPage, TemplateView):
    """What is recorded for a country, what covers it from its regions, and what countries like it did."""

    template_name = "countries/country_detail.html"

    def get(self, request, *args, code, **kwargs):
        if code != code.lower():
            return HttpResponsePermanentRedirect(reverse("countries:country_detail", args=[code.lower()]))
        country = country_at(self.catalogue, code)
        own, regional = queries_of(self.catalogue, country)
        # A measure has one crisis and one topic, so that these add up to all counts that the page shows.
        counts = self.catalogue.crossed("crisis", "topic", own)
        newest = self.catalogue.measures_at(self.catalogue.addresses(own, "-announced", 0, TIMELINE_ROWS))
        regional_newest = Selection(self.catalogue, regional)
        context = self.get_context_data(
            country=country,
            groups=self.groups_of(country),
            own=newest[:ROWS],
            own_count=sum(map(Counter.total, counts.values())),
            topics=self.topics_in(counts),
            regional=regional_newest[:ROWS],
            regional_count=len(regional_newest),
            timeline=timeline(newest),
            timeline_measures=newest,
            coverage=coverage.of_country(self.catalogue, country, counts),
            alike=self.types_of_countries_like(country),
            list_url=reverse("practices:measure_list", query={"country": country.code}),
            embed=country_embed(country),
            picture=f"{settings.SITE_URL}{reverse('machines:country_picture', args=[country.code])}",
        )
        return self.render_to_response(context)

    def groups_of(self, country):
        """Return the groups that a country is a member of, by name, without that of all countries."""
        records, ids = self.catalogue.records["area"], self.catalogue.records.members.get(country.pk, ())
        groups = [records.by_id[pk] for pk in ids if pk in records.by_id]
        return sorted((group for group in groups if group.kind != GroupKind.WORLD), key=str)

    def topics_in(self, counts):
        """Return pairs of a topic and how many measures it has, most first, from what ``counts`` has by crisis."""
        total, by_id = sum(counts.values(), Counter()), self.catalogue.records["topic"].by_id
        pairs = [(by_id[pk], count) for pk, count in total.items()]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0].position))

    def types_of_countries_like(self, country):
        """Return the types of measure that countries of the same region and income group took, and this one did not.

        Pairs of type and how many such countries took it, most first.
        """
        if not country.income_group:
            return []
        alike = {
            other.pk
            for other in self.catalogue.records["country"].all
            if (other.itu_region, other.income_group) == (country.itu_region, country.income_group)
        }
        by_type = self.catalogue.crossed("type", "country")
        taken = [
            (kind, count)
            for kind in self.catalogue.records["type"].all
            if kind.pk in by_type and country.pk not in by_type[kind.pk]
            if (count := len(alike & by_type[kind.pk].keys()))
        ]
        return sorted(taken, key=lambda pair: -pair[1])[:MOST_ALIKE]


class GroupView(PublicPage, TemplateView):
    """A group of countries: its members with what is recorded for each, and the measures of the group as a whole."""

    template_name = "countries/group_detail.html"

    def get(self, request, *args, code, **kwargs):
        if code != code.lower():
            return HttpResponsePermanentRedirect(reverse("countries:group_detail", args=[code.lower()]))
        group = Group.objects.filter(code=code).first()
        if group is None:
            raise Http404(_("There is no group of countries “%(code)s”.") % {"code": code})
        counts = self.catalogue.counts("country")
        measures = Selection(self.catalogue, clauses.any_of("area", [group.pk]))
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
