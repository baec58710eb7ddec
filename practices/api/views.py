"""The endpoints of the API."""

from itertools import product

from django.db.models import Prefetch, Q
from django.http import Http404, HttpResponsePermanentRedirect, QueryDict
from django.urls import reverse
from rest_framework.response import Response
from rest_framework.views import APIView
from tantivy import Query

from countries.models import Country, Group
from practices.api import serializers
from practices.api.paging import Numbers, RecordIds, answer, page_of, page_of_measures
from practices.api.parameters import (
    LIST,
    ORGANIZATIONS,
    CoverageForm,
    FacetForm,
    MeasureForm,
    MeasureListForm,
    NoParameters,
    PageForm,
    faults_of,
)
from practices.api.problems import InvalidParameters
from practices.api.serializers import moment
from practices.catalogue import Selection, clauses, schema
from practices.catalogue.names import code_of
from practices.choices import CoverageStatus, Status
from practices.facets import FACETS, facet
from practices.filters import MeasureFilter, OrganizationFilter
from practices.models import (
    Beneficiary,
    Citation,
    Coverage,
    Crisis,
    Measure,
    MeasureType,
    Organization,
    Source,
    Tag,
    Topic,
)
from practices.models.slugs import SluggedModel
from practices.serializers import MeasureSerializer, measure_as_data, measures_as_data
from reg4covid.pages import PublicPage

RECORDED, SEARCHED, NOT_SEARCHED = CoverageStatus.RECORDED, CoverageStatus.SEARCHED, CoverageStatus.NOT_SEARCHED
MAX_SECONDS = (1 << schema.ID_BITS) - 1  # that a sort key has room for


class ApiView(PublicPage, APIView):
    """An endpoint. It reads the parameters of ``form_class`` and answers what ``serializer_class`` describes.

    ``summary`` says what, for people, and ``descriptions`` what the parameters mean that other forms read. A query
    string that is not right in every part is refused.
    """

    form_class = NoParameters
    serializer_class = None
    summary = ""
    descriptions = {}

    def forms_for(self, query, catalogue):
        """The forms that read the parameters of ``query``, the endpoint's own last."""
        return [self.form_class(query)]

    def read(self):
        """The cleaned data of the endpoint's own form; ``InvalidParameters`` with all that is wrong in any."""
        query = self.request.GET
        forms = self.forms_for(query, self.catalogue)
        fields = {name: field for form in forms for name, field in form.fields.items()}
        if faults := faults_of(query, fields, forms):
            raise InvalidParameters(faults)
        return forms[-1].cleaned_data


class FilteredView(ApiView):
    """An endpoint that takes the parameters of the list, as ``MeasureFilter`` reads them."""

    descriptions = LIST

    def forms_for(self, query, catalogue):
        # The others would be refused by the list where they look like one of its own.
        own = QueryDict(mutable=True)
        for name in MeasureFilter.base_filters:
            if name in query:
                own.setlist(name, query.getlist(name))
        self.filterset = MeasureFilter(own, catalogue)
        return [self.filterset.form, *super().forms_for(query, catalogue)]


class MeasureListView(FilteredView):
    """The measures that the parameters select, as the list of the site has them.

    `next` and `previous` hold their place while others publish and withdraw: nothing comes twice and nothing is passed
    over. An order by date of change moves what changes meanwhile, and one by relevance may: to copy the catalogue,
    take `sort=updated`, which comes to what changed meanwhile once more, at its end.
    """

    summary = "List measures"
    form_class = MeasureListForm
    serializer_class = serializers.MeasureListSerializer

    def get(self, request):
        chosen = self.read()
        selection, since = self.filterset.in_order(), chosen["changed_since"]
        if since:
            changed = Query.const_score_query(changed_since(since), 0.0)  # which is nothing to be relevant by
            selection = Selection(self.catalogue, clauses.all_of(selection.query, changed), selection.order)
        page = page_of_measures(selection, chosen)
        measures = measures_as_data(self.catalogue, page.entries, self.filterset.day)
        results = [only(chosen["fields"], measure) for measure in measures]
        more = {"changed_at": moment(self.catalogue.changed_at)}
        if since:
            more["withdrawn"] = withdrawn_since(since)
        return answer(request, page, results, **more)


def changed_since(since):
    """Return the query for the measures that were changed at the moment ``since``, to the second, or later."""
    seconds = min(max(int(since.timestamp()), 0), MAX_SECONDS)
    return clauses.number_between(schema.UPDATED, lower=seconds << schema.ID_BITS)


def withdrawn_since(since):
    """Return what was public and was withdrawn at the moment ``since`` or later, the last to be withdrawn first."""
    withdrawn = Measure.objects.filter(
        status=Status.WITHDRAWN, published_at__isnull=False, withdrawn_at__gte=since
    ).order_by("-withdrawn_at", "pk")
    return [
        {"slug": slug, "withdrawn_at": moment(withdrawn_at)}
        for slug, withdrawn_at in withdrawn.values_list("slug", "withdrawn_at")
    ]


def only(names, measure):
    """The fields of ``measure`` that have one of ``names``; all, if there are none."""
    return {name: value for name, value in measure.items() if name in names} if names else measure


class MeasureView(ApiView):
    """One measure. A slug that it had before leads to it."""

    summary = "Get a measure"
    form_class = MeasureForm
    serializer_class = MeasureSerializer

    def get(self, request, slug):
        chosen = self.read()
        pk = Measure.objects.published().filter(slug=slug).values_list("pk", flat=True).first()
        measure = pk and measure_as_data(self.catalogue, pk)
        if measure:
            return Response(only(chosen["fields"], measure))
        renamed = Measure.by_former_slug(slug)
        if renamed is None or renamed.status != Status.PUBLISHED:
            raise Http404(f"There is no public record “{slug}”.")
        return moved("measure", request, slug=renamed.slug)


def moved(name, request, **kwargs):
    """The redirect to the present address of a record."""
    return HttpResponsePermanentRedirect(reverse(f"api:{name}", kwargs=kwargs, query=request.GET))


class RecordsView(ApiView):
    """An endpoint of the records whose codes a ``parameter`` of the list takes.

    ``records`` is a queryset of what is public, with all that ``record_serializer`` asks of each.
    """

    parameter = ""
    records = None
    record_serializer = None

    def as_data(self, records):
        """Return ``records`` as the serializer has them, a list of dicts."""
        context = {"parameter": self.parameter, "counts": self.catalogue.counts(self.parameter)}
        return self.record_serializer(records, many=True, context=context).data


class RecordListView(RecordsView):
    """All of them, on one page."""

    @property
    def serializer_class(self):
        return serializers.listing(self.record_serializer)

    def get(self, request):
        self.read()
        results = self.as_data(self.records.all())
        return Response({"count": len(results), "results": results})


class RecordPageView(RecordsView):
    """A page of them, in the order in which they were recorded."""

    form_class = PageForm

    @property
    def serializer_class(self):
        return serializers.listing(self.record_serializer, serializers.PageSerializer)

    def get(self, request):
        chosen = self.read()
        page = page_of(RecordIds(self.selected()), chosen)
        records = self.records.filter(pk__in=page.entries).order_by("pk")
        return answer(request, page, self.as_data(records))

    def selected(self):
        """Return the queryset of those that the parameters select."""
        return self.records


class OrganizationListView(RecordPageView):
    """The organizations that took part in public measures, and regulators."""

    summary = "List organizations"
    parameter = "organization"
    records = Organization.objects.public().select_related("country", "regulator_of")
    record_serializer = serializers.OrganizationSerializer
    descriptions = ORGANIZATIONS

    def forms_for(self, query, catalogue):
        self.filterset = OrganizationFilter(query, self.records)
        return [self.filterset.form, *super().forms_for(query, catalogue)]

    def selected(self):
        return self.filterset.qs


class SourceListView(RecordPageView):
    """The sources that public measures rest on."""

    summary = "List sources"
    records = Source.objects.public().prefetch_related(
        Prefetch(
            "citations",
            Citation.objects.select_related("measure").only("source", "measure__slug", "measure__status"),
        )
    )
    record_serializer = serializers.SourceSerializer

    def as_data(self, records):
        return self.record_serializer(records, many=True).data


class SourceView(ApiView):
    """A source that a public measure rests on."""

    summary = "Get a source"
    serializer_class = serializers.SourceSerializer

    def get(self, request, id):
        self.read()
        source = SourceListView.records.filter(pk=id).first()
        if source is None:
            raise Http404(f"There is no public source “{id}”.")
        return Response(self.serializer_class(source).data)


class RecordView(RecordsView):
    """One of them, by its code."""

    @property
    def serializer_class(self):
        return self.record_serializer

    def get(self, request, code):
        self.read()
        model = self.records.model
        record = self.records.filter(self.has_code(code)).first()
        if record is not None:
            return Response(self.as_data([record])[0])
        renamed = issubclass(model, SluggedModel) and model.by_former_slug(code)
        if not renamed or not self.records.filter(pk=renamed.pk).exists():
            raise Http404(f"There is no {model._meta.verbose_name} “{code}”.")
        return moved(self.parameter, request, code=getattr(renamed, renamed.SLUG))

    def has_code(self, code):
        """Condition: what addresses write as ``code``."""
        if self.records.model is Country:
            return Q(iso3=code.upper())
        return Q(**{getattr(self.records.model, "SLUG", "code"): code})


class CoverageView(ApiView):
    """How far each country has been covered on each topic in each crisis.

    Nothing recorded may mean that nothing was found or that nobody has searched: `status` tells them apart. What was
    done for a whole region does not count for its countries.
    """

    summary = "List coverage"
    form_class = CoverageForm
    serializer_class = serializers.listing(serializers.CoverageSerializer, serializers.PageSerializer)
    AXES = ("country", "topic", "crisis")

    def forms_for(self, query, catalogue):
        return [self.form_class(query, catalogue)]

    def get(self, request):
        chosen = self.read()
        self.axes = [self.catalogue.records[name].all for name in self.AXES]
        self.positions = [{record.pk: position for position, record in enumerate(records)} for records in self.axes]
        counts, searches = (
            self.measure_counts(chosen["crisis"]),
            Coverage.objects.values_list(*self.AXES, "searched_on"),
        )
        searched = {self.number_of(*pks): day for *pks, day in searches}

        def status_of(number):
            return RECORDED if number in counts else SEARCHED if number in searched else NOT_SEARCHED

        numbers = self.cell_numbers(chosen)
        if statuses := chosen["status"]:
            numbers = [number for number in numbers if status_of(number) in statuses]
        page = page_of(Numbers(numbers), chosen)
        results = [
            {
                **self.codes_at(number),
                "status": status_of(number),
                "measure_count": counts.get(number, 0),
                "searched_on": searched.get(number),
            }
            for number in page.entries
        ]
        return answer(request, page, results)

    # A cell has a number, by which cells are in the order of their countries, topics and crises.

    def number_of(self, *pks):
        """Return the number of the cell of a country, a topic and a crisis, by their ids."""
        country, topic, crisis = (positions[pk] for positions, pk in zip(self.positions, pks, strict=True))
        _countries, topics, crises = self.axes
        return (country * len(topics) + topic) * len(crises) + crisis

    def codes_at(self, number):
        """Return the codes of the country, the topic and the crisis of a cell, by the names of the parameters."""
        countries, topics, crises = self.axes
        rest, crisis = divmod(number, len(crises))
        country, topic = divmod(rest, len(topics))
        records = countries[country], topics[topic], crises[crisis]
        return {name: code_of(name, record) for name, record in zip(self.AXES, records, strict=True)}

    def cell_numbers(self, chosen):
        """Return the numbers of the cells of the chosen countries, topics and crises, ascending."""
        among = [
            [position for position, record in enumerate(records) if not chosen[name] or record in chosen[name]]
            for name, records in zip(self.AXES, self.axes, strict=True)
        ]
        _countries, topics, crises = map(len, self.axes)
        return [(country * topics + topic) * crises + crisis for country, topic, crisis in product(*among)]

    def measure_counts(self, crises):
        """Return how many measures the cells have, by number, without those that have none. Of ``crises``, if any."""
        catalogue, chosen = self.catalogue, {crisis.pk for crisis in crises}
        return {
            self.number_of(country, topic, crisis): count
            for crisis in catalogue.counts("crisis")
            if crisis in chosen or not chosen
            for country, topics in catalogue.crossed("country", "topic", clauses.any_of("crisis", [crisis])).items()
            for topic, count in topics.items()
        }


class FacetsView(FilteredView):
    """For each value of a parameter, how many measures there would be if it alone were chosen in that parameter.

    A facet counts with its own parameter left out of account. Values that no measure has are left out, but for those
    of closed sets.
    """

    summary = "Count measures"
    form_class = FacetForm
    serializer_class = serializers.FacetsSerializer

    def get(self, request):
        names = self.read()["facet"] or FACETS
        found = [facet(self.filterset, name, whole=True) for name in names]
        counted = {"count": len(self.filterset.in_order()), "facets": found}
        return Response(self.serializer_class(counted).data)


# The records whose codes parameters take: how an address names them, by parameter, and what is known of each.
RECORDS = {
    "country": (
        "countries",
        Country.objects.select_related("regulator").prefetch_related("groups"),
        serializers.CountrySerializer,
    ),
    "group": ("groups", Group.objects.prefetch_related("members"), serializers.GroupSerializer),
    "topic": ("topics", Topic.objects.prefetch_related("measure_types"), serializers.TopicSerializer),
    "type": ("types", MeasureType.objects.select_related("topic"), serializers.MeasureTypeSerializer),
    "crisis": ("crises", Crisis.objects.all(), serializers.CrisisSerializer),
    "beneficiary": ("beneficiaries", Beneficiary.objects.all(), serializers.CodeSerializer),
    "tag": ("tags", Tag.objects.public(), serializers.TagSerializer),
    "organization": ("organizations", OrganizationListView.records, serializers.OrganizationSerializer),
}
PAGED = {"tag": RecordPageView, "organization": OrganizationListView}  # the others are few
