"""The meaning of a query string. Every output of the catalogue reads its parameters here and nowhere else.

Each parameter is declared once: its form field, its clause in the index, what it selects, and an example.
"""

import copy
import difflib
from functools import cache, cached_property
from urllib.parse import urlencode

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_filters import filters
from django_filters.filterset import FilterSet
from tantivy import Query

from countries.choices import IncomeGroup, ItuRegion
from practices.catalogue import Selection, clauses
from practices.catalogue.catalogue import RELEVANCE
from practices.catalogue.names import code_of
from practices.catalogue.query import MAX_CHARACTERS, validate
from practices.catalogue.ranking import search
from practices.choices import Evidence, LegalNature, OrganizationKind, State
from practices.languages import language_name
from practices.models import Measure, Organization
from practices.parameters import CodesField, DayField, LanguagesField, ValuesField, YearsField, shortened
from practices.partial_dates import PartialDateFormField
from practices.querysets import today


class Parameter(filters.Filter):
    """A parameter of the list.

    ``clause`` makes a query of the index from its cleaned value; ``help_text`` says what it selects, for the
    documentation of the API, with an ``example``.
    """

    def __init__(self, field_class, clause, *, label, help_text, example, **kwargs):
        super().__init__(required=False, label=label, help_text=help_text, **kwargs)
        self.field_class, self.clause, self.example = field_class, clause, example

    def __deepcopy__(self, memo):
        """Return a copy that shares the choices and whatever else is declared: a filter set copies all its filters."""
        return copy.copy(self)


def _values(name, choices, label, help_text, example):
    """A parameter with a closed set of values."""
    return Parameter(
        ValuesField,
        lambda values: clauses.any_of(name, values),
        choices=choices,
        label=label,
        help_text=help_text,
        example=example,
    )


def _records(kind, label, help_text, example, **kwargs):
    """A parameter valued by the codes of a kind of records."""
    parameter = Parameter(
        CodesField,
        lambda records: clauses.any_of(kind, [record.pk for record in records]),
        kind=kind,
        label=label,
        help_text=help_text,
        example=example,
        **kwargs,
    )
    parameter.extra["example"] = example  # which the field names where a code is not known
    return parameter


def _is_known_organization(catalogue, organization):
    """Return whether a public measure names the organization, or the page of the country whose regulator it is."""
    return bool(organization.regulator_of_id) or catalogue.is_public("organization", organization.pk)


def _is_known_tag(catalogue, tag):
    return catalogue.is_public("tag", tag.pk)


class MeasureFilterForm(forms.Form):
    """The parameters together: ends before starts, and names that are near misses."""

    PASSED = "page"  # read by the pages themselves

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
    """The list parameters: any of a parameter's values, all of the parameters.

    A filter set with a value that is not valid selects nothing; ``reasons`` says what is wrong.
    """

    q = Parameter(
        forms.CharField,
        None,  # its clause is what the search makes of the words: ``found``
        max_length=MAX_CHARACTERS,
        validators=[validate],
        label=_("Words"),
        help_text="Words to search for, in any of the catalogue's languages. A record has to have all of them; "
        '"quoted words" have to follow one another, and a word with a minus before it is left out.',
        example="zero rating",
    )
    country = _records(
        "country", _("Country"), "Measures of a country, by its ISO 3166-1 alpha-3 code.", "ken", fold=str.lower
    )
    region = _values("region", ItuRegion.choices, _("ITU region"), "Measures of the countries of an ITU region.", "afr")
    income = _values(
        "income",
        IncomeGroup.choices,
        _("Income group"),
        "Measures of the countries of a World Bank income group.",
        "low",
    )
    group = _records(
        "group",
        _("Group of countries"),
        "Measures of the members of a group of countries, and those of the group as a whole.",
        "ldc",
    )
    topic = _records("topic", _("Topic"), "Measures on a topic of the codebook.", "spectrum")
    type = _records("type", _("Measure type"), "Measures of a type of the codebook.", "zero-rating")
    crisis = _records("crisis", _("Crisis"), "Measures taken in a crisis.", "covid-19")
    actor = _values(
        "actor",
        OrganizationKind.choices,
        _("Kind of organization"),
        "Measures that organizations of this kind took part in.",
        "regulator",
    )
    organization = _records(
        "organization",
        _("Organization"),
        "Measures that an organization took part in, by its code.",
        "us-fcc",
        is_allowed=_is_known_organization,
    )
    legal = _values("legal", LegalNature.choices, _("Legal nature"), "Measures of this legal nature.", "mandatory")
    beneficiary = _records(
        "beneficiary", _("Beneficiaries"), "Measures meant for a group of people or bodies.", "students-teachers"
    )
    year = Parameter(
        YearsField,
        lambda years: clauses.any_of("year", years),
        label=_("Year announced"),
        help_text="Measures announced in a year.",
        example=2020,
    )
    announced_from = Parameter(
        PartialDateFormField,
        lambda date: clauses.surely_from("announced", date.first_day),
        label=_("Announced from"),
        help_text="Measures that were certainly announced on this day or later: a year, a month or a day.",
        example="2020-03",
    )
    announced_to = Parameter(
        PartialDateFormField,
        lambda date: clauses.surely_by("announced", date.last_day),
        label=_("Announced until"),
        help_text="Measures that were certainly announced by the end of this year, month or day.",
        example="2020-06-30",
    )
    state = Parameter(
        ValuesField,
        None,  # its clause depends on the day: ``_state_clause``
        choices=State.choices,
        label=_("State"),
        help_text="Measures in this state today, or on the day of `as_of`.",
        example="in-force",
    )
    as_of = Parameter(
        DayField,
        None,  # likewise
        label=_("State on the day"),
        help_text="A day: `state` is that of this day, by the dates that are recorded now. Without `state` it selects "
        "what was certainly in force on the day.",
        example="2020-05-01",
    )
    evidence = _values("evidence", Evidence.choices, _("Evidence"), "Measures that are sourced so well.", "official")
    verified = _values(
        "verified",
        [("yes", pgettext_lazy("verified", "Verified")), ("no", pgettext_lazy("verified", "Not yet verified"))],
        _("Verified by an editor"),
        "Whether an editor has checked the record against its sources.",
        "yes",
    )
    source_language = Parameter(
        LanguagesField,
        lambda codes: clauses.any_of("source_language", codes),
        label=_("Language of a source"),
        help_text="Measures with a source in this language, by its ISO 639 code.",
        example="fr",
    )
    tag = _records("tag", _("Tag"), "Measures that carry a tag, by its code.", "schools", is_allowed=_is_known_tag)
    sort = filters.ChoiceFilter(
        label=_("Sort by"),
        choices=[
            (RELEVANCE, _("Relevance")),
            ("-announced", _("Newest first")),
            ("announced", _("Oldest first")),
            ("-updated", _("Last updated first")),
            ("updated", _("Last updated last")),
        ],
        help_text="The order. Without it, relevance where `q` has words, else the newest announcement first. What has "
        "no date of announcement comes last. Relevance without words is the newest first.",
        error_messages={
            "invalid_choice": _(
                "“%(value)s” is not an order. Right would be: relevance, -announced, announced, -updated, updated."
            )
        },
    )
    sort.example = "-updated"

    class Meta:
        model = Measure
        fields = ()
        form = MeasureFilterForm

    def __init__(self, data, catalogue):
        super().__init__(data, queryset=Measure.objects.none())  # the index answers, and not the database
        self.catalogue = catalogue

    def get_form_class(self):
        return _form_class()

    @cached_property
    def form(self):
        form = super().form
        for field in form.fields.values():
            if isinstance(field, CodesField | LanguagesField):
                field.catalogue = self.catalogue
        return form

    @property
    def reasons(self):
        """What is wrong with the values, in sentences; none where all are valid."""
        return [str(error) for errors in self.form.errors.values() for error in errors]

    # What is selected.

    @cached_property
    def clauses(self) -> dict[str, Query]:
        """The queries of the index that the parameters come to, by their names. A value that is not valid has none."""
        self.is_valid()  # reads the parameters
        given = self.form.cleaned_data
        found = {
            name: parameter.clause(given[name])
            for name, parameter in self.filters.items()
            if given.get(name) and getattr(parameter, "clause", None)
        }
        if given.get("q"):
            found["q"] = self.found.query
        if given.get("state") or given.get("as_of"):
            found["state"] = self._state_clause(given)
        return found

    def _state_clause(self, given):
        states = given.get("state") or [State.IN_FORCE]
        return clauses.one_of(*(clauses.state(state, self.day) for state in states))

    @property
    def day(self):
        """The day whose state of measures is meant: today, or that of ``as_of``."""
        return self.form.cleaned_data.get("as_of") or today()

    def index_query(self, *without) -> Query | None:
        """Return what the parameters select, but for those ``without``; None for all measures.

        Only the words count for the order by relevance.
        """
        selected = {name: clause for name, clause in self.clauses.items() if name not in without}
        words = selected.pop("q", None)
        filters_ = [Query.const_score_query(clause, 0.0) for clause in selected.values()]
        return clauses.all_of(words, *filters_)

    def count(self, *without) -> int:
        """Return how many measures the parameters select, but for those ``without``."""
        query = self.index_query(*without)
        return len(self.catalogue) if query is None else self.catalogue.count(query)

    @cached_property
    def found(self):
        """The result of the search for the words: a ``Found``."""
        return search(self.form.cleaned_data["q"], self.catalogue)

    def in_order(self) -> Selection:
        """Return the selected measures as ``sort`` asks for them; none where a value is not valid."""
        if not self.is_valid():
            return Selection(self.catalogue, clauses.NOTHING)
        return Selection(self.catalogue, self.index_query(), self.order, self.day)

    # The order.

    @property
    def default_order(self):
        """The order where none is chosen: relevance for words, newest first without."""
        return RELEVANCE if self.form.cleaned_data["q"] else "-announced"

    @property
    def orders(self):
        """What a list can be sorted by: (value, label, whether in force). The default has the empty value."""
        labels = dict(self.filters["sort"].extra["choices"])
        default = self.default_order
        if default != RELEVANCE:
            del labels[RELEVANCE]
        values = [default, *(value for value in labels if value != default)]
        return [("" if value == default else value, labels[value], value == self.order) for value in values]

    @property
    def order(self):
        """The value of ``sort`` in force. Without words there is no relevance to sort by."""
        sort = self.form.cleaned_data["sort"]
        return self.default_order if sort in ("", RELEVANCE) else sort

    # What is chosen, in words and addresses.

    def chosen(self, name):
        """Return what the parameter ``name`` was given: pairs of value and label, for chips and facets.

        A value that is not valid is its own label.
        """
        return self._chosen.get(name, [])

    @cached_property
    def _chosen(self):
        return {name: pairs for name in self.filters if name in self.data and (pairs := self._read_chosen(name))}

    def _read_chosen(self, name):
        self.is_valid()  # reads the parameters
        if name in self.form.errors:
            given = self.form[name].value()
            return [(value, value) for value in (given if isinstance(given, list) else [given]) if value]
        field, cleaned = self.form.fields[name], self.form.cleaned_data[name]
        if isinstance(field, CodesField):
            return [(code_of(name, record), str(record)) for record in cleaned]
        values = cleaned if isinstance(cleaned, list) else [cleaned] if cleaned else []
        return [(getattr(value, "isoformat", value.__str__)(), self.label_of(name, value)) for value in values]

    def label_of(self, name, value):
        """Return what a value of a parameter of a closed set is called; for another parameter, the value in words."""
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
        """Return the query string that says what is chosen and nothing else, for a ``page`` of the list.

        The parameter ``without`` is left out of it; ``words`` are there in place of those that were searched;
        ``instead``, a parameter and a value, in place of what that parameter has.
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


@cache
def _form_class():
    """Return the form of ``MeasureFilter``: the same for every query string."""
    fields = {name: parameter.field for name, parameter in MeasureFilter.base_filters.items()}
    return type("MeasureFilterForm", (MeasureFilterForm,), fields)


class OrganizationFilter(FilterSet):
    """What the query string of the list of organizations means."""

    q = filters.CharFilter(
        method="named",
        max_length=MAX_CHARACTERS,
        label=_("Name or acronym"),
        help_text="Organizations whose name or acronym has this in it.",
    )
    kind = filters.Filter(
        method="of_kind", label=_("Kind of organization"), help_text="Organizations of this kind.", required=False
    )
    q.example, kind.example = "authority", "regulator"
    kind.field_class, kind.extra["choices"] = ValuesField, OrganizationKind.choices

    class Meta:
        model = Organization
        fields = ()

    def named(self, queryset, name, text):
        return queryset.filter(Q(name__icontains=text) | Q(acronym__icontains=text))

    def of_kind(self, queryset, name, kinds):
        return queryset.filter(kind__in=kinds)

    @property
    def qs(self):
        return super().qs if self.is_valid() else self.queryset.none()
