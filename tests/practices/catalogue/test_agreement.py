"""Whatever is asked, the index answers as the database does: the same records, counts, orders and states."""

import datetime
import random
from collections import Counter

import pytest
import time_machine
from django.db.models import F
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from practices import catalogue, facets
from practices.catalogue import clauses
from practices.choices import Evidence, LegalNature, OrganizationKind, State
from practices.facets import CATEGORIES, FACETS, facet
from practices.filters import MeasureFilter
from practices.models import Measure
from tests.practices.catalogue import oracle
from tests.practices.catalogue.random_catalogue import make_measures, make_references, random_day, values_by_parameter

pytestmark = pytest.mark.django_db

SEEDS = [1, 2]
MEASURES = 50
ORDERS = {
    "-announced": [F("announced_on").desc(nulls_last=True), "-pk"],
    "announced": [F("announced_on").asc(nulls_last=True), "pk"],
    "-updated": ["-updated_at", "-pk"],
    "updated": ["updated_at", "pk"],
}
ALL_SHOWN = {
    "state": State.values,
    "evidence": Evidence.values,
    "verified": ["yes", "no"],
    "actor": OrganizationKind.values,
    "legal": LegalNature.values,
}
WRONG = ["no-such-thing", "\x00", "😀", "2020-13", "x" * 60]
OTHERS = ["announced_from", "announced_to"]
SINGLE = [*OTHERS, "as_of"]
DAYS = ["2019-12-31", "2020-02-29", "2020-04-30", "2021-01-01"]
DATES = ["2018", "2019", "2020", "2020-02", "2020-02-29", "2020-04-30", "2020-12-31", "2021-04", "2021-12-31", "2022"]


@pytest.fixture(params=SEEDS)
def rng(request):
    """A source of chance, with a catalogue made by it, on a day of its choice."""
    rng = random.Random(request.param)  # noqa: S311
    references = make_references(rng)
    make_measures(rng, references, MEASURES)
    with time_machine.travel(datetime.datetime.combine(random_day(rng), datetime.time(12), datetime.UTC), tick=False):
        yield rng


def queries(*, wrong=False):
    """A strategy for parameters: some of those that there are, each with some of the values that it can have."""
    public = catalogue.current()
    known = {}
    for name in set(MeasureFilter.base_filters) - {"q", "sort", *SINGLE}:
        codes = codes_of(public, name)
        # Those that the public may not know of are refused; another test asks for them.
        known[name] = st.sampled_from([code for code in codes if ask({name: [code]}).is_valid()])
    known |= dict.fromkeys(OTHERS, st.sampled_from(DATES)) | {"as_of": st.sampled_from(DAYS)}
    values = {
        name: st.lists(
            st.one_of(one, st.just("")) if not wrong else st.one_of(one, one, st.sampled_from(WRONG)),
            min_size=1,
            max_size=1 if name in SINGLE else 3,
        )
        for name, one in known.items()
    }
    return st.dictionaries(st.sampled_from(sorted(values)), st.none(), max_size=4).flatmap(
        lambda names: st.fixed_dictionaries({name: values[name] for name in names})
    )


def codes_of(public, name):
    """The values that a parameter can have, in a fixed order."""
    if name == "year":
        return ["1800", "2019", "2020", "2021"]
    if name == "source_language":
        return sorted({*public.counts(name), "tlh"})
    if name in public.records:
        return sorted(public.records[name].by_code)
    return list(public.values(name))


def ask(parameters):
    query = QueryDict(mutable=True)
    for name, values in parameters.items():
        query.setlist(name, values)
    return MeasureFilter(query, catalogue.current())


def ids_of(filterset, *without):
    return sorted(filterset.catalogue.ids(filterset.index_query(*without)))


def ids_in(queryset):
    return sorted(queryset.values_list("pk", flat=True))


def test_any_filters_select_what_the_database_finds_and_every_count_is_what_the_list_would_show(rng, monkeypatch):
    monkeypatch.setattr(facets, "MIN_TAG_COUNT", 1)
    values = values_by_parameter(datetime.datetime.now(datetime.UTC).date())
    sizes = Counter()

    @settings(max_examples=15)
    @given(queries())
    def agrees(parameters):
        filterset = ask(parameters)
        if not filterset.is_valid():
            assert set(filterset.errors) == {"announced_to"}  # before announced_from
            assert filterset.in_order()[:] == []
            return
        assert ids_of(filterset) == ids_in(oracle.selected(parameters))
        sizes[len(filterset.in_order())] += 1
        for name in FACETS:
            lifted = {key: these for key, these in parameters.items() if key != name}
            if name == "state":
                lifted.pop("as_of", None)  # which is a choice of a state, too
            selected = ids_in(oracle.selected(lifted))
            assert ids_of(filterset, name) == selected
            assert filterset.count(name) == len(selected)
            of_each = values_by_parameter(filterset.day)[name] if name == "state" else values[name]
            shows_what_the_list_would(facet(filterset, name, whole=True), filterset, selected, of_each)
        for shown in facets.facets(filterset):
            assert shown == (facet(filterset, shown.name) if shown.is_open else shown)

    agrees()
    assert len(sizes) > 5  # not the same few records each time


def shows_what_the_list_would(shown, filterset, selected, values):
    """The counts of a facet are those of the records ``selected``, whose values are known."""
    expected = Counter(value for pk in selected for value in values[pk])
    chosen = {value for value, _label in filterset.chosen(shown.name)}
    counted = {value.value: value.count for value in shown.values}
    assert len(counted) == len(shown.values) == shown.total
    assert {value.value for value in shown.values if value.selected} == chosen
    if shown.name == "group":
        assert set(counted) == set(CATEGORIES) | chosen
    elif shown.name in ALL_SHOWN:
        assert list(counted) == ALL_SHOWN[shown.name]
    elif shown.name not in ("region", "income"):
        assert set(counted) == set(expected) | chosen
    assert counted == {value: expected[value] for value in counted}
    if shown.name != "group":
        assert set(expected) <= set(counted)


def test_what_is_not_valid_selects_nothing_and_counts_as_if_it_were_not_there(rng, monkeypatch):
    monkeypatch.setattr(facets, "MIN_TAG_COUNT", 1)

    @settings(max_examples=15)
    @given(queries(wrong=True))
    def agrees(parameters):
        filterset = ask(parameters)
        wrong = set() if filterset.is_valid() else set(filterset.errors)
        rest = ask({name: these for name, these in parameters.items() if name not in wrong})
        if wrong:
            assert filterset.in_order()[:] == []
            assert len(filterset.in_order()) == 0
        if rest.is_valid():
            assert ids_of(filterset) == ids_of(rest)
            for name in FACETS:
                counts = {value.value: value.count for value in facet(filterset, name, whole=True).values}
                right = {value.value: value.count for value in facet(rest, name, whole=True).values}
                known = {value: count for value, count in counts.items() if value in right}
                assert {value for value in right if right[value]} <= set(known)
                assert known == {value: right[value] for value in known}
                assert set(counts) - set(right) <= set(parameters.get(name, ()))  # what is chosen stays in sight
                if name not in wrong:
                    assert counts == right

    agrees()


def test_every_order_is_that_of_the_database_on_every_page(rng):
    @settings(max_examples=25)
    @given(queries(), st.sampled_from(sorted(ORDERS)), st.integers(0, MEASURES), st.integers(0, 25))
    def agrees(parameters, order, start, length):
        filterset = ask(parameters | {"sort": [order]})
        if filterset.is_valid():
            selection, found = filterset.in_order(), oracle.selected(parameters).order_by(*ORDERS[order])
            ids = [measure.pk for measure in selection[start : start + length]]
            assert ids == list(found.values_list("pk", flat=True)[start : start + length])
            assert len(selection) == found.count()

    agrees()


def test_the_order_without_any_filter_is_that_of_the_database(rng):
    public = catalogue.current()
    for order, fields in ORDERS.items():
        ids = public.ids(None, order)
        assert ids == list(Measure.objects.published().order_by(*fields).values_list("pk", flat=True))
        assert public.ids(None, order, 7, 12) == ids[7:12]


def test_the_default_order_is_that_of_the_model(rng):
    ids = [measure.pk for measure in ask({}).in_order()[:]]
    assert ids == list(Measure.objects.published().values_list("pk", flat=True))


def test_what_only_hidden_records_name_is_refused_like_what_never_was_and_named_nowhere(rng):
    hidden = {"tag": "tag", "source_language": "tlh"}
    public = catalogue.current()
    hidden["tag"] = next(
        code for code, tag in public.records["tag"].by_code.items() if not public.is_public("tag", tag.pk)
    )
    for name, code in hidden.items():
        refused, never = ask({name: [code]}), ask({name: ["never"]})
        assert (refused.is_valid(), refused.in_order()[:]) == (False, [])
        assert str(refused.errors[name]).replace(code, "never") == str(never.errors[name])
        offered = {value.value for value in facet(ask({}), name, whole=True).values}
        assert code not in offered
        counts = [[value.count for value in facet(filterset, name).values] for filterset in (refused, never)]
        assert counts[0] == counts[1]
        label = next(value for value in facet(refused, name).values if value.value == code)
        assert (label.label, label.count, label.selected) == (code, 0, True)  # as the reader wrote it


def test_a_row_of_a_list_says_what_the_record_says(rng):
    records = {record.pk: record for record in Measure.objects.for_listing()}
    listed = ask({}).in_order()[:]
    assert {measure.pk for measure in listed} == set(records)
    for measure in listed:
        record = records[measure.pk]
        for name in ("slug", "measure_type", "announced_on", "starts_on", "ends_on", "state", "evidence"):
            assert getattr(measure, name) == getattr(record, name), name
        assert (measure.title_en, measure.summary_en) == (record.title_en, record.summary_en)
        assert measure.get_absolute_url() == record.get_absolute_url()
        assert set(measure.countries) == set(record.countries.all())
        assert set(measure.areas) == set(record.areas.all())
        assert measure.measure_type.topic == record.measure_type.topic


def test_states_on_any_day_are_those_of_the_database(rng):
    public = catalogue.current()
    edges = [(1, 1), (1, 31), (2, 28), (3, 1), (4, 29), (4, 30), (12, 30), (12, 31)]
    days = st.one_of(
        st.dates(datetime.date(2018, 12, 30), datetime.date(2022, 1, 2)),
        st.builds(lambda year, edge: datetime.date(year, *edge), st.integers(2019, 2021), st.sampled_from(edges)),
        st.just(datetime.date(2020, 2, 29)),
    )
    seen = set()

    @settings(max_examples=80)
    @given(days)
    def agrees(day):
        expected = dict(Measure.objects.published().with_state(day).values_list("pk", "state"))
        listed = catalogue.Selection(public, day=day)[:]
        assert {measure.pk: measure.state for measure in listed} == expected
        for state in State.values:
            assert set(public.ids(clauses.state(state, day))) == {pk for pk in expected if expected[pk] == state}
        seen.update(expected.values())

    agrees()
    assert seen == set(State.values)


def test_spans_of_any_dates_are_those_of_the_database(rng):
    days = st.dates(datetime.date(2018, 12, 1), datetime.date(2022, 1, 31)).map(datetime.date.isoformat)
    dates = st.one_of(days, days.map(lambda text: text[:7]), days.map(lambda text: text[:4]))

    @settings(max_examples=80)
    @given(st.sampled_from(OTHERS), dates)
    def agrees(name, date):
        assert ids_of(ask({name: [date]})) == ids_in(oracle.selected({name: [date]}))

    agrees()
