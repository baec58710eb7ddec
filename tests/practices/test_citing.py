import re

import pytest
import time_machine
from django.utils import translation

from practices.citing import address_of, bibtex, citation_text
from practices.models import Measure
from tests.factories import MeasureFactory, make_measure

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _host(settings):
    settings.SITE_URL = "https://portal.example.org"


def make_record(title, **fields):
    with time_machine.travel("2020-06-15T12:00Z", tick=False):
        return make_measure(slug="ken-spectrum", title=title, **fields)


def test_the_address_is_the_portals_own_whatever_host_is_asked():
    assert address_of(make_record("Title")) == "https://portal.example.org/measures/ken-spectrum/"


def test_a_citation_names_the_record_its_last_change_and_the_day_it_was_seen():
    measure = make_record("Kenya lends {spectrum}")
    with time_machine.travel("2021-01-02T12:00Z", tick=False):
        assert citation_text(measure) == (
            "“Kenya lends {spectrum}”. Network Resiliency Practices, record ken-spectrum, last changed 15 June 2020. "
            "https://portal.example.org/measures/ken-spectrum/ (seen 2 January 2021)."
        )


def test_a_citation_is_in_the_readers_language():
    measure = make_record("Title", title_fr="Titre")
    with translation.override("fr"), time_machine.travel("2021-01-02T12:00Z", tick=False):
        assert "“Titre”" in citation_text(measure)
        assert "15 juin 2020" in citation_text(measure)
        assert "https://portal.example.org/fr/measures/ken-spectrum/" in citation_text(measure)


def test_a_bibtex_entry_has_what_a_bibliography_needs():
    measure = make_record("Kenya lends spectrum")
    with time_machine.travel("2021-01-02T12:00Z", tick=False):
        assert bibtex(measure) == (
            "@misc{ken-spectrum,\n"
            "  title = {{Kenya lends spectrum}},\n"
            "  howpublished = {Network Resiliency Practices},\n"
            "  year = {2020},\n"
            "  note = {Record ken-spectrum, seen 2021-01-02},\n"
            "  url = {https://portal.example.org/measures/ken-spectrum/}\n"
            "}"
        )


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("5% & more", r"5\% \& more"),
        ("$1 #2 a_b", r"\$1 \#2 a\_b"),
        ("~5 ^ 6", r"{\textasciitilde}5 {\textasciicircum} 6"),
        ("a\\b", r"a{\textbackslash}b"),
        ("open { only", r"open {\textbraceleft} only"),
        ("} first", r"{\textbraceright} first"),
        ("Связь во время пандемии", "Связь во время пандемии"),
    ],
)
def test_what_tex_would_take_for_a_command_stands_as_text(title, written):
    entry = bibtex(make_record(title))
    assert f"title = {{{{{written}}}}},\n" in entry
    # BibTeX counts braces, escaped or not.
    assert entry.count("{") == entry.count("}")
    depths = [entry[: match.end()].count("{") - entry[: match.end()].count("}") for match in re.finditer("[{}]", entry)]
    assert min(depths[:-1]) >= 1


def test_a_record_without_a_text_in_english_is_cited_by_what_it_has():
    measure = Measure.objects.get(pk=MeasureFactory(title_en="", title_ar="عنوان").pk)
    assert "عنوان" in bibtex(measure)
    assert "عنوان" in citation_text(measure)
