"""What a measure says, as plain data: the record with its citations, bands and tags, apart from where it stands.

Proposals keep it, history and conflicts compare it, imports are checked against it. Every value is what JSON has:
texts, ids of records, ISO dates, and lists of these. A field that is empty is there, and empty. A tag or source that
is yet to be made, which only an import has, is its name or address in place of an id.
"""

from collections import defaultdict
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from reversion.models import Version

from practices.models import Citation, Measure, Source, SpectrumBand, SpectrumRange, TaggedMeasure
from practices.partial_dates import PartialDate

LANGUAGES = [code.replace("-", "_") for code, _name in settings.LANGUAGES]
TEXTS = [f"{field}_{language}" for field in ("title", "summary", "outcome") for language in LANGUAGES]
VALUES = [
    *("slug", *TEXTS, "scope", "crisis_id", "measure_type_id", "legal_nature"),
    *("announced_on", "starts_on", "ends_on", "review_by", "confirmed_in_force_on"),
]
MANY = ["countries", "areas", "organizations", "beneficiaries"]
CITATION = ["source_id", "locator", "note"]
BAND = ["role", "label", "bandwidth", "holder", "terms", "starts_on", "ends_on"]
RANGE = ["lower_mhz", "upper_mhz", "nominal", "basis"]
FIELDS = [*VALUES, *MANY, "tags", "citations", "bands"]


class Difference(NamedTuple):
    """A field that two contents have differently: its name, what it is called, and both values in words."""

    field: str
    label: str
    before: str
    after: str


def content_of(measure):
    """What ``measure``, a saved one, says now: a dict with a value for each of ``FIELDS``."""
    return contents_of([measure])[measure.pk]


def contents_of(measures):
    """What each of ``measures`` says now, by its id; in as many queries as one takes."""
    measures = {measure.pk: measure for measure in measures}
    linked = {name: defaultdict(list) for name in MANY}
    for name in MANY:
        field = Measure._meta.get_field(name)
        columns = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
        for measure, other in field.remote_field.through.objects.filter(measure__in=measures).values_list(*columns):
            linked[name][measure].append(other)
    tagged = TaggedMeasure.objects.filter(content_object__in=measures).values("content_object_id", "tag_id")
    citations = Citation.objects.filter(measure__in=measures).values("measure_id", "pk", "position", *CITATION)
    bands = SpectrumBand.objects.filter(measure__in=measures).values("measure_id", "pk", "position", *BAND)
    ranges = SpectrumRange.objects.filter(band__measure__in=measures).values("band__measure_id", "band_id", *RANGE)
    tagged, citations = _by(tagged, "content_object_id"), _by(citations, "measure_id")
    bands, ranges = _by(bands, "measure_id"), _by(ranges, "band__measure_id")
    return {
        pk: _content(
            {name: getattr(measure, name) for name in VALUES} | {name: linked[name][pk] for name in MANY},
            [row["tag_id"] for row in tagged[pk]],
            citations[pk],
            bands[pk],
            ranges[pk],
        )
        for pk, measure in measures.items()
    }


def content_at(change):
    """What the measure of ``change`` said after it: the versions of its revision as ``content_of`` has them."""
    return contents_at([change])[change.pk]


def contents_at(changes):
    """``content_at`` each of ``changes``, by its id, in one query."""
    rows = defaultdict(lambda: defaultdict(list))
    revisions = [change.revision_id for change in changes]
    for version in Version.objects.filter(revision__in=revisions).select_related("content_type"):
        rows[version.revision_id][version.content_type.model_class()].append(version.field_dict)
    return {change.pk: _content_of_rows(rows[change.revision_id]) for change in changes}


def store(measure, content):
    """Have ``measure``, a saved one, say ``content``. Called within ``workflow.change``, which keeps the change.

    A field that ``content`` does not have stays as it is. IntegrityError, at the latest when the transaction
    ends, where a record that it names is no longer there.
    """
    for name in VALUES:
        if name in content:
            setattr(measure, name, _value(Measure, name, content[name]))
    measure.save()
    for name in MANY:
        if name in content:
            getattr(measure, name).set(content[name])
    if "tags" in content:
        measure.tagged.exclude(tag__in=content["tags"]).delete()
        for tag in set(content["tags"]) - set(measure.tagged.values_list("tag_id", flat=True)):
            TaggedMeasure.objects.create(content_object=measure, tag_id=tag)
    if "citations" in content:
        for position, citation in enumerate(content["citations"]):
            values = {"position": position} | {name: citation[name] for name in ("locator", "note")}
            Citation.objects.update_or_create(measure=measure, source_id=citation["source_id"], defaults=values)
        # The new ones first: a public record is never without a source.
        measure.citations.exclude(source__in=[citation["source_id"] for citation in content["citations"]]).delete()
    if "bands" in content:
        measure.bands.all().delete()
        for position, band in enumerate(content["bands"]):
            stored = _new_band(measure, position, band)
            stored.save()
            for edges in band["ranges"]:
                SpectrumRange.objects.create(band=stored, **edges)


def create(contents, **fields):
    """New measures that say ``contents``, each with a value for all of ``FIELDS``, and have ``fields`` beside.

    Returns them, in that order. Called within the step of ``practices.workflow`` that keeps the changes.
    """
    measures = Measure.objects.bulk_create(
        [Measure(**{name: _value(Measure, name, content[name]) for name in VALUES}, **fields) for content in contents]
    )
    written = list(zip(measures, contents, strict=True))
    for name in MANY:
        field = Measure._meta.get_field(name)
        this, other = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
        through = field.remote_field.through
        through.objects.bulk_create(
            [through(**{this: measure.pk, other: pk}) for measure, content in written for pk in content[name]]
        )
    TaggedMeasure.objects.bulk_create(
        [TaggedMeasure(content_object=measure, tag_id=pk) for measure, content in written for pk in content["tags"]]
    )
    Citation.objects.bulk_create(
        [
            Citation(measure=measure, position=position, **citation)
            for measure, content in written
            for position, citation in enumerate(content["citations"])
        ]
    )
    bands = [
        (_new_band(measure, position, band), band["ranges"])
        for measure, content in written
        for position, band in enumerate(content["bands"])
    ]
    SpectrumBand.objects.bulk_create([band for band, _ranges in bands])
    SpectrumRange.objects.bulk_create([SpectrumRange(band=band, **edges) for band, ranges in bands for edges in ranges])
    return measures


def differences(before, after):
    """The fields that ``after`` has and says otherwise than ``before``: ``Difference``, in the order of ``FIELDS``."""
    (found,) = differences_of([(before, after)])
    return found


def differences_of(pairs):
    """``differences`` of each pair of contents. What they name is read at once for all pairs."""
    changed = [
        [name for name in FIELDS if name in after and before.get(name) != after[name]] for before, after in pairs
    ]
    words = _Words([content for pair in pairs for content in pair], {name for names in changed for name in names})
    return [
        [
            Difference(name, str(_label(name)), words.of(name, before.get(name)), words.of(name, after[name]))
            for name in names
        ]
        for (before, after), names in zip(pairs, changed, strict=True)
    ]


def _content_of_rows(rows):
    """The content that versions have: lists of dicts of fields by model."""
    (fields,) = rows[Measure]
    for row in rows[Citation] + rows[SpectrumBand]:
        row["pk"] = row["id"]
    return _content(
        fields,
        [row["tag_id"] for row in rows[TaggedMeasure]],
        rows[Citation],
        rows[SpectrumBand],
        rows[SpectrumRange],
    )


def _content(fields, tags, citations, bands, ranges):
    ranges_of = defaultdict(list)
    for row in ranges:
        ranges_of[row["band_id"]].append({name: plain(row[name]) for name in RANGE})
    return (
        {name: plain(fields[name]) for name in VALUES}
        | {name: sorted(map(int, fields[name])) for name in MANY}
        | {
            "tags": sorted(tags),
            "citations": [{name: row[name] for name in CITATION} for row in _in_position(citations)],
            "bands": [
                {name: plain(row[name]) for name in BAND}
                | {"ranges": sorted(ranges_of[row["pk"]], key=lambda edges: float(edges["lower_mhz"]))}
                for row in _in_position(bands)
            ],
        }
    )


def _by(rows, key):
    """``rows``, which are dicts, in lists by what they have as ``key``."""
    lists = defaultdict(list)
    for row in rows:
        lists[row[key]].append(row)
    return lists


def _new_band(measure, position, band):
    values = {name: _value(SpectrumBand, name, band[name]) for name in BAND}
    return SpectrumBand(measure=measure, position=position, **values)


def _value(model, name, value):
    """A value of a content as the field ``name`` of ``model`` keeps it."""
    field = model._meta.get_field(name)
    return None if field.null and value == "" else field.to_python(value)


def _in_position(rows):
    return sorted(rows, key=lambda row: (row["position"], row["pk"]))


def plain(value):
    """A value of a field as JSON has it; "" where there is none."""
    if value is None:
        return ""
    if isinstance(value, bool | int):
        return value
    if hasattr(value, "normalize"):  # a Decimal: 703.000 is 703
        return f"{value.normalize():f}"
    return getattr(value, "isoformat", value.__str__)()


class _Words:
    """Values in words. What ids name is read at once for all that is to be said."""

    def __init__(self, contents, fields):
        ids = defaultdict(set)
        for content in contents:
            for field in fields:
                value = content.get(field)
                if field == "citations":
                    ids[Source].update(citation["source_id"] for citation in value or ())
                elif (model := _model(field)) and value:
                    ids[model].update(value if isinstance(value, list) else [value])
        self.names = {
            model: {
                record.pk: str(record)
                for record in model._default_manager.filter(pk__in=[pk for pk in pks if isinstance(pk, int)])
            }
            for model, pks in ids.items()
        }

    def of(self, field, value):
        if value in ("", None, []):
            return ""
        if field == "citations":
            return "\n".join(self._citation(citation) for citation in value)
        if field == "bands":
            return "\n".join(map(_band, value))
        if model := _model(field):
            ids = value if isinstance(value, list) else [value]
            return ", ".join(sorted(self._name(model, pk) for pk in ids))
        choices = dict(Measure._meta.get_field(field).flatchoices)
        return str(choices.get(value) or _date(field, value))

    def _name(self, model, pk):
        return self.names[model].get(pk) or (pk if isinstance(pk, str) else _("(deleted)"))

    def _citation(self, citation):
        details = ", ".join(filter(None, (citation["locator"], citation["note"])))
        name = self._name(Source, citation["source_id"])
        return f"{name} ({details})" if details else name


def _model(field):
    """The model whose ids a field has; None for other values."""
    if field == "tags":
        return TaggedMeasure._meta.get_field("tag").related_model
    return None if field in ("citations", "bands") else Measure._meta.get_field(field).related_model


def _date(field, value):
    return PartialDate.parse(value) if field.endswith("_on") or field == "review_by" else value


def _band(band):
    role = dict(SpectrumBand._meta.get_field("role").flatchoices)[band["role"]]
    ranges = [f"{edges['lower_mhz']}–{edges['upper_mhz']} MHz" for edges in band["ranges"]]
    dates = [str(PartialDate.parse(band[name])) if band[name] else "…" for name in ("starts_on", "ends_on")]
    period = " – ".join(dates) if dates != ["…", "…"] else ""
    known = [role, band["label"], ", ".join(ranges), band["bandwidth"], band["holder"], period, band["terms"]]
    return "; ".join(str(text) for text in known if text)


def _label(field):
    if field == "citations":
        return _("Sources")
    if field == "bands":
        return _("Spectrum")
    if field == "tags":
        return pgettext("keyword", "Tags")
    name = Measure._meta.get_field(field).verbose_name
    return name[:1].upper() + name[1:]
