"""What the API answers, but for measures, which ``practices.serializers`` describes."""

import datetime
from functools import cache

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from countries.choices import GroupKind, IncomeGroup, ItuRegion, ItuStatus, RadioRegion
from practices.catalogue.names import code_of
from practices.choices import CoverageStatus, CrisisKind, OrganizationKind, SourceKind, Status
from practices.facets import FACETS
from practices.serializers import LANGUAGES, MeasureSerializer, PartialDateField

# The annotations of methods are read by drf-spectacular, which publishes them as types.


class RecordSerializer(serializers.Serializer):
    """What measures point at."""

    # The context has the ``parameter`` of the list that takes its code and, by id, the ``counts`` of its measures.
    NAME = "name"

    code = serializers.SerializerMethodField(help_text="As parameters and addresses write it.")
    name = serializers.SerializerMethodField(help_text="In English where there is one.")
    names = serializers.SerializerMethodField(help_text="By language, in those that have one.")
    url = serializers.SerializerMethodField(help_text="Its page.")
    measure_count = serializers.SerializerMethodField(
        help_text="How many measures the list has with this code as its parameter."
    )

    def get_code(self, record) -> str:
        return code_of(self.context["parameter"], record)

    def get_name(self, record) -> str:
        return getattr(record, f"{self.NAME}_en") or str(record)

    def get_names(self, record) -> dict[str, str]:
        names = {language: getattr(record, f"{self.NAME}_{language.replace('-', '_')}") for language in LANGUAGES}
        return {language: name for language, name in names.items() if name}

    def get_url(self, record) -> str:
        return f"{settings.SITE_URL}{record.get_absolute_url()}"

    def get_measure_count(self, record) -> int:
        return self.context["counts"][record.pk]


class CountrySerializer(RecordSerializer):
    """A country or territory."""

    iso2 = serializers.CharField(help_text="ISO 3166-1 alpha-2.")
    iso3 = serializers.CharField(help_text="ISO 3166-1 alpha-3.")
    m49 = serializers.CharField(help_text="The UN's code; empty where there is none.")
    itu_status = serializers.ChoiceField(ItuStatus.choices)
    region = serializers.ChoiceField(ItuRegion.choices, source="itu_region", help_text="The ITU's.")
    radio_region = serializers.ChoiceField(RadioRegion.choices, help_text="Of the Radio Regulations, Article 5.")
    un_region = serializers.CharField()
    un_subregion = serializers.CharField(help_text="Empty where there is none.")
    income = serializers.SerializerMethodField(help_text="The World Bank's group; null where it has none.")
    groups = serializers.SerializerMethodField(help_text="The codes of the groups that it belongs to.")
    regulator = serializers.SerializerMethodField(help_text="The code of its regulator; null where none is recorded.")
    capital = serializers.CharField(source="capital_name", help_text="Empty where there is none.")
    longitude = serializers.FloatField(help_text="Of the capital or else of a point within; degrees, east positive.")
    latitude = serializers.FloatField(help_text="Degrees, north positive.")

    @extend_schema_field(serializers.ChoiceField(IncomeGroup.choices, allow_null=True))
    def get_income(self, country):
        return country.income_group or None

    def get_groups(self, country) -> list[str]:
        return sorted(group.code for group in country.groups.all())

    def get_regulator(self, country) -> str | None:
        regulator = getattr(country, "regulator", None)
        return regulator and regulator.slug


class GroupSerializer(RecordSerializer):
    """A group of countries."""

    kind = serializers.ChoiceField(GroupKind.choices)
    members = serializers.SerializerMethodField(help_text="The codes of its countries.")

    def get_members(self, group) -> list[str]:
        return sorted(country.code for country in group.members.all())


class CodeSerializer(RecordSerializer):
    """An entry of the codebook."""

    definition = serializers.SerializerMethodField(help_text="What belongs here, in English where it is.")

    def get_definition(self, record) -> str:
        return record.definition_en or record.definition


class MeasureTypeSerializer(CodeSerializer):
    """A type of measure, the lower level of the codebook."""

    topic = serializers.CharField(source="topic.code", help_text="The code of its topic.")


class TopicSerializer(CodeSerializer):
    """A topic, the upper level of the codebook."""

    types = serializers.SerializerMethodField(help_text="The codes of its types.")

    def get_types(self, topic) -> list[str]:
        return [kind.code for kind in topic.measure_types.all()]


class CrisisSerializer(RecordSerializer):
    """What networks had to withstand."""

    kind = serializers.ChoiceField(CrisisKind.choices)
    started_on = PartialDateField(allow_null=False)
    ended_on = PartialDateField(help_text="Null where it has not ended, or nobody says when.")
    description = serializers.SerializerMethodField(help_text="In English where it is; may be empty.")

    def get_description(self, crisis) -> str:
        return crisis.description_en or crisis.description


class OrganizationSerializer(RecordSerializer):
    """Somebody who acts in a crisis, or a country's regulator."""

    acronym = serializers.CharField(help_text="May be empty.")
    kind = serializers.ChoiceField(OrganizationKind.choices)
    country = serializers.SerializerMethodField(help_text="Its country's code; null for an international body.")
    regulator_of = serializers.SerializerMethodField(help_text="The code of the country whose regulator it is.")
    website = serializers.CharField(source="url", help_text="May be empty.")

    def get_country(self, organization) -> str | None:
        return organization.country and organization.country.code

    def get_regulator_of(self, organization) -> str | None:
        return organization.regulator_of and organization.regulator_of.code


class TagSerializer(RecordSerializer):
    """A keyword."""

    NAME = "label"


class SourceSerializer(serializers.Serializer):
    """A page or document that measures rest on."""

    id = serializers.IntegerField()
    page = serializers.SerializerMethodField(help_text="Its page here.")
    url = serializers.CharField(help_text="Its own address.")
    title = serializers.CharField(help_text="In [brackets] where the page's own was not seen.")
    publisher = serializers.CharField()
    kind = serializers.ChoiceField(SourceKind.choices)
    language = serializers.CharField(help_text="ISO 639.")
    published_on = PartialDateField(help_text="Null where it does not say.")
    archived_url = serializers.CharField(help_text="May be empty.")
    last_working_at = serializers.DateTimeField(allow_null=True, help_text="When its address was last seen working.")
    measures = serializers.SerializerMethodField(help_text="The slugs of the measures that rest on it.")

    def get_page(self, source) -> str:
        return f"{settings.SITE_URL}{source.get_absolute_url()}"

    def get_measures(self, source) -> list[str]:
        cited_by = [citation.measure for citation in source.citations.all()]
        return sorted(measure.slug for measure in cited_by if measure.status == Status.PUBLISHED)


class FacetValueSerializer(serializers.Serializer):
    """A value of a parameter."""

    value = serializers.CharField(help_text="As the parameter has it.")
    label = serializers.CharField(help_text="In English.")
    count = serializers.IntegerField(help_text="How many measures there would be if it alone were chosen.")
    selected = serializers.BooleanField()


class FacetSerializer(serializers.Serializer):
    """A parameter of the list with its values."""

    name = serializers.ChoiceField(FACETS, help_text="The parameter.")
    label = serializers.CharField(help_text="In English.")
    values = FacetValueSerializer(many=True)


class FacetsSerializer(serializers.Serializer):
    """How many measures there are, and how many of what."""

    count = serializers.IntegerField(help_text="How many measures the parameters select.")
    facets = FacetSerializer(many=True)


class CoverageSerializer(serializers.Serializer):
    """A country, a topic and a crisis. What was done for a whole region does not count for its countries."""

    country = serializers.CharField(help_text="Its code.")
    topic = serializers.CharField(help_text="Its code.")
    crisis = serializers.CharField(help_text="Its code.")
    status = serializers.ChoiceField(CoverageStatus.choices)
    measure_count = serializers.IntegerField()
    searched_on = serializers.DateField(
        allow_null=True, help_text="When an editor searched and found nothing; null where nobody has."
    )


class TombstoneSerializer(serializers.Serializer):
    """A measure that was public and has been withdrawn."""

    slug = serializers.CharField()
    withdrawn_at = serializers.DateTimeField()


class FaultSerializer(serializers.Serializer):
    """What is wrong with a parameter."""

    parameter = serializers.CharField()
    value = serializers.CharField(allow_blank=True, help_text="What was given.")
    reason = serializers.CharField(help_text="What is wrong with it, and what would be right.")
    allowed = serializers.ListField(required=False, help_text="The values that there are, where they are few.")
    nearest = serializers.CharField(
        required=False, allow_null=True, help_text="For a parameter that there is not: the one that it resembles."
    )


class ProblemSerializer(serializers.Serializer):
    """Problem details (RFC 9457)."""

    type = serializers.CharField(help_text="An address that says more, or `about:blank`.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What is wrong, for people.")
    faults = FaultSerializer(many=True, required=False, help_text="Every parameter that is not right; with status 400.")


class WholeListSerializer(serializers.Serializer):
    """All of a list."""

    count = serializers.IntegerField(help_text="How many there are on all pages.")


class PageSerializer(WholeListSerializer):
    """A page of a list."""

    next = serializers.URLField(allow_null=True, help_text="The address of the next page; null on the last.")
    previous = serializers.URLField(allow_null=True, help_text="That of the page before; null on the first.")


@cache
def listing(child, base=WholeListSerializer):
    """The class of the answer with a list of what ``child``, a serializer class, describes."""
    name = f"{child.__name__.removesuffix('Serializer')}ListSerializer"
    return type(name, (base,), {"results": child(many=True)})


class MeasureListSerializer(PageSerializer):
    changed_at = serializers.DateTimeField(
        allow_null=True,
        help_text="When the catalogue was last changed: what to ask `changed_since` with the next time.",
    )
    results = MeasureSerializer(many=True)
    withdrawn = TombstoneSerializer(
        many=True,
        required=False,
        help_text="With `changed_since`: every record that was withdrawn then or later, whatever else was asked for.",
    )


def moment(value):
    """A ``datetime`` as the API writes it: in UTC, to the second; None where there is none."""
    return value and value.astimezone(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
