"""The pages of countries and of groups of countries. They read the catalogue like any other page."""

import unicodedata
from collections import Counter
from itertools import groupby

from django.db.models import Count, Q
from django.http import Http404, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from countries.choices import GroupKind, IncomeGroup
from countries.models import Country, Group
from practices import catalogue
from practices.models import Measure, MeasureType
from practices.timeline import timeline
from reg4covid.pages import PublicPage

ROWS = 20
TIMELINE_ROWS = 40


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
        counts = catalogue.counts_by("countries")
        key = self.GROUPINGS[by][1]
        countries = [country for country in Country.objects.all() if _is_called(country, text)]
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


class CountryView(PublicPage, TemplateView):
    """What is recorded for a country, what covers it from its regions, and what countries like it did."""

    template_name = "countries/country_detail.html"

    def get(self, request, *args, code, **kwargs):
        if code != code.lower():
            return HttpResponsePermanentRedirect(reverse("countries:country_detail", args=[code.lower()]))
        country = Country.objects.select_related("regulator", "administered_by").filter(iso3=code.upper()).first()
        if country is None:
            raise Http404(
                _("There is no country “%(code)s”. A country's address has its three-letter ISO code.") % {"code": code}
            )
        own, regional = self.measures_of(country)
        topics = Counter(measure.measure_type.topic for measure in own)
        groups = country.groups.exclude(kind=GroupKind.WORLD)
        shown = own[:TIMELINE_ROWS]
        context = self.get_context_data(
            country=country,
            groups=groups,
            own=own,
            own_shown=own[:ROWS],
            topics=sorted(topics.items(), key=lambda pair: (-pair[1], pair[0].position)),
            regional=regional,
            timeline=timeline(shown),
            timeline_measures=shown,
            alike=self.types_of_countries_like(country, {measure.measure_type_id for measure in own}),
            list_url=reverse("practices:measure_list", query={"country": country.code}),
        )
        return self.render_to_response(context)

    def measures_of(self, country):
        """Two lists: the country's own measures, and those of whole regions that it belongs to."""
        linked = Measure.countries.through.objects.filter(country=country).values("measure_id")
        covering = Measure.areas.through.objects.filter(group__members=country).values("measure_id")
        measures = Measure.objects.for_listing().filter(Q(pk__in=linked) | Q(pk__in=covering))
        own, regional = [], []
        for measure in measures:
            (own if country in measure.countries.all() else regional).append(measure)
        return own, regional

    def types_of_countries_like(self, country, recorded):
        """The types of measure that countries of the same region and income group took, and this one has no record of.

        Pairs of type and how many such countries took it, most first; ``recorded`` are the ids of its own types.
        """
        if not country.income_group:
            return []
        like = Country.objects.filter(itu_region=country.itu_region, income_group=country.income_group).exclude(
            pk=country.pk
        )
        return list(
            MeasureType.objects.exclude(pk__in=recorded)
            .filter(measures__in=Measure.objects.published(), measures__countries__in=like)
            .annotate(country_count=Count("measures__countries", distinct=True, filter=Q(measures__countries__in=like)))
            .select_related("topic")
            .order_by("-country_count", "topic__position", "position", "code")[:8]
        )


class GroupView(PublicPage, TemplateView):
    """A group of countries: its members with what is recorded for each, and the measures of the group as a whole."""

    template_name = "countries/group_detail.html"

    def get(self, request, *args, code, **kwargs):
        if code != code.lower():
            return HttpResponsePermanentRedirect(reverse("countries:group_detail", args=[code.lower()]))
        group = Group.objects.filter(code=code).first()
        if group is None:
            raise Http404(_("There is no group of countries “%(code)s”.") % {"code": code})
        counts = catalogue.counts_by("countries")
        members = [(country, counts[country.pk]) for country in group.members.all()]
        context = self.get_context_data(
            group=group,
            members=sorted(members, key=lambda pair: folded(pair[0].name)),
            recorded_count=sum(1 for _country, count in members if count),
            measures=Measure.objects.for_listing().filter(areas=group),
            list_url=reverse("practices:measure_list", query={"group": group.code}),
        )
        return self.render_to_response(context)
