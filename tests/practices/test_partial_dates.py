import calendar
import datetime
from functools import cache

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from practices.models import Source
from practices.partial_dates import (
    PartialDate,
    PartialDateFormField,
    possibly_by,
    surely_by,
    surely_from,
)
from tests.factories import SourceFactory

WRONG = [
    *("2020-13", "2020-00", "2021-02-29", "2020-04-31", "2020-04-00", "2020-4", "20-04", "2020-04-17T00:00", "2020/04"),
    *("", " 2020", "2020 ", "2020\n", "April 2020", "1799", "2201", "0000", "٢٠٢٠", "2020-04-1", "2020-", "+2020"),
]


def partial_dates(first_year=2018, last_year=2022):
    """Years, months and days, of each as many."""
    days = st.dates(datetime.date(first_year, 1, 1), datetime.date(last_year, 12, 31))
    return st.builds(lambda day, length: PartialDate.parse(day.isoformat()[:length]), days, st.sampled_from([4, 7, 10]))


DAYS = st.dates(datetime.date(2017, 12, 25), datetime.date(2023, 1, 10))


@cache
def days_of_year(year):
    first = datetime.date(year, 1, 1)
    return [first + datetime.timedelta(days=n) for n in range(366 if calendar.isleap(year) else 365)]


def days_of(date):
    """Every day that a partial date can mean: those whose ISO text starts with its own."""
    text = date.isoformat()
    return [day for day in days_of_year(int(text[:4])) if day.isoformat().startswith(text)]


@pytest.mark.parametrize("text", ["2020", "2020-04", "2020-04-17", "2020-02-29", "1800", "2200-12-31"])
def test_text_that_a_calendar_has_is_read_and_written_alike(text):
    assert PartialDate.parse(text).isoformat() == text


@pytest.mark.parametrize("text", WRONG)
def test_text_that_no_calendar_has_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 -- the message differs by what is wrong
        PartialDate.parse(text)


def test_a_day_without_a_month_is_refused():
    with pytest.raises(ValueError, match="a day needs a month"):
        PartialDate(2020, None, 17)


@pytest.mark.parametrize("parts", [(2020, 0), (2020, 4, 0), (2020, 2, 30)])
def test_zero_is_no_month_and_no_day(parts):
    with pytest.raises(ValueError, match=r"month|day"):
        PartialDate(*parts)


@pytest.mark.parametrize(
    ("text", "words"), [("2020", "2020"), ("2020-04", "April 2020"), ("2020-04-17", "17 April 2020")]
)
def test_words_are_as_precise_as_the_date(text, words):
    assert str(PartialDate.parse(text)) == words


def test_words_are_in_the_readers_language():
    with translation.override("fr"):
        assert [str(PartialDate.parse(text)) for text in ("2020-04", "2020-04-17")] == ["avril 2020", "17 avril 2020"]


def test_a_year_comes_before_its_months_and_a_month_before_its_days():
    texts = ["2019-12-31", "2020", "2020-01", "2020-01-01", "2020-01-31", "2020-02", "2020-12-31", "2021"]
    shuffled = [PartialDate.parse(text) for text in sorted(texts, key=lambda text: text[::-1])]
    assert [date.isoformat() for date in sorted(shuffled)] == texts


def test_partial_dates_do_not_compare_with_other_things():
    with pytest.raises(TypeError):
        PartialDate(2020) < "2021"  # noqa: B015


@given(partial_dates())
@example(PartialDate(2020, 2))
@example(PartialDate(2019, 2))
@example(PartialDate(2020))
def test_first_and_last_day_are_the_ends_of_what_a_date_can_mean(date):
    assert (date.first_day, date.last_day) == (min(days_of(date)), max(days_of(date)))


@pytest.mark.parametrize(
    ("text", "number"), [("2020", 20200000), ("2020-04", 20200400), ("2020-04-17", 20200417), ("2020-12", 20201200)]
)
def test_stored_number_has_zeros_for_what_is_not_known(text, number):
    assert PartialDate.parse(text).number == number
    assert PartialDate.from_number(number) == PartialDate.parse(text)


@given(partial_dates(), DAYS)
@example(PartialDate(2020), datetime.date(2020, 12, 31))
@example(PartialDate(2020), datetime.date(2020, 12, 30))
@example(PartialDate(2020, 2), datetime.date(2020, 2, 29))
@example(PartialDate(2020, 2), datetime.date(2020, 2, 28))
@example(PartialDate(2020, 12), datetime.date(2020, 12, 31))
@example(PartialDate(2020), datetime.date(2020, 1, 1))
@example(PartialDate(2020, 4), datetime.date(2020, 4, 1))
@example(PartialDate(2020, 4), datetime.date(2020, 4, 2))
@pytest.mark.django_db
def test_conditions_hold_when_all_or_any_of_the_days_does(date, day):
    SourceFactory(url="https://source.example/dated", published_on=date)
    found = {
        condition.__name__: Source.objects.filter(condition("published_on", day)).exists()
        for condition in (surely_by, possibly_by, surely_from)
    }
    Source.objects.all().delete()
    assert found == {
        "surely_by": all(meant <= day for meant in days_of(date)),
        "possibly_by": any(meant <= day for meant in days_of(date)),
        "surely_from": all(meant >= day for meant in days_of(date)),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("condition", [surely_by, possibly_by, surely_from])
def test_an_unknown_date_satisfies_no_condition(condition):
    SourceFactory(published_on=None)
    assert not Source.objects.filter(condition("published_on", datetime.date(2020, 1, 1))).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["2020", "2020-04", "2020-04-17"])
def test_date_comes_back_from_the_database_as_it_went_in(text):
    SourceFactory(published_on=PartialDate.parse(text))
    SourceFactory(published_on=None)
    assert set(Source.objects.values_list("published_on", flat=True)) == {PartialDate.parse(text), None}


@pytest.mark.django_db
def test_lookups_take_a_date_its_text_and_its_number():
    source = SourceFactory(published_on="2020-04")
    for value in (PartialDate(2020, 4), "2020-04", 20200400):
        assert Source.objects.get(published_on=value) == source
        assert not Source.objects.filter(published_on__gt=value).exists()


@pytest.mark.django_db
def test_database_sorts_as_python_does():
    texts = ["2020-12-31", "2020", "2021", "2020-01-01", "2019-12", "2020-01"]
    for text in texts:
        SourceFactory(published_on=text)
    stored = Source.objects.order_by("published_on").values_list("published_on", flat=True)
    assert list(stored) == sorted(PartialDate.parse(text) for text in texts)


@pytest.mark.parametrize("text", ["2020-13", "soon", "2021-02-29"])
def test_field_refuses_what_is_no_date_and_says_what_would_be_right(text):
    with pytest.raises(ValidationError) as refused:
        Source._meta.get_field("published_on").clean(text, None)
    assert f"“{text}” is not a date" in refused.value.messages[0]
    assert "2020-04-17" in refused.value.messages[0]


@pytest.mark.django_db
def test_fixture_files_carry_the_iso_text():
    field = Source._meta.get_field("published_on")
    assert field.value_to_string(SourceFactory(published_on="2020-04")) == "2020-04"
    assert field.value_to_string(SourceFactory(published_on=None)) == ""


def test_form_field_reads_iso_texts_and_shows_them_again():
    field = PartialDateFormField(required=False)
    assert [field.clean(text) for text in ("", "  ", " 2020-04 ")] == [None, None, PartialDate(2020, 4)]
    assert [field.prepare_value(value) for value in (PartialDate(2020, 4), "2020-", None)] == ["2020-04", "2020-", None]


@pytest.mark.parametrize("text", ["2020-13", "x" * 10_000, "2020\x00"])
def test_form_field_names_a_short_form_of_what_is_wrong(text):
    with pytest.raises(ValidationError) as refused:
        PartialDateFormField().clean(text)
    assert f"“{text[:40]}” is not a date" in refused.value.messages[0]
