"""What a query finds, and in which order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practices import catalogue, workflow
from practices.catalogue import Selection
from practices.catalogue.analysis import plain, words
from practices.catalogue.catalogue import RELEVANCE
from practices.catalogue.highlight import Highlighter
from practices.catalogue.ranking import corrected, search
from practices.catalogue.suggest import recognised, suggestions
from tests.factories import (
    BeneficiaryFactory,
    CountryFactory,
    CrisisFactory,
    GroupFactory,
    MeasureTypeFactory,
    OrganizationFactory,
    SpectrumBandFactory,
    TopicFactory,
    make_measure,
)

pytestmark = pytest.mark.django_db


def found(text):
    """Return the slugs that the query ``text`` finds, the best first."""
    current = catalogue.current()
    return slugs_of(search(text, current), current)


def slugs_of(result, current):
    selection = Selection(current, result.query, RELEVANCE)
    slugs = [measure.slug for measure in selection[:100]]
    assert len(slugs) == len(selection)
    return slugs


def test_every_word_has_to_be_somewhere():
    make_measure(slug="both", title="Spectrum lent", summary="For hospitals.")
    make_measure(slug="one", title="Spectrum lent", summary="For schools.")

    assert found("hospitals spectrum") == ["both"]
    assert set(found("spectrum")) == {"both", "one"}


def test_a_title_beats_a_summary_and_a_summary_beats_a_source():
    make_measure(slug="summary", title="Relief", summary="Roaming for all.")
    make_measure(slug="title", title="Roaming for all")
    make_measure(slug="band", title="Relief", bands=["roaming"])

    assert found("roaming") == ["title", "summary", "band"]


def test_a_word_itself_beats_an_inflected_one_and_how_it_begins():
    make_measure(slug="begins", title="Networking opened")
    make_measure(slug="inflected", title="Networks opened")
    make_measure(slug="itself", title="Network opened")

    assert found("network")[0] == "itself"
    assert set(found("network ")) == {"itself", "inflected", "begins"}


def test_the_last_word_may_be_unfinished_unless_a_blank_follows():
    make_measure(slug="one", title="Telemedicine opened")

    assert found("telemed") == ["one"]
    assert found("opened telemed") == ["one"]
    make_measure(slug="two", title="Telemed")
    assert found("telemed ") == ["two"]
    assert found("telemed opened") == ["one", "two"] or search("telemed opened", catalogue.current()).partial


def test_a_phrase_stands_together_in_one_text():
    make_measure(slug="together", title="Rules of the open internet")
    make_measure(slug="apart", title="Open rules of the internet")
    make_measure(slug="across", title="Open", summary="Internet rules")

    assert found('"open internet"') == ["together"]
    assert found("“open internet” rules") == ["together"]
    assert found('"open internet') == ["together"]
    assert set(found("open internet rules")) == {"together", "apart", "across"}


def test_a_phrase_may_be_a_name():
    south_africa = CountryFactory(iso3="ZAF", iso2="ZA", name_en="South Africa")
    make_measure(slug="one", title="Relief", countries=[south_africa])

    assert found('"south africa"') == ["one"]
    assert found('"africa south"') == []


@pytest.mark.parametrize(
    "query", ["spectrum -kenya", 'spectrum -"kenya"', "-kenya spectrum", "spectrum −kenya", "-kenya"]
)
def test_a_minus_excludes_a_word_wherever_it_is(query):
    kenya = CountryFactory(iso3="KEN", iso2="KE", name_en="Kenya")
    ghana = CountryFactory(iso3="GHA", iso2="GH", name_en="Ghana")
    make_measure(slug="linked", title="Spectrum lent", countries=[kenya])
    make_measure(slug="named", title="Spectrum lent as in Kenya", countries=[ghana])
    make_measure(slug="other", title="Spectrum lent", countries=[ghana])

    assert found(query) == ["other"]


def test_a_hyphen_within_a_word_is_no_minus():
    make_measure(slug="one", title="Zero-rating of schools")

    assert found("zero-rating") == found("zero rating") == found("zerorating") == ["one"]


def test_a_measure_is_found_by_the_names_of_what_it_points_at():
    ivory_coast = CountryFactory(
        iso3="CIV", iso2="CI", name_en="Côte d’Ivoire", name_ru="Кот-д’Ивуар", name_zh_hans="科特迪瓦"
    )
    topic = TopicFactory(code="affordability", name_en="Affordability")
    kind = MeasureTypeFactory(code="price-relief", name_en="Price relief", definition_en="Discounts.", topic=topic)
    make_measure(
        slug="one",
        title="Bills",
        countries=[ivory_coast],
        measure_type=kind,
        crisis=CrisisFactory(slug="maria-2017", name_en="Hurricane Maria", started_on="2017-09"),
        organizations=[OrganizationFactory(name_en="Autorité de régulation", acronym="ARTCI")],
        tags=["m-bank"],
    )
    for query in (
        *("cote d'ivoire", "Cote divoire", "côte", "CIV", "civ", "CI bills", "ivory coast", "кот-д'ивуар", "科特迪瓦"),
        *(
            "affordability",
            "price relief",
            "discount",
            "hurricane maria",
            "hurricane 2017",
            "artci",
            "regulation",
            "mbank",
        ),
    ):
        assert found(query) == ["one"], query
    assert search("ci bills ", catalogue.current()).partial  # a code of two letters is one in capitals only


def test_the_name_of_a_country_means_that_country():
    guinea = CountryFactory(iso3="GIN", iso2="GN", name_en="Guinea")
    bissau = CountryFactory(iso3="GNB", iso2="GW", name_en="Guinea-Bissau")
    make_measure(slug="bissau", title="Relief", countries=[bissau])
    make_measure(slug="guinea", title="Relief", countries=[guinea])

    assert found("guinea") == ["guinea"]
    assert found("guinea bissau") == ["bissau"]


def test_an_area_finds_its_own_measures_before_those_of_its_members():
    kenya = CountryFactory(iso3="KEN", iso2="KE", name_en="Kenya")
    africa = GroupFactory(code="africa", name_en="Africa", members=[kenya])
    make_measure(slug="member", title="Relief", countries=[kenya], announced_on="2022")
    make_measure(slug="area", title="Relief", areas=[africa], announced_on="2020")

    assert found("africa") == ["area", "member"]


def test_what_the_field_says_in_several_ways_is_found_by_each():
    make_measure(slug="neutrality", title="Guidance on net neutrality", announced_on="2020")
    make_measure(slug="open", title="Guidance on the open internet", announced_on="2021")

    assert found("net neutrality") == ["neutrality", "open"]
    assert found("open internet") == ["open", "neutrality"]
    make_measure(slug="spectrum", title="Spectrum lent")
    assert found("airwaves") == found("frequencies") == ["spectrum"]


@pytest.mark.parametrize("query", ["3.5 GHz", "3,5 GHz", "3.5GHz", "3500 MHz", "3500mhz", "3.5 ghz relief"])
def test_a_band_is_found_however_it_is_written(query):
    make_measure(slug="one", title="Relief", bands=["3.5 GHz"])
    make_measure(slug="other", title="Relief of 3.5 million")

    assert found(query) == ["one"]


def test_a_year_is_that_of_the_announcement():
    make_measure(slug="older", title="Spectrum lent", announced_on="2020-03")
    make_measure(slug="newer", title="Spectrum lent", announced_on="2021")

    assert found("spectrum 2020") == ["older"]


def test_words_that_say_nothing_are_left_out_unless_there_are_no_others():
    make_measure(slug="one", title="Spectrum lent")
    make_measure(
        slug="who", title="How WHO helped", organizations=[OrganizationFactory(name_en="Health", acronym="WHO")]
    )

    assert found("who is the spectrum of") == ["one"]
    assert found("how WHO") == ["who"]
    assert found("how") == ["who"]


def test_a_question_that_nothing_answers_in_full_finds_what_has_most_of_it():
    make_measure(slug="most", title="Cash for rural schools", summary="Internet.")
    make_measure(slug="little", title="Cash")
    make_measure(slug="none", title="Roaming")

    result = search("who sponsored cash for internet at rural schools and monasteries?", catalogue.current())
    assert result.partial
    assert found("who sponsored cash for internet at rural schools and monasteries?") == ["most"]
    assert not search("rural schools", catalogue.current()).partial


def test_nothing_is_found_where_no_word_is_known():
    make_measure(title="Spectrum lent")

    result = search("xqzwv", catalogue.current())
    assert (found("xqzwv"), result.partial, result.corrected) == ([], False, "")


def test_a_misspelt_word_is_found_as_what_was_meant():
    make_measure(slug="one", title="Spectrum lent")

    assert found("specrum") == ["one"]
    assert search("specrum", catalogue.current()).corrected == "spectrum"
    assert found('"specrum"') == []


def test_a_search_asks_the_database_nothing(django_assert_num_queries):
    make_measure(title="Spectrum lent to hospitals")
    current = catalogue.current()
    with django_assert_num_queries(0):
        search("hospitals spectrum -spectrum", current)


HOSTILE = [
    *('"', '""', '"""', "'", "-", "--", '-"', "- -", "*", ":", "AND", "OR NOT", "NEAR(a b, 3)", "title:x", "a* OR b*"),
    *(
        "\0",
        "a\0b",
        "\ud800",
        "\udfff spectrum",
        "😀",
        "👩‍👩‍👧",
        "¦",
        "=spectrum",
        "'; DROP TABLE x; --",
        "%s %(a)s",
        "%",
    ),
    *("\\", "spectrum\\", "<b>", "&amp;", "|", "!", "<->", ":*", "(", ")", "½ ² ①", "　", "\u202e", "٣٫٥", "a" * 200),
    *("漢" * 200, "1,1," * 50, "1-" * 100, "-spectrum", '-"spectrum lent"', "x " * 100, "Ⅷ ǅ ﬁ", "ـ", "ُ"),
]


@pytest.mark.parametrize("text", ["", " ", *HOSTILE, *(f"spectrum {text}" for text in HOSTILE)])
def test_any_text_can_be_asked(text):
    measure = make_measure(slug="one", title="Spectrum lent", tags=["x"])
    check_everything(text, catalogue.current(), measure)


def check_everything(text, current, measure):
    result = search(text, current)
    slugs_of(result, current)
    corrected(text, current)
    suggestions(text, current)
    recognised(text, current)
    reading = Highlighter(result.parts).read(measure.title, "en")
    assert "".join(piece for piece, _is_match in reading.pieces()) == measure.title
    reading.snippet(5)


def test_any_generated_text_can_be_asked():
    measure = make_measure(slug="one", title="Spectrum lent")
    current = catalogue.current()

    @given(st.text(st.characters(), max_size=200) | st.text("spectrum -\"'*:", max_size=60))
    def check(text):
        check_everything(text, current, measure)

    check()


def test_what_a_query_finds_is_what_its_words_find():
    titles = [
        "Spectrum lent",
        "Spectrum for hospitals",
        "Roaming for hospitals",
        "Open internet",
        "Internet for schools",
    ]
    for number, title in enumerate(titles):
        make_measure(slug=f"m{number}", title=title, summary="Done.")
    current = catalogue.current()
    vocabulary = sorted({plain(word) for title in titles for word in words(title).split()} - {"for"})

    @given(st.lists(st.sampled_from(vocabulary), min_size=1, max_size=3, unique=True), st.sampled_from(vocabulary))
    def check(wanted, excluded):
        query = f"{' '.join(wanted)} -{excluded} "
        expected = {
            f"m{number}"
            for number, title in enumerate(titles)
            if set(wanted) <= (have := set(map(plain, words(title).split()))) and excluded not in have
        }
        result = search(query, current)
        assert set(slugs_of(result, current)) == expected or (result.partial and not expected)

    check()


def test_the_description_of_a_crisis_does_not_find_all_that_was_done_in_it():
    crisis = CrisisFactory(name_en="COVID-19 pandemic", description_en="A public health emergency.")
    make_measure(slug="about-health", title="Health sites zero-rated", crisis=crisis)
    make_measure(slug="another", title="Spectrum lent", crisis=crisis)

    assert found("health") == ["about-health"]
    assert set(found("pandemic")) == {"about-health", "another"}


def test_a_definition_counts_less_than_what_a_measure_says():
    vulnerable = BeneficiaryFactory(name_en="Vulnerable groups", definition_en="Refugees, travellers and others")
    make_measure(slug="for-groups", title="Cheap data", beneficiaries=[vulnerable], announced_on="2022")
    make_measure(slug="for-refugees", title="Data for refugees", announced_on="2020")

    assert found("refugees") == ["for-refugees", "for-groups"]
    assert found("travellers") == ["for-groups"]


@pytest.mark.parametrize("query", ["KEEP AMERICANS CONNECTED", "keep americans connect"])
@pytest.mark.parametrize("field", ["title", "summary"])
def test_words_in_the_order_in_which_they_were_typed_come_first(query, field):
    make_measure(slug="scattered", title="Connected: who can keep Americans", summary="Americans keep.")
    texts = {"title": "A pledge", "summary": "Keep going, Americans: connected."}
    make_measure(slug="in-order", **(texts | {field: "The pledge to keep Americans connected"}))

    assert found(query) == ["in-order", "scattered"]


def test_a_word_is_left_out_with_all_that_it_finds():
    make_measure(slug="spectrum", title="Spectrum lent")
    make_measure(slug="synonym", title="Frequencies lent")
    make_measure(slug="neither", title="Towers lent")

    assert found("spectrum -spectrum") == []
    assert found("lent -spectrum") == ["neither"]
    assert sorted(found('lent -"spectrum lent"')) == ["neither", "synonym"]


@pytest.mark.parametrize(
    "query",
    ["временный спектр", "الطيف المؤقت", "ترددات", "频谱", "临时频谱", "espectro temporal", "spectre temporaire"],
)
def test_spectrum_is_found_in_the_languages_of_readers(query):
    make_measure(slug="one", title="Temporary spectrum lent")
    make_measure(slug="other", title="Bills waived")

    assert found(query) == ["one"]


@pytest.mark.parametrize(
    ("query", "slug"),
    [("免费 流量", "data"), ("datos gratis", "data"), ("itinérance gratuite", "roaming"), ("漫游", "roaming")],
)
def test_the_fields_words_are_found_in_the_languages_of_readers(query, slug):
    make_measure(slug="data", title="Zero-rated websites")
    make_measure(slug="roaming", title="Roaming opened", measure_type=MeasureTypeFactory(code="network-sharing"))

    assert found(query) == [slug]


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        *(("télétravail", "work"), ("teletrabajo", "work"), ("дистанционная работа", "work"), ("远程办公", "work")),
        *(
            ("التعليم عن بعد", "learning"),
            ("enseignement à distance", "learning"),
            ("дистанционное обучение", "learning"),
        ),
        *((word, "storm") for word in ("huracán", "ouragan", "ураган", "إعصار", "飓风", "hurricane", "ouragans")),
        *((word, "quake") for word in ("terremoto", "séisme", "землетрясение", "زلزال", "地震", "terremotos")),
        *((word, "flood") for word in ("inondation", "inundación", "наводнение", "فيضان", "洪水")),
        *(("espectro", "spectrum"), ("الطيف", "spectrum"), ("频谱", "spectrum")),
    ],
)
def test_types_topics_and_kinds_of_crises_are_found_in_six_languages(query, slug):
    types = {
        "work": MeasureTypeFactory(code="telework-egovernment", name_en="Telework and e-government"),
        "learning": MeasureTypeFactory(code="distance-learning", name_en="Distance learning"),
        "spectrum": MeasureTypeFactory(code="x", name_en="X", topic__code="spectrum", topic__name_en="Spectrum"),
    }
    for name, kind in types.items():
        make_measure(slug=name, title="Relief", measure_type=kind)
    for name, kind in {"storm": "storm", "quake": "earthquake", "flood": "flood"}.items():
        make_measure(slug=name, title="Relief", crisis=CrisisFactory(slug=name, name_en=name.title(), kind=kind))

    assert found(query) == [slug]


@pytest.mark.parametrize("query", ["694-790 MHz", "3.4 – 3.8 GHz", "2 500–2 690 MHz", "3400 MHz to 3800 MHz"])
def test_a_range_of_frequencies_finds_measures_whose_bands_overlap_it(query):
    edges = {"694-790 MHz": (703, 733), "2 500–2 690 MHz": (2600, 2620)}.get(query, (3700, 3900))
    for slug, pair in {"overlaps": edges, "touches": (790, 862)}.items():
        measure = make_measure(slug=slug, title="Relief", status="draft")
        SpectrumBandFactory(measure=measure, label=slug, ranges=[pair])
        workflow.publish(measure, by=None)
    make_measure(slug="says-so", title=f"Relief in {query}")
    make_measure(slug="other", title="Relief", bands=["700 MHz"])

    assert sorted(found(query)) == ["overlaps", "says-so"]


def test_the_parts_of_a_search_tell_which_of_them_no_measure_has():
    make_measure(title="Internet opened")

    result = search("censorship internet", catalogue.current())
    assert [(part.unit.words[0].form, part.query is None) for part in result.parts] == [
        ("censorship", True),
        ("internet", False),
    ]
