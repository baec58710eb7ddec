"""What a query string means. Every face of the catalogue reads its parameters here and nowhere else."""

import copy
import difflib
from functools import cache, cached_property
from urllib.parse import urlencode

import numpy as np
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_filters import filters
from django_filters.filterset import FilterSet

from countries.choices import IncomeGroup, ItuRegion
from countries.models import Group
from practices.catalogue import NOTHING, Selection
from practices.catalogue.snapshot import code_of
from practices.choices import Evidence, LegalNature, OrganizationKind, State
from practices.languages import language_name
from practices.models import Citation, Measure, Organization
from practices.parameters import CodesField, LanguagesField, ValuesField, YearsField, shortened
from practices.partial_dates import PartialDateFormField, surely_by, surely_from
from practices.search import MAXIMUM_LENGTH, search, validate


class Condition(filters.Filter):
    """A parameter whose cleaned value becomes a condition on measures (a ``Q``, never a join).

    Conditions that go through a table of several rows a measure are subqueries, so that rows are
    neither repeated nor lost when parameters meet.
    """

    def __init__(self, condition, field_class, **kwargs):
        super().__init__(required=False, **kwargs)
        self.condition, self.field_class = condition, field_class

    def filter(self, queryset, value):
        return queryset.filter(self.condition(value)) if value else queryset


def _values(condition, choices, label):
    return Condition(condition, ValuesField, choices=choices, label=label)


def _codes(condition, column, label, *, example, **kwargs):
    """A parameter valued by codes of a column of the catalogue."""
    return Condition(condition, CodesField, column=column, example=example, label=label, **kwargs)


def _is_public(name):
    """A test of whether the public may know of a record of column ``name``."""
    return lambda catalogue, place: catalogue.public(name)[place]


def _is_known_organization(catalogue, place):
    """Whether a public measure names the organization, or the page of the country whose regulator it is."""
    return catalogue.public("organization")[place] or catalogue.records["organization"][place].regulator_of_id


def _linked(through, **condition):
    """The measures that a row of ``through`` links to what ``condition`` says."""
    measure = "content_object_id" if through is TAGGED else "measure_id"
    return Q(pk__in=through.objects.filter(**condition).values(measure))


COUNTRIES = Measure.countries.through
AREAS = Measure.areas.through
ORGANIZATIONS = Measure.organizations.through
BENEFICIARIES = Measure.beneficiaries.through
TAGGED = Measure.tags.through


def in_groups(group):
    """Condition: measures of a member of the groups that ``group`` (a ``Q``) selects, or of such an area itself."""
    groups = Group.objects.filter(group)
    return _linked(COUNTRIES, country__groups__in=groups) | _linked(AREAS, group__in=groups)


def _in_years(years):
    condition = Q()
    for year in years:
        condition |= Q(announced_on__range=(year * 10000, year * 10000 + 9999))
    return condition


def _is_verified(values):
    return Q() if len(set(values)) == 2 else Q(verified_on__isnull="no" in values)


class MeasureFilterForm(forms.Form):
    """What parameters say together."""

    PASSED = "page"  # read by the pages themselves

    def __getitem__(self, name):
        """The field ``name`` as a page shows it. A form that kept it would refer to itself, and stay in memory with the
        catalogue that it looks in."""
        return self.fields[name].get_bound_field(self, name)

    def _clean_fields(self):
        """Clean what is given. What is not has its empty value without being asked, as most parameters do."""
        self.cleaned_data = self.base_fields.empty_values()
        for name in [name for name in self.fields if name in self.data]:
            field = self.fields[name]
            try:
                self.cleaned_data[name] = field.clean(self._widget_data_value(field.widget, name))
            except ValidationError as error:
                self.add_error(name, error)

    def clean(self):
        cleaned = super().clean()
        start, end = cleaned.get("announced_from"), cleaned.get("announced_to")
        if start and end and end.last_day < start.first_day:
            self.add_error(
                "announced_to",
                _("“%(end)s” is before “%(start)s”. Right would be an end that is not before the start.")
                % {"end": end.isoformat(), "start": start.isoformat()},
            )
        # Others add parameters of their own to addresses, which pass; a slip of the pen must not show everything.
        known = [*self.fields, self.PASSED]
        for name in [name for name in self.data if name not in known]:
            near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.75)
            if near:
                self.add_error(
                    None,
                    _("“%(name)s” is not a filter. Right would be, perhaps, “%(near)s”.")
                    % {"name": shortened(name), "near": near[0]},
                )
        return cleaned


class MeasureFilter(FilterSet):
    """The list parameters of DESIGN's addresses: any of a parameter's values, all of the parameters.

    A filter set with a value that is not valid selects nothing; ``errors`` says what is wrong.
    """

    q = Condition(None, forms.CharField, max_length=MAXIMUM_LENGTH, validators=[validate], label=_("Words"))
    country = _codes(
        lambda v: _linked(COUNTRIES, country__in=v), "country", _("Country"), example="ken", fold=str.lower
    )
    region = _values(lambda v: _linked(COUNTRIES, country__itu_region__in=v), ItuRegion.choices, _("ITU region"))
    income = _values(lambda v: _linked(COUNTRIES, country__income_group__in=v), IncomeGroup.choices, _("Income group"))
    group = _codes(
        lambda v: in_groups(Q(pk__in=[group.pk for group in v])), "group", _("Group of countries"), example="ldc"
    )
    topic = _codes(lambda v: Q(measure_type__topic__in=v), "topic", _("Topic"), example="spectrum")
    type = _codes(lambda v: Q(measure_type__in=v), "type", _("Measure type"), example="zero-rating")
    crisis = _codes(lambda v: Q(crisis__in=v), "crisis", _("Crisis"), example="covid-19")
    actor = _values(
        lambda v: _linked(ORGANIZATIONS, organization__kind__in=v), OrganizationKind.choices, _("Kind of organization")
    )
    organization = _codes(
        lambda v: _linked(ORGANIZATIONS, organization__in=v),
        "organization",
        _("Organization"),
        example="us-fcc",
        only_public=_is_known_organization,
    )
    legal = _values(lambda v: Q(legal_nature__in=v), LegalNature.choices, _("Legal nature"))
    beneficiary = _codes(
        lambda v: _linked(BENEFICIARIES, beneficiary__in=v), "beneficiary", _("Beneficiaries"), example="households"
    )
    year = Condition(_in_years, YearsField, label=_("Year announced"))
    announced_from = Condition(
        lambda v: surely_from("announced_on", v.first_day), PartialDateFormField, label=_("Announced from")
    )
    announced_to = Condition(
        lambda v: surely_by("announced_on", v.last_day), PartialDateFormField, label=_("Announced until")
    )
    state = _values(lambda v: Q(state__in=v), State.choices, _("State today"))
    evidence = _values(lambda v: Q(evidence__in=v), Evidence.choices, _("Evidence"))
    verified = _values(
        _is_verified,
        [("yes", pgettext_lazy("verified", "Verified")), ("no", pgettext_lazy("verified", "Not yet verified"))],
        _("Verified by an editor"),
    )
    source_language = Condition(
        lambda v: _linked(Citation, source__language__in=v), LanguagesField, label=_("Language of a source")
    )
    tag = _codes(
        lambda v: _linked(TAGGED, tag__in=v), "tag", _("Tag"), example="schools", only_public=_is_public("tag")
    )
    sort = filters.ChoiceFilter(
        label=_("Sort by"),
        choices=[
            ("relevance", _("Relevance")),
            ("-announced", _("Newest first")),
            ("announced", _("Oldest first")),
            ("-updated", _("Last updated first")),
            ("updated", _("Last updated last")),
        ],
        error_messages={
            "invalid_choice": _(
                "“%(value)s” is not an order. Right would be: relevance, -announced, announced, -updated, updated."
            )
        },
    )

    class Meta:
        model = Measure
        fields = ()
        form = MeasureFilterForm

    def __init__(self, data, catalogue):
        # Not the base class's, which copies every filter for every request: ours are read and never changed.
        self.is_bound, self.data, self.form_prefix = True, data, None
        self.filters, self.catalogue = self.base_filters, catalogue
        self._masks, self._rows, self._chosen = {}, {}, {}

    def get_form_class(self):
        return _form_class()

    @property
    def reasons(self):
        """What is wrong with the values, in sentences; none where all are valid."""
        return [str(error) for errors in self.form.errors.values() for error in errors]

    @cached_property
    def form(self):
        form = super().form
        for name in form.base_fields.own:
            form.fields[name].catalogue = self.catalogue
        return form

    @property
    def qs(self):
        """The selected measures as the database finds them: what ``rows`` has to agree with. In no order."""
        queryset = Measure.objects.published().with_state().with_evidence().order_by()
        if not self.is_valid():
            return queryset.none()
        for name, value in self.form.cleaned_data.items():
            if name == "q" and value:
                queryset = queryset.filter(pk__in=self.catalogue.ids[self.found.rows].tolist())
            elif name != "sort":
                queryset = self.filters[name].filter(queryset, value)
        return queryset

    def rows(self, *without):
        """The rows of the catalogue that the parameters select, ascending; None for all of them.

        The parameters ``without`` are left out of account, and so are values that are not valid.
        """
        names = tuple(name for name in self.selecting if name not in without)
        return self._rows_with(names) if names else None

    def _rows_with(self, names):
        """The rows that the parameters ``names``, a tuple, select together."""
        if names not in self._rows:
            if len(names) == 1:
                rows = self._read_rows(*names)
            else:  # from the fewest on: the others are asked of no more than those
                first, *others = sorted(names, key=lambda name: len(self._rows_with((name,))))
                rows = self._all_of(others, self._rows_with((first,)))
            self._rows[names] = rows
        return self._rows[names]

    def among(self, rows, *without):
        """Those of ``rows`` that the parameters select, but for the parameters ``without``."""
        return self._all_of([name for name in self.selecting if name not in without], rows)

    def _all_of(self, names, rows):
        """Those of ``rows`` that the parameters ``names`` select."""
        for name in names:
            rows = rows.compress(self._mask(name).take(rows))
        return rows

    @cached_property
    def selecting(self):
        """The names of the parameters that select measures, which have a value that is valid."""
        self.is_valid()  # reads the parameters
        return [name for name, value in self.form.cleaned_data.items() if value and name != "sort"]

    def count(self, *, without=None):
        """How many measures the parameters select, without one of them if that is named."""
        rows = self.rows(without)
        return len(self.catalogue) if rows is None else len(rows)

    def _read_rows(self, name):
        """The rows that one parameter selects."""
        if name == "q":
            return self.found.rows
        if name in ("announced_from", "announced_to"):
            return np.flatnonzero(self._mask(name)).astype(np.int32)
        return self.catalogue.rows_with(name, *(code for code, _label in self.chosen(name)))

    def _mask(self, name):
        """Which measures one parameter selects."""
        if name not in self._masks:
            self._masks[name] = self._make_mask(name, self.form.cleaned_data[name])
        return self._masks[name]

    def _make_mask(self, name, value):
        if name == "announced_from":
            return self.catalogue.announced_from(value.first_day)
        if name == "announced_to":
            return self.catalogue.announced_by(value.last_day)
        if name == "q":
            mask = np.zeros(len(self.catalogue), bool)
            mask[self.found.rows] = True
            return mask
        return self.catalogue.mask(name, [code for code, _label in self.chosen(name)])

    @cached_property
    def found(self):
        """What the words found."""
        return search(self.form.cleaned_data["q"], self.catalogue)

    @property
    def default_order(self):
        """The order where none is chosen: relevance for words, newest first without."""
        return "relevance" if self.form.cleaned_data["q"] else "-announced"

    @property
    def orders(self):
        """What a list can be sorted by: (value, label, whether in force). The default has the empty value."""
        labels = dict(self.filters["sort"].extra["choices"])
        default = self.default_order
        if default != "relevance":
            del labels["relevance"]
        values = [default, *(value for value in labels if value != default)]
        return [("" if value == default else value, labels[value], value == self.order) for value in values]

    @property
    def order(self):
        """The value of ``sort`` in force. Without words there is no relevance to sort by."""
        sort = self.form.cleaned_data["sort"]
        return self.default_order if sort in ("", "relevance") else sort

    def chosen(self, name):
        """What the parameter ``name`` was given: pairs of value and label, for chips and facets.

        A value that is not valid is its own label.
        """
        if name not in self._chosen:
            self._chosen[name] = self._read_chosen(name)
        return self._chosen[name]

    def _read_chosen(self, name):
        if name not in self.data:
            return []
        given = self.form.fields[name].widget.value_from_datadict(self.form.data, None, name)
        if given in (None, "", []):
            return []
        if name in self.form.errors:
            return [(value, value) for value in (given if isinstance(given, list) else [given])]
        field, cleaned = self.form.fields[name], self.form.cleaned_data[name]
        if isinstance(field, CodesField):
            return [(code_of(name, record), str(record)) for record in cleaned]
        values = cleaned if isinstance(cleaned, list) else [cleaned]
        return [(getattr(value, "isoformat", value.__str__)(), self.label_of(name, value)) for value in values]

    def label_of(self, name, value):
        """What a value of a parameter of a closed set is called; for another parameter, the value in words."""
        if name == "source_language":
            return language_name(value)
        return str(dict(getattr(self.form.fields[name], "choices", ())).get(value, value))

    @cached_property
    def chips(self):
        """What is chosen, for removable chips: (parameter, its label, value, the value's label)."""
        return [
            (name, self.filters[name].label, value, label)
            for name in self.filters
            if name != "sort"
            for value, label in self.chosen(name)
        ]

    @cached_property
    def query(self):
        """``address`` as it is: a list page has it in several places."""
        return self.address()

    def address(self, page=None, *, without=None, words=None, instead=None):
        """The query string that says what is chosen and nothing else, for a ``page`` of the list.

        The parameter ``without`` is left out of it; ``words`` stand in place of those that were searched; ``instead``,
        a parameter and a value, of what that parameter has.
        """
        replaced = {without, "q" if words is not None else None, instead[0] if instead else None}
        parameters = [("q", words)] if words else []
        parameters += [(name, value) for name, _label, value, _value_label in self.chips if name not in replaced]
        if instead:
            parameters.append(instead)
        if sort := self.form.cleaned_data.get("sort"):
            parameters.append(("sort", sort))
        if page and page.number > 1:
            parameters.append(("page", page.number))
        return f"?{urlencode(parameters)}" if parameters else ""

    def in_order(self):
        """The selected measures as ``sort`` asks for them, a ``Selection``; none where a value is not valid."""
        if not self.is_valid():
            return Selection(self.catalogue, NOTHING)
        if self.order == "relevance":
            return Selection(self.catalogue, self.rows(), found=self.found)
        return Selection(self.catalogue, self.rows(), self.order)


@cache
def _form_class():
    """The form of ``MeasureFilter``: made once, since making a class takes longer than reading a query string."""
    fields = {name: filter_.field for name, filter_ in copy.deepcopy(MeasureFilter.base_filters).items()}
    form_class = type("MeasureFilterForm", (MeasureFilterForm,), fields)
    form_class.base_fields = SharedFields(form_class.base_fields)
    return form_class


class SharedFields(dict):
    """Fields that all forms have in common, since nothing changes them: copying them takes longer than reading a query
    string. Only those that look in a catalogue are copied, for each form has its own."""

    def __deepcopy__(self, memo):
        return {**self, **{name: copy.copy(self[name]) for name in self.own}}

    @cached_property
    def own(self):
        """The names of those that each form has its own of."""
        return [name for name, field in self.items() if hasattr(field, "catalogue")]

    @cached_property
    def _empty(self):
        return {name: field.clean(None) for name, field in self.items()}

    def empty_values(self):
        """What each field cleans to where it is given nothing."""
        return dict(self._empty)


class OrganizationFilter(FilterSet):
    """What the query string of the list of organizations means."""

    q = Condition(
        lambda text: Q(name__icontains=text) | Q(acronym__icontains=text),
        forms.CharField,
        max_length=MAXIMUM_LENGTH,
        label=_("Name or acronym"),
    )
    kind = _values(lambda v: Q(kind__in=v), OrganizationKind.choices, _("Kind of organization"))

    class Meta:
        model = Organization
        fields = ()

    @property
    def qs(self):
        return super().qs if self.is_valid() else self.queryset.none()
