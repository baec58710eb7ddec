"""The public pages of the catalogue."""

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import BooleanField, Case, F, Prefetch, Q, When, Window
from django.db.models.functions import Lower, RowNumber
from django.http import Http404, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import DetailView, TemplateView

from countries.models import Country
from practices import catalogue, maps
from practices.choices import (
    EVIDENCE_DEFINITIONS,
    LEGAL_NATURE_DEFINITIONS,
    STATE_DEFINITIONS,
    Action,
    Evidence,
    LegalNature,
    OrganizationKind,
    State,
)
from practices.citing import bibtex, citation_text
from practices.facets import FACETS, facet, facets
from practices.filters import MeasureFilter, OrganizationFilter
from practices.models import Beneficiary, Citation, Crisis, Measure, MeasureType, Organization, Source, Tag, Topic
from reg4covid.pages import PublicPage

ROWS_PER_PAGE = 20
ORGANIZATIONS_PER_PAGE = 60
EXAMPLES = 5
MOST_OFFERS = 5
MOST_USED_TAGS = 32
PUBLIC_ACTIONS = (Action.PUBLISHED, Action.CORRECTED, Action.VERIFIED, Action.WITHDRAWN, Action.RESTORED)


class HomeView(PublicPage, TemplateView):
    template_name = "practices/home.html"

    def get_context_data(self, **kwargs):
        topic_counts = catalogue.counts_by("measure_type__topic")
        crisis_counts = catalogue.counts_by("crisis")
        return super().get_context_data(
            reach=catalogue.reach(),
            map=maps.world(catalogue.counts_by("countries")),
            topics=[(topic, topic_counts[topic.pk]) for topic in Topic.objects.all()],
            latest=Measure.objects.for_listing()[:6],
            crises=_most_first(Crisis.objects.filter(pk__in=crisis_counts), crisis_counts)[:8],
            crisis_total=len(crisis_counts),
            **kwargs,
        )


class MeasureListView(PublicPage, TemplateView):
    """The filtered list. A value that is not valid selects nothing and is answered 400, with its reason."""

    template_name = "practices/measure_list.html"

    def get(self, request, *args, **kwargs):
        filterset = MeasureFilter(request.GET, Measure.objects.for_listing())
        valid = filterset.is_valid()
        page = page_of(filterset.in_order(), request.GET.get("page")) if valid else None
        context = self.get_context_data(
            filterset=filterset,
            page=page,
            facets=facets(filterset),
            chips=filterset.chips(),
            organizations=filterset.chosen("organization"),
            canonical=f"{settings.SITE_URL}{request.path}{filterset.address(page)}",
            offers=self.offers(filterset) if valid and not page.paginator.count else [],
        )
        return self.render_to_response(context, status=200 if valid else 400)

    def offers(self, filterset):
        """For an empty list: what to leave out, the address without it, and how many measures it has; most first."""
        chosen = {}
        for name, _label, _value, value_label in filterset.chips():
            chosen.setdefault(name, []).append(value_label)
        offers = [
            (", ".join(labels), filterset.address(without=name) or "?", filterset.without(name).count())
            for name, labels in list(chosen.items())[:MOST_OFFERS]
        ]
        return sorted((offer for offer in offers if offer[2]), key=lambda offer: -offer[2])


class FacetView(PublicPage, TemplateView):
    """All values of one facet, to choose from: what a long facet of the list leaves out."""

    template_name = "practices/facet.html"

    def get(self, request, *args, name, **kwargs):
        if name not in FACETS:
            raise Http404(_("There is no filter “%(name)s”.") % {"name": name})
        filterset = MeasureFilter(request.GET, Measure.objects.published())
        valid = filterset.is_valid()
        context = self.get_context_data(filterset=filterset, facet=facet(filterset, name), chips=filterset.chips())
        return self.render_to_response(context, status=200 if valid else 400)


def page_of(queryset, number, per_page=ROWS_PER_PAGE):
    """The page of ``queryset`` that an address asks for; Http404 that says which pages there are."""
    paginator = Paginator(queryset, per_page)
    number = number or "1"
    if not (number.isascii() and number.isdigit() and len(number) < 10 and 1 <= int(number) <= paginator.num_pages):
        raise Http404(
            _("There is no page “%(number)s”. The pages of this list run from 1 to %(last)s.")
            % {"number": number[:40], "last": paginator.num_pages}
        )
    page = paginator.page(int(number))
    page.around = list(paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))
    return page


class RecordView(PublicPage, DetailView):
    """The page of one record that carries a slug. A slug it once had redirects to the present one.

    ``missing`` is what a reader is told who asks for one that is not there, or not public.
    """

    missing = ""

    def get_object(self, queryset=None):
        slug = self.kwargs["slug"]
        record = (queryset or self.get_queryset()).filter(**{self.model.SLUG: slug}).first()
        if record is None:
            raise Http404(self.missing % {"slug": slug})
        return record

    def get(self, request, *args, **kwargs):
        try:
            return super().get(request, *args, **kwargs)
        except Http404:
            record = self.model.by_former_slug(kwargs["slug"])
            if record is None or not self.get_queryset().filter(pk=record.pk).exists():
                raise
            return HttpResponsePermanentRedirect(record.get_absolute_url())


class MeasureView(RecordView):
    model = Measure
    template_name = "practices/measure_detail.html"
    missing = gettext_lazy("There is no public record “%(slug)s”.")

    def get_queryset(self):
        return Measure.objects.for_listing().prefetch_related(
            "organizations",
            "beneficiaries",
            "tags",
            Prefetch("citations", Citation.objects.select_related("source")),
            "bands__ranges",
        )

    def get_context_data(self, **kwargs):
        like, same_crisis = self.related()
        changes = [change for change in self.object.changes.all() if change.action in PUBLIC_ACTIONS]
        return super().get_context_data(
            like=like,
            same_crisis=same_crisis,
            history=[
                change
                for change in changes
                if change.at >= self.object.published_at or change.action == Action.PUBLISHED
            ],
            citation_text=citation_text(self.object),
            bibtex=bibtex(self.object),
            evidence_definition=EVIDENCE_DEFINITIONS[self.object.evidence],
            state_definition=STATE_DEFINITIONS[self.object.state],
            nominal_bases=self.nominal_bases(),
            like_url=reverse(
                "practices:measure_list",
                query={
                    "type": self.object.measure_type.code,
                    "region": sorted({country.itu_region for country in self.object.countries.all()}),
                    "income": sorted({country.income_group for country in self.object.countries.all()} - {""}),
                },
            ),
            same_crisis_url=reverse(
                "practices:measure_list",
                query={
                    "crisis": self.object.crisis.slug,
                    "country": [country.code for country in self.object.countries.all()],
                },
            ),
            **kwargs,
        )

    def nominal_bases(self):
        """Where the nominal edges of the record's bands come from, each said once."""
        ranges = [edges for band in self.object.bands.all() for edges in band.ranges.all() if edges.nominal]
        return list(dict.fromkeys(f"{edges.band.label}: {edges.basis}" for edges in ranges))

    def related(self):
        """Measures of the same type in like countries, and of the same country in the same crisis.

        Like countries are of the same ITU region and income group. Two lists of at most ``EXAMPLES``.
        """
        measure, countries = self.object, self.object.countries.all()
        if not countries:
            return [], []
        alike = Q()
        for country in countries:
            alike |= Q(itu_region=country.itu_region, income_group=country.income_group)
        linked = Measure.countries.through.objects
        own = Q(pk__in=linked.filter(country__in=countries).values("measure_id"))
        of_alike = Q(pk__in=linked.filter(country__in=Country.objects.filter(alike)).values("measure_id"))
        same = own & Q(crisis=measure.crisis)
        like = of_alike & ~own & Q(measure_type=measure.measure_type)
        newest = F("announced_on").desc(nulls_last=True), "slug"
        related = (
            Measure.objects.published()
            .exclude(pk=measure.pk)
            .filter(same | like)
            .with_state()
            .annotate(is_same=Case(When(same, then=True), default=False, output_field=BooleanField()))
            .annotate(place=Window(RowNumber(), partition_by="is_same", order_by=newest))
            .filter(place__lte=EXAMPLES)
            .select_related("measure_type")
            .prefetch_related("countries")
            .order_by("place")
        )
        return [other for other in related if not other.is_same], [other for other in related if other.is_same]


class TopicListView(PublicPage, TemplateView):
    template_name = "practices/topic_list.html"

    def get_context_data(self, **kwargs):
        counts = catalogue.counts_by("measure_type")
        topics = []
        for topic in Topic.objects.prefetch_related("measure_types"):
            kinds = [(kind, counts[kind.pk]) for kind in topic.measure_types.all()]
            topics.append((topic, sum(count for _kind, count in kinds), kinds))
        return super().get_context_data(topics=topics, **kwargs)


class SelectionView(RecordView):
    """The page of a record that measures point at: how many there are, where, and the newest of them."""

    def selection(self):
        """Conditions that select the record's measures."""
        raise NotImplementedError

    def get_context_data(self, **kwargs):
        selection = self.selection()
        counts = catalogue.counts_by("countries", **selection)
        countries = Country.objects.filter(pk__in=counts)
        measures = Measure.objects.for_listing().filter(**selection)
        return super().get_context_data(
            total=measures.count(),
            measures=measures[:ROWS_PER_PAGE],
            countries=_most_first(countries, counts),
            list_url=reverse("practices:measure_list", query={self.parameter: self.kwargs["slug"]}),
            **kwargs,
        )


class TopicView(SelectionView):
    model = Topic
    template_name = "practices/topic_detail.html"
    parameter = "topic"
    missing = gettext_lazy("There is no topic “%(slug)s”.")

    def selection(self):
        return {"measure_type__topic": self.object}

    def get_context_data(self, **kwargs):
        counts = catalogue.counts_by("measure_type")
        kinds = [(kind, counts[kind.pk]) for kind in self.object.measure_types.all()]
        return super().get_context_data(kinds=kinds, **kwargs)


class TypeView(SelectionView):
    model = MeasureType
    queryset = MeasureType.objects.select_related("topic")
    template_name = "practices/type_detail.html"
    context_object_name = "kind"
    parameter = "type"
    missing = gettext_lazy("There is no measure type “%(slug)s”.")

    def selection(self):
        return {"measure_type": self.object}


class CrisisListView(PublicPage, TemplateView):
    template_name = "practices/crisis_list.html"

    def get_context_data(self, **kwargs):
        counts = catalogue.counts_by("crisis")
        return super().get_context_data(
            crises=[(crisis, counts[crisis.pk]) for crisis in Crisis.objects.all()], **kwargs
        )


class CrisisView(SelectionView):
    model = Crisis
    template_name = "practices/crisis_detail.html"
    parameter = "crisis"
    missing = gettext_lazy("There is no crisis “%(slug)s”.")

    def selection(self):
        return {"crisis": self.object}

    def get_context_data(self, **kwargs):
        counts = catalogue.counts_by("measure_type__topic", crisis=self.object)
        return super().get_context_data(topics=_most_first(Topic.objects.filter(pk__in=counts), counts), **kwargs)


class OrganizationListView(PublicPage, TemplateView):
    """The organizations that took part in published measures, by name, narrowed by kind and words."""

    template_name = "practices/organization_list.html"

    def get(self, request, *args, **kwargs):
        acting = Measure.organizations.through.objects.filter(measure__in=Measure.objects.published())
        organizations = Organization.objects.filter(pk__in=acting.values("organization_id")).select_related("country")
        filterset = OrganizationFilter(request.GET, organizations.order_by(Lower("name"), "slug"))
        valid = filterset.is_valid()
        page = page_of(filterset.qs, request.GET.get("page"), ORGANIZATIONS_PER_PAGE) if valid else None
        counts = catalogue.counts_by("organizations", organizations__in=list(page)) if valid else {}
        rows = [(organization, counts[organization.pk]) for organization in page] if valid else []
        context = self.get_context_data(filterset=filterset, page=page, rows=rows, kinds=OrganizationKind.choices)
        return self.render_to_response(context, status=200 if valid else 400)


class OrganizationView(SelectionView):
    model = Organization
    queryset = Organization.objects.public().select_related("country", "regulator_of")
    template_name = "practices/organization_detail.html"
    parameter = "organization"
    missing = gettext_lazy("There is no organization “%(slug)s”.")

    def selection(self):
        return {"organizations": self.object}


class TagListView(PublicPage, TemplateView):
    template_name = "practices/tag_list.html"

    def get_context_data(self, **kwargs):
        counts = catalogue.counts_by("tags")
        tags = [(tag, counts[tag.pk]) for tag in Tag.objects.filter(pk__in=counts)]
        most_used = sorted(tags, key=lambda pair: -pair[1])[:MOST_USED_TAGS]
        return super().get_context_data(tags=tags, most_used=most_used, **kwargs)


class TagView(SelectionView):
    model = Tag
    queryset = Tag.objects.public()
    template_name = "practices/tag_detail.html"
    parameter = "tag"
    missing = gettext_lazy("There is no tag “%(slug)s”.")

    def selection(self):
        return {"tags": self.object}


class SourceView(PublicPage, DetailView):
    """A source with the measures that rest on it. One that no published measure cites is not public."""

    template_name = "practices/source_detail.html"
    queryset = Source.objects.public()
    context_object_name = "source"

    def get_context_data(self, **kwargs):
        return super().get_context_data(measures=Measure.objects.for_listing().filter(sources=self.object), **kwargs)


class AboutView(PublicPage, TemplateView):
    template_name = "practices/about.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            topics=Topic.objects.prefetch_related("measure_types"),
            beneficiaries=Beneficiary.objects.all(),
            legal_natures=[(label, LEGAL_NATURE_DEFINITIONS[value]) for value, label in LegalNature.choices],
            states=[(value, label, STATE_DEFINITIONS[value]) for value, label in State.choices],
            evidences=[(value, label, EVIDENCE_DEFINITIONS[value]) for value, label in Evidence.choices],
            **kwargs,
        )


def _most_first(records, counts):
    """Pairs of record and count, the largest counts first, then by name."""
    pairs = [(record, counts[record.pk]) for record in records]
    return sorted(pairs, key=lambda pair: (-pair[1], str(pair[0])))
