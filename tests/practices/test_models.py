import datetime
import itertools

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from practices.models import (
    Beneficiary,
    Citation,
    Coverage,
    Crisis,
    Measure,
    MeasureType,
    Source,
    SpectrumBand,
    SpectrumRange,
    Tag,
    Topic,
)
from practices.models.source import normalise_url
from practices.partial_dates import PartialDate
from tests.factories import (
    BeneficiaryFactory,
    CountryFactory,
    CrisisFactory,
    MeasureFactory,
    MeasureTypeFactory,
    OrganizationFactory,
    SourceFactory,
    SpectrumBandFactory,
    TagFactory,
    TopicFactory,
    UserFactory,
    cite,
    make_measure,
)

pytestmark = pytest.mark.django_db


def refused_by_the_database(name):
    """The database itself refuses what the block writes, by the constraint ``name``."""
    return pytest.raises(IntegrityError, match=name)


# --- dates ---

DATES = [PartialDate.parse(text) for text in ("2020", "2020-06", "2020-06-15")]
LATER = [PartialDate.parse(text) for text in ("2021", "2020-07", "2020-06-16")]
EARLIER = [PartialDate.parse(text) for text in ("2019", "2020-05", "2020-06-14")]
DATED = [
    (lambda start, end: MeasureFactory(starts_on=start, ends_on=end), "measure_end_not_before_start"),
    (
        lambda start, end: SpectrumBandFactory(measure=MeasureFactory(), starts_on=start, ends_on=end),
        "band_end_not_before_start",
    ),
    (lambda start, end: CrisisFactory(started_on=start, ended_on=end), "crisis_end_not_before_start"),
]


@pytest.mark.parametrize(("make", "name"), DATED, ids=["measure", "band", "crisis"])
@pytest.mark.parametrize(
    ("start", "end"), [*itertools.product(DATES, DATES + LATER + EARLIER)], ids=lambda date: date.isoformat()
)
def test_an_end_is_refused_when_none_of_its_days_can_follow_the_start(make, name, start, end):
    if end.last_day < start.first_day:
        with refused_by_the_database(name):
            make(start, end)
    else:
        make(start, end)


def test_an_end_without_a_start_is_a_statement_of_its_own():
    MeasureFactory(starts_on=None, ends_on="1999")
    MeasureFactory(starts_on="2021", ends_on=None)
    assert Measure.objects.count() == 2


def test_a_form_is_told_which_end_is_before_the_start():
    measure = MeasureFactory.build(
        starts_on=PartialDate(2020, 6), ends_on=PartialDate(2020, 5), crisis=None, measure_type=None
    )
    with pytest.raises(ValidationError, match="ends before it starts"):
        measure.validate_constraints()


@pytest.mark.parametrize("review_by", [None, datetime.date(2020, 5, 31)])
def test_a_confirmation_needs_a_review_date_that_is_not_before_it(review_by):
    with refused_by_the_database("measure_confirmation_has_review_date"):
        MeasureFactory(confirmed_in_force_on=datetime.date(2020, 6, 1), review_by=review_by)


def test_a_confirmation_may_be_due_on_its_own_day():
    day = datetime.date(2020, 6, 1)
    assert MeasureFactory(confirmed_in_force_on=day, review_by=day).pk


# --- status ---


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"status": "published"}, "measure_published_has_published_at"),
        ({"status": "withdrawn"}, "measure_withdrawn_has_reason"),
        ({"status": "withdrawn", "withdrawn_at": timezone.now()}, "measure_withdrawn_has_reason"),
        ({"status": "withdrawn", "withdrawal_reason": "Recorded twice."}, "measure_withdrawn_has_reason"),
        ({"status": "hidden"}, "measure_status_known"),
        ({"scope": "galactic"}, "measure_scope_known"),
    ],
)
def test_the_database_refuses_a_status_that_is_not_accounted_for(fields, name):
    with refused_by_the_database(name):
        MeasureFactory(**fields)


def test_whoever_verified_did_so_on_a_day():
    with refused_by_the_database("measure_verified_is_dated"):
        MeasureFactory(verified_by=UserFactory())


@pytest.mark.parametrize("status", ["published", "withdrawn"])
def test_nothing_that_was_ever_public_is_deleted(status):
    measure = make_measure(status=status)
    for delete in (measure.delete, Measure.objects.all().delete, Measure.objects.filter(pk=measure.pk).delete):
        with pytest.raises(ValidationError, match="Withdraw it instead"), transaction.atomic():
            delete()
    assert (Measure.objects.count(), Citation.objects.count()) == (1, 1)


@pytest.mark.parametrize("status", ["draft", "in-review"])
def test_what_was_never_public_can_be_deleted(status):
    make_measure(status=status).delete()
    assert not Measure.objects.exists()


# --- sources and citations ---


def ways_to_lose_all_citations(measure):
    return {
        "by the record": lambda: measure.citations.all().delete(),
        "by the table": lambda: Citation.objects.all().delete(),
        "by the relation": lambda: measure.sources.clear(),
        "one by one": lambda: [citation.delete() for citation in measure.citations.all()],
    }


@pytest.mark.parametrize("way", ["by the record", "by the table", "by the relation", "one by one"])
@pytest.mark.parametrize("number", [1, 3])
def test_a_published_record_never_loses_its_last_source(way, number):
    measure = make_measure(sources=number)
    with pytest.raises(ValidationError, match="last source"), transaction.atomic():
        ways_to_lose_all_citations(measure)[way]()
    assert measure.citations.count() == number


@pytest.mark.parametrize("way", ["by the record", "by the table", "by the relation", "one by one"])
@pytest.mark.parametrize("status", ["draft", "in-review", "withdrawn"])
def test_a_record_that_is_not_public_may_lose_its_sources(way, status):
    measure = make_measure(status=status, sources=2)
    ways_to_lose_all_citations(measure)[way]()
    assert not measure.citations.exists()


def test_deleting_many_citations_fails_for_the_published_record_among_them():
    draft, published = make_measure(status="draft"), make_measure()
    with pytest.raises(ValidationError, match="last source"), transaction.atomic():
        Citation.objects.filter(measure__in=[draft, published]).delete()
    assert (draft.citations.count(), published.citations.count()) == (1, 1)


def test_a_published_record_may_lose_a_source_while_another_stays():
    measure = make_measure(sources=2)
    measure.citations.first().delete()
    assert measure.citations.count() == 1


def test_a_source_that_is_cited_cannot_be_deleted():
    measure = make_measure()
    with pytest.raises(ProtectedError):
        measure.sources.get().delete()
    assert measure.citations.count() == 1


def test_a_measure_cites_a_source_once():
    measure = make_measure(sources=1)
    with refused_by_the_database("citation|UNIQUE"):
        cite(measure, [measure.sources.get()])


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("HTTPS://Example.ORG/Page", "https://example.org/Page"),
        ("https://example.org", "https://example.org/"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("http://example.org:80/a", "http://example.org/a"),
        ("https://example.org:8443/a", "https://example.org:8443/a"),
        ("http://example.org:443/a", "http://example.org:443/a"),
        ("https://example.org/a?B=c#part", "https://example.org/a?B=c"),
        ("  https://example.org/a ", "https://example.org/a"),
        ("https://example.org/a/", "https://example.org/a/"),
    ],
)
def test_addresses_of_sources_are_kept_in_one_form(url, kept):
    assert normalise_url(url) == kept == normalise_url(kept)
    assert SourceFactory(url=url).url == kept


def test_two_spellings_of_an_address_are_one_source():
    SourceFactory(url="https://example.org/page#top")
    with refused_by_the_database("url"):
        SourceFactory(url="HTTPS://EXAMPLE.org:443/page")


def test_the_desk_is_told_that_a_source_exists_before_it_is_saved():
    SourceFactory(url="https://example.org/page")
    again = SourceFactory.build(url="https://EXAMPLE.org/page#top")
    with pytest.raises(ValidationError) as refused:
        again.full_clean()
    assert set(refused.value.message_dict) == {"url"}


def test_the_result_of_a_check_carries_its_time():
    with refused_by_the_database("source_check_result_dated"):
        SourceFactory(last_check_result="gone")


@pytest.mark.parametrize(("title", "ours"), [("[Notice on fees]", True), ("Notice [of fees]", False)])
def test_a_bracketed_title_is_the_compilers(title, ours):
    assert SourceFactory(title=title).title_is_ours is ours


# --- codebook ---


@pytest.mark.parametrize("status", ["draft", "published", "withdrawn"])
def test_a_code_in_use_cannot_be_deleted(status):
    households = BeneficiaryFactory()
    measure = make_measure(status=status, beneficiaries=[households])
    topic = measure.measure_type.topic
    for code in (households, measure.measure_type, topic, measure.crisis):
        with pytest.raises(ProtectedError), transaction.atomic():
            code.delete()
        with pytest.raises(ProtectedError), transaction.atomic():
            type(code).objects.all().delete()
    assert list(measure.beneficiaries.all()) == [households]
    assert [model.objects.count() for model in (Beneficiary, MeasureType, Topic, Crisis)] == [1, 1, 1, 1]


def test_a_code_out_of_use_can_be_deleted():
    make_measure()
    for code in (BeneficiaryFactory(), MeasureTypeFactory(), TopicFactory(), CrisisFactory()):
        code.delete()
        assert not type(code).objects.filter(pk=code.pk).exists()


@pytest.mark.parametrize("slug", ["Upper", "two--hyphens", "-first", "last-", "under_score", "é", "a b", "a\n", ""])
def test_codes_that_would_not_make_an_address_are_refused(slug):
    for record in (TopicFactory.build(code=slug), TagFactory.build(slug=slug), CrisisFactory.build(slug=slug)):
        with pytest.raises(ValidationError) as refused:
            record.full_clean()
        assert type(record).SLUG in refused.value.message_dict


def test_a_record_has_its_code_to_itself():
    TopicFactory(code="spectrum")
    with refused_by_the_database("code"):
        Topic.objects.create(code="spectrum", name_en="Again", definition_en="Again.")


# --- spectrum ---


@pytest.mark.parametrize(("lower", "upper"), [(0, 10), (-5, 10), (700, 700), (733, 703)])
def test_a_range_that_no_spectrum_has_is_refused(lower, upper):
    band = SpectrumBandFactory(measure=MeasureFactory())
    with refused_by_the_database("range_upper_above_lower"):
        SpectrumRange.objects.create(band=band, lower_mhz=lower, upper_mhz=upper)


def test_a_nominal_range_says_where_it_comes_from():
    band = SpectrumBandFactory(measure=MeasureFactory())
    with refused_by_the_database("range_nominal_has_basis"):
        SpectrumRange.objects.create(band=band, lower_mhz=703, upper_mhz=733, nominal=True)


def test_a_band_has_a_known_role():
    with refused_by_the_database("band_role_known"):
        SpectrumBandFactory(measure=MeasureFactory(), role="sold")


@pytest.mark.parametrize(
    ("edges", "text"), [(("703", "733"), "703–733 MHz"), (("5925.500", "6000"), "5925.5–6000 MHz")]
)
def test_a_range_reads_without_idle_zeros(edges, text):
    SpectrumBandFactory(measure=MeasureFactory(), ranges=[edges])
    assert str(SpectrumRange.objects.get()) == text


def test_bands_keep_the_order_of_the_record():
    measure = MeasureFactory()
    for position, label in ((2, "c"), (0, "a"), (1, "b")):
        SpectrumBandFactory(measure=measure, label=label, position=position)
    assert list(SpectrumBand.objects.values_list("label", flat=True)) == ["a", "b", "c"]


# --- addresses ---


def rename(record, slug):
    setattr(record, record.SLUG, slug)
    record.save()


RENAMED = [MeasureFactory, TopicFactory, MeasureTypeFactory, CrisisFactory, OrganizationFactory, TagFactory]


@pytest.mark.parametrize("factory", RENAMED)
@pytest.mark.parametrize("fetched_again", [True, False])
def test_an_old_address_leads_to_the_renamed_record(factory, fetched_again):
    record = factory(**{factory._meta.model.SLUG: "first"})
    if fetched_again:
        record = type(record).objects.get(pk=record.pk)
    rename(record, "second")
    rename(record, "third")
    assert [type(record).by_former_slug(slug) for slug in ("first", "second", "third", "never")] == [
        record,
        record,
        None,
        None,
    ]


def test_a_tag_that_got_its_slug_from_its_name_can_be_renamed():
    tag = Tag.objects.create(name="Wi-Fi in schools")
    rename(tag, "school-wi-fi")
    assert Tag.by_former_slug("wi-fi-in-schools") == tag


def test_tags_with_like_names_get_addresses_of_their_own():
    slugs = [Tag.objects.create(name=name).slug for name in ("Wi-Fi", "wi fi", "WI FI")]
    assert slugs == ["wi-fi", "wi-fi-1", "wi-fi-2"]
    for tag in Tag.objects.all():
        tag.clean_fields()


def test_kinds_of_records_do_not_share_former_addresses():
    rename(TopicFactory(code="spectrum"), "radio")
    assert MeasureType.by_former_slug("spectrum") is None


def test_an_address_that_is_taken_again_leads_to_its_new_owner():
    first = TopicFactory(code="spectrum")
    rename(first, "radio")
    second = TopicFactory(code="waves")
    rename(second, "spectrum")
    assert (Topic.by_former_slug("spectrum"), Topic.by_former_slug("waves")) == (None, second)


def test_a_former_address_of_a_deleted_record_leads_nowhere():
    topic = TopicFactory(code="spectrum")
    rename(topic, "radio")
    topic.delete()
    assert Topic.by_former_slug("spectrum") is None


def test_saving_without_renaming_leaves_no_former_address():
    topic = TopicFactory(code="spectrum")
    topic.name_en = "Radio spectrum"
    topic.save()
    assert Topic.by_former_slug("spectrum") is None


# --- names ---


@pytest.mark.parametrize(
    ("name", "acronym", "shown"),
    [
        ("Communications Authority", "CA", "Communications Authority (CA)"),
        ("Autoriteit (ACM)", "ACM", "Autoriteit (ACM)"),
        ("Etisalat", "", "Etisalat"),
    ],
)
def test_an_organization_shows_its_acronym_once(name, acronym, shown):
    assert str(OrganizationFactory.build(name_en=name, acronym=acronym)) == shown


def test_a_country_has_one_regulator():
    kenya = CountryFactory(iso3="KEN")
    OrganizationFactory(regulator_of=kenya)
    with refused_by_the_database("regulator_of"):
        OrganizationFactory(regulator_of=kenya)


def test_a_tag_shows_its_label_and_else_its_name():
    assert [str(TagFactory.build(name="wi-fi", label_en=label)) for label in ("Wi-Fi", "")] == ["Wi-Fi", "wi-fi"]


@pytest.mark.parametrize("field", ["title", "summary", "outcome"])
def test_a_text_in_one_language_is_not_empty_in_another(field):
    measure = MeasureFactory(**{f"{field}_en": "", f"{field}_fr": "Texte"})
    assert getattr(Measure.objects.get(pk=measure.pk), field) == "Texte"


def test_a_fruitless_search_is_recorded_once_for_a_country_a_topic_and_a_crisis():
    where = {"country": CountryFactory(), "topic": TopicFactory(), "crisis": CrisisFactory()}
    who = {"searched_on": datetime.date(2026, 1, 1), "searched_by": UserFactory()}
    Coverage.objects.create(**where, **who)
    with refused_by_the_database("coverage"):
        Coverage.objects.create(**where, **who)


def test_sources_of_the_same_day_keep_the_order_in_which_they_came():
    first, second = SourceFactory(published_on="2020-04"), SourceFactory(published_on="2020-04")
    newer = SourceFactory(published_on="2020-04-17")
    assert list(Source.objects.all()) == [newer, first, second]
