import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import ProtectedError
from django.utils import translation

from countries.models import Country
from tests.factories import CountryFactory, GroupFactory, make_measure

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"longitude": 180.1}, "country_point_on_earth"),
        ({"latitude": -90.1}, "country_point_on_earth"),
        ({"radio_region": 4}, "country_radio_region_known"),
        ({"itu_region": "AFR"}, "country_itu_region_known"),
    ],
)
def test_the_database_refuses_what_no_country_has(fields, name):
    with pytest.raises(IntegrityError, match=name):
        CountryFactory(**fields)


def test_codes_belong_to_one_country():
    CountryFactory(iso2="KE", iso3="KEN")
    with pytest.raises(IntegrityError):
        CountryFactory(iso2="KE", iso3="KEM")


@pytest.mark.parametrize(("field", "value"), [("iso2", "ke"), ("iso3", "ken"), ("iso3", "KE"), ("m49", "4")])
def test_codes_are_written_as_iso_and_the_un_write_them(field, value):
    with pytest.raises(ValidationError) as refused:
        CountryFactory.build(**{field: value}).full_clean()
    assert set(refused.value.message_dict) == {field}


def test_addresses_carry_the_code_in_small_letters():
    kenya = CountryFactory(iso3="KEN")
    assert (kenya.code, kenya.get_absolute_url()) == ("ken", "/countries/ken/")
    assert GroupFactory(code="eac").get_absolute_url() == "/groups/eac/"


def test_a_country_without_a_name_in_the_readers_language_shows_its_english_one():
    CountryFactory(iso3="KEN", name_en="Kenya", name_ru="Кения")
    names = []
    for language in ("ru", "fr"):
        with translation.override(language):
            names.append(str(Country.objects.get()))
    assert names == ["Кения", "Kenya"]


def test_a_country_that_administers_a_territory_cannot_be_deleted():
    usa = CountryFactory(iso3="USA")
    guam = CountryFactory(iso3="GUM", administered_by=usa)
    with pytest.raises(ProtectedError):
        usa.delete()
    assert list(usa.territories.all()) == [guam]


def test_a_group_knows_its_members_and_they_know_it():
    kenya = CountryFactory(iso3="KEN")
    group = GroupFactory(members=[kenya])
    measure = make_measure(countries=[], areas=[group])
    assert list(kenya.groups.all()) == [group]
    assert list(group.measures.all()) == [measure]
