"""What a measure says, as plain data: the record with its citations, bands and tags, apart from where it stands.

Proposals keep it, history and conflicts compare it, imports are checked against it. Every value is what JSON has:
texts, ids of records, ISO dates, and lists of these. A field that is empty is there, and empty.
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
    ranges = SpectrumRange.objects.filter(band__measure=measure)
    return _content(
        {name: getattr(measure, name) for name in VALUES}
        | {name: getattr(measure, name).values_list("pk", flat=True) for name in MANY},
        measure.tagged.values_list("tag_id", flat=True),
        measure.citations.values("pk", "position", *CITATION),
        measure.bands.values("pk", "position", *BAND),
        ranges.values("band_id", *RANGE),
    )


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
            field = Measure._meta.get_field(name)
            setattr(measure, name, None if field.null and content[name] == "" else field.to_python(content[name]))
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
            stored = SpectrumBand.objects.create(
                measure=measure,
                position=position,
                **{name: band[name] or None for name in ("starts_on", "ends_on")},
                **{name: band[name] for name in BAND if not name.endswith("_on")},
            )
            for edges in band["ranges"]:
                SpectrumRange.objects.create(band=stored, **edges)


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
            model: {record.pk: str(record) for record in model._default_manager.filter(pk__in=pks)}
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
            return ", ".join(sorted(self.names[model].get(pk, _("(deleted)")) for pk in ids))
        choices = dict(Measure._meta.get_field(field).flatchoices)
        return str(choices.get(value) or _date(field, value))

    def _citation(self, citation):
        details = ", ".join(filter(None, (citation["locator"], citation["note"])))
        name = self.names[Source].get(citation["source_id"], _("(deleted)"))
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
