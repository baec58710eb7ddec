"""Dates as editors type them."""

import pytest
from django.core.exceptions import ValidationError

from practices.partial_dates import PartialDate, PartialDateFormField
from practices.written_dates import WrittenDateFormField, read


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2020", "2020"),
        ("2020-04", "2020-04"),
        ("2020-04-17", "2020-04-17"),
        ("2020/4/7", "2020-04-07"),
        ("4/2020", "2020-04"),
        ("17.4.2020", "2020-04-17"),
        ("4/17/2020", "2020-04-17"),
        ("5.5.2020", "2020-05-05"),
        ("April 2020", "2020-04"),
        ("apr 2020", "2020-04"),
        ("17 April 2020", "2020-04-17"),
        ("April 17th, 2020", "2020-04-17"),
        ("the 1st of Sept. 2020", "2020-09-01"),
        ("1er août 2020", "2020-08-01"),
        ("17 de abril de 2020", "2020-04-17"),
        ("17 апреля 2020 г.", "2020-04-17"),
        ("17 أبريل 2020", "2020-04-17"),
        ("٢٠٢٠", "2020"),
        ("2020年4月17日", "2020-04-17"),
        ("2020 年 4 月", "2020-04"),
        ("  2020-04 ", "2020-04"),
    ],
)
def test_a_date_is_read_as_it_is_written(text, iso):
    assert read(text) == PartialDate.parse(iso)


@pytest.mark.parametrize("text", ["04/05/2020", "4.5.2020", "4-5-2020"])
def test_a_date_that_two_countries_read_differently_is_refused_with_both_readings(text):
    with pytest.raises(ValueError, match="4 May 2020 in some countries and 5 April 2020 in others") as refused:
        read(text)
    assert "Write 2020-05-04 or 2020-04-05" in str(refused.value)


@pytest.mark.parametrize("text", ["April", "17 April", "early 2020", "spring 2020", "April May 2020", "soon", "-"])
def test_what_is_no_date_is_refused_with_what_would_be_right(text):
    with pytest.raises(ValueError, match=r"Write a year \(2020\), a month \(2020-04\) or a day"):
        read(text)


@pytest.mark.parametrize("text", ["31 April 2020", "2020-13", "17.13.2020", "1020", "31.02.2021", "0/5/2020"])
def test_a_date_that_no_calendar_has_is_refused(text):
    with pytest.raises(ValueError, match="no calendar has"):
        read(text)


def test_the_desk_takes_words_and_public_addresses_take_iso_alone():
    assert WrittenDateFormField().clean("April 2020") == PartialDate(2020, 4)
    assert WrittenDateFormField(required=False).clean(" ") is None
    with pytest.raises(ValidationError):
        PartialDateFormField().clean("April 2020")
