"""Records for tests. ``make_measure`` takes a measure all the way to its status, as the desk would."""

import string

import factory
from django.core.management.color import no_style
from django.db import connection
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import User
from countries.models import Country, Group
from practices import workflow
from practices.models import (
    Beneficiary,
    Citation,
    Crisis,
    Measure,
    MeasureType,
    Organization,
    Source,
    SpectrumBand,
    SpectrumRange,
    Tag,
    Topic,
)


def _letters(number, length):
    text = ""
    for _place in range(length):
        number, rest = divmod(number, 26)
        text = string.ascii_uppercase[rest] + text
    return text


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence("user{}@example.org".format)
    password = factory.django.Password("long and secret")
    is_staff = True


class CountryFactory(DjangoModelFactory):
    """A country; the second call with the same ``iso3`` gives the first one's."""

    class Meta:
        model = Country
        django_get_or_create = ("iso3",)

    # First letters that tests do not use in codes of their own.
    iso2 = factory.Sequence(lambda n: "DHJLOQRVWY"[n // 26 % 10] + _letters(n, 1))
    iso3 = factory.Sequence(lambda n: _letters(23 * 26 * 26 + n, 3))  # from XAA on, which ISO leaves to users
    m49 = ""
    name_en = factory.LazyAttribute(lambda country: f"Country {country.iso3}")
    itu_status = "member"
    itu_region = "afr"
    itu_region_basis = "itu-bdt"
    radio_region = 1
    un_region = "Africa"
    income_group = "lower-middle"
    capital_name = "Capital"
    longitude = 36.8
    latitude = -1.3
    point_kind = "capital"


class GroupFactory(DjangoModelFactory):
    """A group of countries: ``GroupFactory(code="eu", members=[...])``."""

    class Meta:
        model = Group
        django_get_or_create = ("code",)
        skip_postgeneration_save = True

    code = factory.Sequence("group-{}".format)
    name_en = factory.LazyAttribute(lambda group: f"Group {group.code}")
    kind = "organization"

    @factory.post_generation
    def members(self, create, members, **kwargs):
        if members:
            self.members.set(members)


class TopicFactory(DjangoModelFactory):
    class Meta:
        model = Topic
        django_get_or_create = ("code",)

    code = factory.Sequence("topic-{}".format)
    name_en = factory.LazyAttribute(lambda topic: f"Name of {topic.code}")
    definition_en = "What belongs here."


class MeasureTypeFactory(DjangoModelFactory):
    class Meta:
        model = MeasureType
        django_get_or_create = ("code",)

    code = factory.Sequence("type-{}".format)
    name_en = factory.LazyAttribute(lambda kind: f"Name of {kind.code}")
    definition_en = "What belongs here."
    topic = factory.SubFactory(TopicFactory)


class BeneficiaryFactory(DjangoModelFactory):
    class Meta:
        model = Beneficiary
        django_get_or_create = ("code",)

    code = factory.Sequence("beneficiary-{}".format)
    name_en = factory.LazyAttribute(lambda group: f"Name of {group.code}")
    definition_en = "Who belongs here."


class CrisisFactory(DjangoModelFactory):
    class Meta:
        model = Crisis
        django_get_or_create = ("slug",)

    slug = factory.Sequence("crisis-{}".format)
    name_en = factory.LazyAttribute(lambda crisis: f"Name of {crisis.slug}")
    kind = "epidemic"
    started_on = "2020-01-30"


class OrganizationFactory(DjangoModelFactory):
    class Meta:
        model = Organization
        django_get_or_create = ("slug",)

    slug = factory.Sequence("organization-{}".format)
    name_en = factory.LazyAttribute(lambda organization: f"Name of {organization.slug}")
    kind = "regulator"


class SourceFactory(DjangoModelFactory):
    class Meta:
        model = Source

    url = factory.Sequence("https://source.example/{}".format)
    title = factory.Sequence("Source {}".format)
    publisher = "Publisher"
    kind = "news"
    language = "en"

    @classmethod
    def _create(cls, model, *args, **fields):
        source = super()._create(model, *args, **fields)
        if "pk" in fields:  # PostgreSQL, which counts by itself, is not to give the same id to another
            with connection.cursor() as cursor:
                for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
                    cursor.execute(statement)
        return source


class TagFactory(DjangoModelFactory):
    class Meta:
        model = Tag
        django_get_or_create = ("name",)

    name = factory.Sequence("tag-{}".format)
    label_en = factory.LazyAttribute(lambda tag: tag.name.replace("-", " "))


class SpectrumBandFactory(DjangoModelFactory):
    """A band of a measure: ``SpectrumBandFactory(measure=..., ranges=[("703", "733")])``."""

    class Meta:
        model = SpectrumBand
        skip_postgeneration_save = True

    role = "granted"
    label = "700 MHz"

    @factory.post_generation
    def ranges(self, create, ranges, **kwargs):
        for lower, upper in ranges or ():
            SpectrumRange.objects.create(band=self, lower_mhz=lower, upper_mhz=upper)


class MeasureFactory(DjangoModelFactory):
    """A bare draft, which nothing is linked to. ``make_measure`` gives a whole record."""

    class Meta:
        model = Measure

    slug = factory.Sequence("measure-{}".format)
    title_en = factory.Sequence("Measure {}".format)
    summary_en = "The regulator did something."
    scope = "national"
    crisis = factory.SubFactory(CrisisFactory, slug="covid-19")
    measure_type = factory.SubFactory(MeasureTypeFactory, code="zero-rating", topic__code="affordability")
    updated_at = factory.LazyFunction(timezone.now)


def make_measure(
    *,
    status="published",
    countries=None,
    areas=(),
    organizations=(),
    beneficiaries=(),
    sources=1,
    tags=(),
    bands=(),
    by=None,
    **fields,
):
    """A measure that went through ``workflow`` to ``status``.

    ``countries`` and ``tags`` are records or their codes and names; ``sources`` is a number of them, or a
    list of records and of kinds; ``bands`` are labels. A record with neither countries nor areas gets a country.
    """
    for field in ("title", "summary", "outcome"):
        if field in fields:
            fields[f"{field}_en"] = fields.pop(field)
    measure = MeasureFactory(**fields)
    if countries is None:
        countries = [] if areas else ["KEN"]
    measure.countries.set(CountryFactory(iso3=item) if isinstance(item, str) else item for item in countries)
    measure.areas.set(areas)
    measure.organizations.set(organizations)
    measure.beneficiaries.set(beneficiaries)
    measure.tags.set([TagFactory(name=item) if isinstance(item, str) else item for item in tags])
    cite(measure, ["news"] * sources if isinstance(sources, int) else sources)
    for position, label in enumerate(bands):
        SpectrumBandFactory(measure=measure, label=label, position=position)
    if status == "in-review":
        workflow.submit(measure, by=by)
    elif status in ("published", "withdrawn"):
        workflow.publish(measure, by=by)
        if status == "withdrawn":
            workflow.withdraw(measure, by=by, reason="Recorded twice.")
    return measure


def cite(measure, sources):
    """Let ``measure`` rest on ``sources`` too: records, or kinds of new ones."""
    for position, source in enumerate(sources, start=measure.citations.count()):
        record = SourceFactory(kind=source) if isinstance(source, str) else source
        Citation.objects.create(measure=measure, source=record, position=position)
