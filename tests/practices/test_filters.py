import datetime
from html import unescape

import pytest
import time_machine
from django.http import QueryDict

from practices import catalogue as public
from practices.filters import MeasureFilter, OrganizationFilter
from practices.models import Organization
from tests.factories import (
    BeneficiaryFactory,
    CountryFactory,
    CrisisFactory,
    GroupFactory,
    MeasureTypeFactory,
    OrganizationFactory,
    SourceFactory,
    TagFactory,
    make_measure,
)
from tests.fixtures import made_once

pytestmark = pytest.mark.django_db

CODED = ["country", "group", "topic", "type", "crisis", "organization", "beneficiary", "tag"]
CLOSED = ["region", "income", "actor", "legal", "state", "evidence", "verified"]


def ask(query):
    return MeasureFilter(QueryDict(query), public.current())


def selected(query):
    """The slugs that a query string selects."""
    filterset = ask(query)
    assert filterset.is_valid(), filterset.errors
    listed = filterset.in_order()[:]
    slugs = {measure.slug for measure in listed}
    assert len(listed) == len(slugs) == len(filterset.in_order())
    return slugs


def ordered(query):
    return [measure.slug for measure in ask(query).in_order()[:]]


@made_once
def catalogue():
    """Three measures that differ in everything, and one of a whole area."""
    kenya = CountryFactory(iso3="KEN", itu_region="afr", income_group="lower-middle")
    france = CountryFactory(iso3="FRA", itu_region="eur", income_group="high")
    nepal = CountryFactory(iso3="NPL", itu_region="asp", income_group="lower-middle")
    ldc = GroupFactory(code="ldc", members=[nepal])
    GroupFactory(code="eu", members=[france])
    africa = GroupFactory(code="africa", members=[kenya])
    spectrum = MeasureTypeFactory(code="temporary-spectrum", topic__code="spectrum")
    prices = MeasureTypeFactory(code="price-relief", topic__code="affordability")
    data = MeasureTypeFactory(code="data-allowance", topic__code="affordability")
    covid, ebola = CrisisFactory(slug="covid-19"), CrisisFactory(slug="ebola-2014")
    regulator = OrganizationFactory(slug="ke-ca", kind="regulator", acronym="CA-K")
    operator = OrganizationFactory(slug="fr-orange", kind="operator")
    households, schools = BeneficiaryFactory(code="households"), BeneficiaryFactory(code="students")
    with time_machine.travel("2020-06-15T12:00Z", tick=True):
        make_measure(
            slug="ken",
            title="Kenya lends spectrum",
            countries=[kenya],
            measure_type=spectrum,
            crisis=covid,
            organizations=[regulator],
            legal_nature="authorization",
            beneficiaries=[households],
            announced_on="2020-04-17",
            starts_on="2020-04-17",
            ends_on="2030-12-31",
            tags=["wi-fi"],
            sources=[SourceFactory(kind="official", language="en")],
            verified_on=datetime.date(2020, 6, 1),
        )
        make_measure(
            slug="fra",
            title="France cuts prices",
            countries=[france],
            measure_type=prices,
            crisis=covid,
            organizations=[operator],
            legal_nature="voluntary",
            beneficiaries=[schools],
            announced_on="2019",
            ends_on="2019",
            tags=["prices"],
            sources=[SourceFactory(kind="news", language="fr"), SourceFactory(kind="news", language="fr")],
        )
        make_measure(
            slug="npl",
            title="Nepal and Kenya share a plan",
            countries=[nepal, kenya],
            measure_type=data,
            crisis=ebola,
            organizations=[operator, regulator],
            starts_on="2040",
            tags=["wi-fi", "prices"],
            sources=[SourceFactory(kind="report", language="ne")],
        )
        make_measure(
            slug="africa", title="All of Africa agrees", areas=[africa, ldc], measure_type=prices, crisis=covid
        )
    for status in ("draft", "in-review", "withdrawn"):
        make_measure(slug=status, status=status, countries=[kenya], measure_type=spectrum, tags=["wi-fi"])


ALL = {"ken", "fra", "npl", "africa"}


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", ALL),
        ("country=ken", {"ken", "npl"}),
        ("country=KEN", {"ken", "npl"}),
        ("country=fra&country=npl", {"fra", "npl"}),
        ("region=afr", {"ken", "npl"}),
        ("region=eur&region=asp", {"fra", "npl"}),
        ("income=high", {"fra"}),
        ("income=lower-middle", {"ken", "npl"}),
        ("group=ldc", {"npl", "africa"}),  # by its member, and by the area itself
        ("group=africa", {"ken", "npl", "africa"}),
        ("group=eu&group=ldc", {"fra", "npl", "africa"}),
        ("topic=spectrum", {"ken"}),
        ("topic=affordability", {"fra", "npl", "africa"}),
        ("type=price-relief&type=temporary-spectrum", {"ken", "fra", "africa"}),
        ("crisis=ebola-2014", {"npl"}),
        ("actor=regulator", {"ken", "npl"}),
        ("actor=operator&actor=regulator", {"ken", "fra", "npl"}),
        ("organization=fr-orange", {"fra", "npl"}),
        ("legal=voluntary", {"fra"}),
        ("beneficiary=households&beneficiary=students", {"ken", "fra"}),
        ("year=2020", {"ken"}),
        ("year=2019&year=2020", {"ken", "fra"}),
        ("year=2018", set()),
        ("state=in-force", {"ken"}),
        ("state=ended", {"fra"}),
        ("state=planned", {"npl"}),
        ("state=unknown", {"africa"}),
        ("state=ended&state=planned", {"fra", "npl"}),
        ("evidence=official", {"ken"}),
        ("evidence=several", {"fra"}),
        ("evidence=single", {"npl", "africa"}),
        ("verified=yes", {"ken"}),
        ("verified=no", {"fra", "npl", "africa"}),
        ("verified=yes&verified=no", ALL),
        ("source_language=fr", {"fra"}),
        ("source_language=fr&source_language=ne", {"fra", "npl"}),
        ("tag=wi-fi", {"ken", "npl"}),
        ("tag=wi-fi&tag=prices", {"ken", "fra", "npl"}),
        ("q=kenya", {"ken", "npl"}),
        ("q=kenya+plan", {"npl"}),
        ("q=CA-K", {"ken", "npl"}),
        # all of the parameters
        ("country=ken&tag=prices", {"npl"}),
        ("country=ken&country=fra&topic=affordability&crisis=covid-19", {"fra"}),
        ("region=afr&income=high", set()),
        ("actor=operator&organization=ke-ca", {"npl"}),  # an operator took part, and so did the authority
        ("q=kenya&state=in-force&evidence=official&verified=yes", {"ken"}),
    ],
)
def test_any_of_a_parameters_values_and_all_of_the_parameters(catalogue, query, slugs):
    assert selected(query) == slugs


def test_countries_of_a_measure_may_answer_different_parameters(catalogue):
    assert selected("country=npl&region=afr") == {"npl"}  # Nepal is named, and Kenya is of Africa


def test_a_measure_is_listed_once_however_often_it_matches(catalogue):
    query = "country=ken&country=npl&tag=wi-fi&tag=prices&actor=operator&actor=regulator&q=kenya"
    assert sorted(ordered(query)) == ["ken", "npl"]


@pytest.mark.parametrize("name", [*CODED, *CLOSED, "q", "year", "announced_from", "announced_to", "sort"])
def test_an_empty_parameter_is_as_if_absent(catalogue, name):
    assert selected(f"{name}=") == selected(f"{name}=&{name}=") == ALL


@pytest.mark.parametrize("query", ["page=2", "fbclid=x", "utm_source=x", "q__icontains=x", "status=draft", "id=1"])
def test_unknown_parameters_are_not_looked_at(catalogue, query):
    assert selected(query) == ALL


@pytest.mark.parametrize("name", [*CODED, *CLOSED, "year", "announced_from", "announced_to", "source_language", "sort"])
@pytest.mark.parametrize(
    ("given", "named"),
    [("no-such-thing", "no-such-thing"), ("x" * 10_000, "x" * 39 + "…"), ("%00", "\x00"), ("%F0%9F%98%80", "😀")],
    ids=["unknown", "10 kB", "NUL", "emoji"],
)
def test_a_value_that_is_not_valid_selects_nothing_and_is_named(catalogue, name, given, named):
    filterset = ask(f"topic=spectrum&{name}={given}")
    assert filterset.in_order()[:] == []
    assert set(filterset.errors) == {name}
    message = unescape(str(filterset.errors[name]))
    if named == "\x00":
        assert "ull characters are not allowed" in message or "\x00" in message
    elif name in ("announced_from", "announced_to", "sort"):
        assert given[:1] in message or named in message
    else:
        assert f"“{named}”" in message


@pytest.mark.parametrize("query", [f"q={'x' * 10_000}", "q=%00"], ids=["10 kB", "NUL"])
def test_words_that_no_reader_writes_select_nothing(catalogue, query):
    filterset = ask(query)
    assert filterset.in_order()[:] == []
    assert set(filterset.errors) == {"q"}


@pytest.mark.parametrize(
    ("query", "right"),
    [
        ("country=kenya", "ken"),
        ("topic=radio", "spectrum"),
        ("state=running", "planned, in-force, ended, unknown"),
        ("region=africa", "afr, ams, arb, asp, cis, eur"),
        ("verified=maybe", "yes, no"),
        ("year=20", "2020"),
        ("year=1799", "2020"),
        ("year=٢٠٢٠", "2020"),
        ("announced_from=April", "2020-04"),
        ("announced_to=2021-02-29", "2020-04-17"),
        ("source_language=tlh", "en, fr, ne"),
        ("sort=title", "relevance, -announced, announced, -updated, updated"),
    ],
)
def test_an_error_says_what_would_be_right(catalogue, query, right):
    filterset = ask(query)
    ((_name, messages),) = filterset.errors.get_json_data().items()
    assert right in messages[0]["message"]
    assert query.partition("=")[2] in messages[0]["message"]


def test_one_wrong_value_among_right_ones_selects_nothing(catalogue):
    filterset = ask("country=ken&country=nowhere&state=ended")
    assert filterset.in_order()[:] == []
    assert filterset.chosen("country") == [("ken", "ken"), ("nowhere", "nowhere")]
    assert filterset.chosen("state") == [("ended", "Ended")]


ANNOUNCED = ["2019", "2019-12", "2019-12-31", "2020", "2020-04", "2020-04-01", "2020-04-17", "2020-04-30", "2020-12"]


@made_once
def announced():
    """A measure of each date, and one of none."""
    for number, date in enumerate([*ANNOUNCED, None]):
        make_measure(slug=f"m-{number}", announced_on=date)


@pytest.mark.parametrize(
    ("query", "dates"),
    [
        ("year=2019", {"2019", "2019-12", "2019-12-31"}),
        ("year=2020", {"2020", "2020-04", "2020-04-01", "2020-04-17", "2020-04-30", "2020-12"}),
        ("announced_from=2020", {"2020", "2020-04", "2020-04-01", "2020-04-17", "2020-04-30", "2020-12"}),
        ("announced_from=2020-01-01", {"2020", "2020-04", "2020-04-01", "2020-04-17", "2020-04-30", "2020-12"}),
        ("announced_from=2020-04", {"2020-04", "2020-04-01", "2020-04-17", "2020-04-30", "2020-12"}),
        ("announced_from=2020-04-01", {"2020-04", "2020-04-01", "2020-04-17", "2020-04-30", "2020-12"}),
        ("announced_from=2020-04-02", {"2020-04-17", "2020-04-30", "2020-12"}),
        ("announced_to=2019", {"2019", "2019-12", "2019-12-31"}),
        ("announced_to=2019-12-31", {"2019", "2019-12", "2019-12-31"}),
        ("announced_to=2019-12-30", set()),
        (
            "announced_to=2020-04",
            {"2019", "2019-12", "2019-12-31", "2020-04", "2020-04-01", "2020-04-17", "2020-04-30"},
        ),
        ("announced_to=2020-04-29", {"2019", "2019-12", "2019-12-31", "2020-04-01", "2020-04-17"}),
        ("announced_from=2020-04&announced_to=2020-04", {"2020-04", "2020-04-01", "2020-04-17", "2020-04-30"}),
        ("announced_from=2020-05&announced_to=2020-04", set()),
        ("year=2020&announced_to=2020-11", {"2020-04", "2020-04-01", "2020-04-17", "2020-04-30"}),
    ],
)
def test_a_span_has_the_dates_that_lie_in_it_with_all_their_days(announced, query, dates):
    found = [measure.announced_on for measure in ask(query).in_order()[:]]
    listed = [measure.announced_on for measure in ask(query).in_order()[:]]
    assert {date.isoformat() for date in found} == {date.isoformat() for date in listed} == dates


@pytest.mark.parametrize(
    ("sort", "slugs"),
    [
        ("", ["new", "old-a", "old-b", "undated"]),  # of two of one day, that which was recorded later is the newer
        ("sort=-announced", ["new", "old-a", "old-b", "undated"]),
        ("sort=announced", ["old-b", "old-a", "new", "undated"]),
        ("sort=-updated", ["undated", "new", "old-a", "old-b"]),
        ("sort=updated", ["old-b", "old-a", "new", "undated"]),
    ],
)
def test_order_is_as_asked_and_the_same_every_time(sort, slugs):
    for minute, (slug, date) in enumerate({"old-b": "2019", "old-a": "2019", "new": "2020", "undated": None}.items()):
        with time_machine.travel(f"2020-06-15T12:{minute:02}Z", tick=False):
            make_measure(slug=slug, announced_on=date)
    assert ordered(sort) == slugs


def test_words_put_the_measures_that_name_them_in_the_title_first():
    make_measure(slug="summary", title="Other", summary="spectrum for schools", announced_on="2021")
    make_measure(slug="one", title="Spectrum", summary="for schools", announced_on="2020")
    make_measure(slug="both", title="Spectrum for schools", announced_on="2019")
    assert ordered("q=spectrum+schools") == ["both", "one", "summary"]
    assert ordered("q=spectrum+schools&sort=relevance") == ["both", "one", "summary"]
    assert ordered("q=spectrum+schools&sort=-announced") == ["summary", "one", "both"]
    assert ordered("sort=relevance") == ["summary", "one", "both"]  # without words the newest come first


def test_chips_say_what_is_chosen_in_words(catalogue):
    filterset = ask("q=wi-fi&country=ken&state=in-force&year=2020&announced_from=2020-04&sort=announced&topic=")
    assert [(name, value, str(label)) for name, _title, value, label in filterset.chips] == [
        ("q", "wi-fi", "wi-fi"),
        ("country", "ken", "Country KEN"),
        ("year", "2020", "2020"),
        ("announced_from", "2020-04", "April 2020"),
        ("state", "in-force", "In force"),
    ]


def test_a_value_given_twice_is_one_chip(catalogue):
    filterset = ask("country=ken&country=KEN&year=2020&year=2020&source_language=fr&source_language=fr&tag=wi-fi")
    assert [(name, value) for name, _title, value, _label in filterset.chips] == [
        ("country", "ken"),
        ("year", "2020"),
        ("source_language", "fr"),
        ("tag", "wi-fi"),
    ]


def test_a_tag_that_only_hidden_records_carry_is_as_unknown_as_one_that_never_was():
    make_measure(status="draft", tags=[TagFactory(name="secret")])
    hidden, never = ask("tag=secret"), ask("tag=never")
    assert not hidden.is_valid()
    assert str(hidden.errors["tag"]).replace("secret", "never") == str(never.errors["tag"])


@pytest.mark.parametrize(("name", "near"), [("contry", "country"), ("country[]", "country"), ("pages", "page")])
def test_a_slip_in_a_name_is_named_with_what_is_perhaps_meant(name, near):
    filterset = ask(f"{name}=ken")
    assert f"“{name}” is not a filter. Right would be, perhaps, “{near}”." in filterset.errors["__all__"]


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("as_of=2020-04-16", set()),
        ("as_of=2020-04-17", {"ken"}),
        ("as_of=2030-12-31", {"ken"}),
        ("as_of=2031-01-01", set()),
        ("as_of=2031-01-01&state=ended", {"ken", "fra"}),
        ("as_of=2020-01-01&state=ended", {"fra"}),
        ("as_of=2020-01-01&state=planned", {"ken", "npl"}),
        ("as_of=2020-01-01&state=planned&country=npl", {"npl"}),
    ],
)
def test_the_state_is_that_of_the_day_that_is_asked_for(catalogue, query, slugs):
    filterset = ask(query)
    assert {measure.slug for measure in filterset.in_order()[:]} == slugs
    states = {measure.state for measure in filterset.in_order()[:]}
    assert states <= {filterset.form.cleaned_data["state"][0] if "state" in query else "in-force"}


@pytest.mark.parametrize("day", ["2020", "2020-04", "yesterday", "2020-02-30"])
def test_a_state_is_asked_for_on_a_day(catalogue, day):
    filterset = ask(f"as_of={day}")
    assert filterset.in_order()[:] == []
    assert f"“{day}” is not a day" in filterset.errors["as_of"][0]


def test_every_parameter_of_the_design_is_there_and_no_other():
    assert list(MeasureFilter.base_filters) == [
        *("q", "country", "region", "income", "group", "topic", "type", "crisis", "actor", "organization", "legal"),
        *("beneficiary", "year", "announced_from", "announced_to", "state", "as_of", "evidence", "verified"),
        *("source_language", "tag", "sort"),
    ]


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", {"ca", "orange"}),
        ("q=orange", {"orange"}),
        ("q=CAK", {"ca"}),
        ("kind=operator&kind=ministry", {"orange"}),
        ("kind=regulator&q=orange", set()),
        ("kind=circus", set()),
        ("q=%00", set()),
    ],
)
def test_organizations_are_found_by_words_and_kind(query, slugs):
    OrganizationFactory(slug="ca", name_en="Communications Authority", acronym="CAK", kind="regulator")
    OrganizationFactory(slug="orange", name_en="Orange", kind="operator")
    found = OrganizationFilter(QueryDict(query), Organization.objects.all()).qs
    assert set(found.values_list("slug", flat=True)) == slugs
