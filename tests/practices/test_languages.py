import pytest
from django.utils import translation

from practices.languages import language_name, offered_languages, preferred_languages, text_of, translated
from practices.models import Measure
from tests.factories import MeasureFactory


@pytest.mark.parametrize(
    ("language", "order"),
    [
        ("en", ["en", "ar", "es", "fr", "ru", "zh-hans"]),
        ("fr", ["fr", "en", "ar", "es", "ru", "zh-hans"]),
        ("zh-hans", ["zh-hans", "en", "ar", "es", "fr", "ru"]),
    ],
)
def test_the_readers_language_comes_first_then_english(language, order):
    with translation.override(language):
        assert preferred_languages() == order


TITLES = [
    ({"title_en": "English", "title_fr": "Français", "title_zh_hans": "中文"}, "fr", ("Français", "fr")),
    ({"title_en": "English", "title_fr": "Français", "title_zh_hans": "中文"}, "zh-hans", ("中文", "zh-hans")),
    ({"title_en": "English", "title_fr": "Français"}, "ru", ("English", "en")),
    ({"title_en": "", "title_fr": "Français", "title_es": None}, "en", ("Français", "fr")),
    ({"title_en": "", "title_zh_hans": "中文"}, "ar", ("中文", "zh-hans")),
    ({"title_en": ""}, "ar", ("", "ar")),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("titles", "language", "shown"), TITLES)
def test_a_text_is_shown_in_the_first_language_that_has_it_and_says_which(titles, language, shown):
    measure = MeasureFactory(**titles)
    with translation.override(language):
        assert text_of(measure, "title") == shown
        assert Measure.objects.values_list(translated("title"), flat=True).get() == shown[0]


@pytest.mark.parametrize(
    ("code", "reader", "name"),
    [("fr", "en", "French"), ("fr", "fr", "français"), ("am", "en", "Amharic"), ("xx", "en", "xx"), ("", "en", "")],
)
def test_a_language_is_named_in_the_readers_own_or_by_its_code(code, reader, name):
    with translation.override(reader):
        assert language_name(code).lower() == name.lower()


def test_the_portal_is_offered_in_the_languages_that_its_words_are_compiled_for(settings, tmp_path):
    for folder in ("fr", "zh_Hans"):
        words = tmp_path / folder / "LC_MESSAGES" / "django.mo"
        words.parent.mkdir(parents=True)
        words.touch()
    settings.LOCALE_PATHS = [tmp_path]
    offered_languages.cache_clear()
    try:
        assert offered_languages() == ["en", "fr", "zh-hans"]
    finally:
        offered_languages.cache_clear()
