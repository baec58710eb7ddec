"""Plain text search: every word of a query has to stand somewhere in the record."""

from functools import reduce
from operator import add, and_

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Case, IntegerField, Q, Value, When
from django.utils.translation import gettext_lazy as _

from practices.models import Measure

MAXIMUM_LENGTH = 200
MAXIMUM_WORDS = 12
LANGUAGES = [code.replace("-", "_") for code, _name in settings.LANGUAGES]
OWN_FIELDS = [f"{field}_{language}" for field in ("title", "summary") for language in LANGUAGES]
LINKED_FIELDS = {
    Measure.organizations.through: ["organization__acronym", *(f"organization__name_{code}" for code in LANGUAGES)],
    Measure.countries.through: ["country__iso3", *(f"country__name_{code}" for code in LANGUAGES)],
}
TAG_FIELDS = ["tag__name", *(f"tag__label_{code}" for code in LANGUAGES)]


def words_of(query):
    """The words of a query, each once."""
    return list(dict.fromkeys(query.split()))


def validate_words(query):
    """Refuse a query of more words than a search takes."""
    number = len(words_of(query))
    if number > MAXIMUM_WORDS:
        raise ValidationError(
            _("These are %(number)d words. Right would be at most %(most)d."),
            code="words",
            params={"number": number, "most": MAXIMUM_WORDS},
        )


def _contains(fields, word):
    condition = Q()
    for field in fields:
        condition |= Q(**{f"{field}__icontains": word})
    return condition


def matching(query):
    """Condition: title, summary, organizations, countries or tags have every word of ``query``."""

    def has(word):
        condition = _contains(OWN_FIELDS, word)
        for through, fields in LINKED_FIELDS.items():
            condition |= Q(pk__in=through.objects.filter(_contains(fields, word)).values("measure_id"))
        tagged = Measure.tags.through.objects.filter(_contains(TAG_FIELDS, word))
        return condition | Q(pk__in=tagged.values("content_object_id"))

    return reduce(and_, map(has, words_of(query)), Q())


def relevance(query):
    """Expression: how many words of ``query`` the title has."""
    titles = [field for field in OWN_FIELDS if field.startswith("title")]
    return reduce(
        add,
        (
            Case(When(_contains(titles, word), then=1), default=0, output_field=IntegerField())
            for word in words_of(query)
        ),
        Value(0),
    )
