"""Loading curated measures: each is checked, stored in place of what it became before, and published."""

from itertools import batched, count

from django.db import transaction
from django.db.models import Max, Q

from countries.models import Country, Group
from practices import workflow
from practices.choices import Action, LegalNature, Scope, SpectrumRole, Status
from practices.content import MANY, RANGE, VALUES, content_of, plain, store
from practices.importers.checking import Checker, Refused, records_of
from practices.importers.loading import Ledger, Report, digest_of, known
from practices.importers.reading import read_json
from practices.importers.reference import PRACTICES_DATA
from practices.models import Beneficiary, Crisis, Measure, MeasureType, Organization, Source, Tag
from practices.models.source import normalise_url

FIELDS = (
    *("slug", "title", "summary", "outcome", "countries", "areas", "scope", "crisis", "measure_type"),
    *("organizations", "legal_nature", "beneficiaries", "announced_on", "starts_on", "ends_on"),
    *("spectrum", "tags", "sources"),
)
# What somebody at the desk does to what a record says. The other actions only move it or vouch for it.
REWORDING = (Action.EDITED, Action.CORRECTED, Action.RESTORED)
REASON = "Loaded from a file."
AT_ONCE = 500  # new measures that are in memory at a time
NOTHING = dict.fromkeys(VALUES, "")  # the content of a measure of which nothing is said yet
SPECTRUM_FIELDS = ("role", "band", "lower_mhz", "upper_mhz", "bandwidth", "holder", "terms")


def load_measures(data, *, overwrite=False, progress=lambda done, total: None):
    """Load records as ``docs/data-format.md`` describes them and return a ``Report``.

    ``data`` is the content of the file. A record whose entry is as it was at the last load is left
    alone; so is one that was edited or withdrawn at the desk since, whose entry changed. With
    ``overwrite`` both take the file's version where the desk has another. Raises ``Refused`` with every
    fault, and nothing is written.
    """
    faults, report = [], Report()
    with transaction.atomic():
        referred, ledger = Referred(), Ledger(Measure)
        existing = ledger.records(_with_edits(Measure.objects))
        checked = [
            (slug, record, _check(Checker(slug, record, faults), referred))
            for slug, record in records_of(data, "measure", "slug", faults)
        ]
        faults.extend(ledger.faults_of([slug for slug, _record, _values in checked], existing))
        if faults:
            raise Refused(faults)
        entries = [
            (slug, digest_of(record, referred.nominal_ranges(values)), values) for slug, record, values in checked
        ]
        _write(entries, existing, ledger, referred, report, overwrite, progress)
    return report


class Referred:
    """What records may refer to, by code."""

    def __init__(self):
        self.countries = known(Country)
        self.areas = Ledger(Group).records(Group.objects.prefetch_related("members"))
        self.crises = known(Crisis)
        self.types = known(MeasureType)
        self.organizations = known(Organization)
        self.beneficiaries = known(Beneficiary)
        self.sources = known(Source)
        self.bands = {band["label"]: band["ranges"] for band in read_json(PRACTICES_DATA / "bands.json")["bands"]}

    def nominal_ranges(self, values):
        """For each band of a checked record that states no edges, the ranges of ``data/bands.json``.

        A list with, for each band, a list of [lower MHz, upper MHz, nominal, basis]; by the Radio Regions
        of the record's countries, and of its areas' members where it names no country.
        """
        countries = values["countries"] or [member for area in values["areas"] for member in area.members.all()]
        return [
            []
            if band["lower_mhz"]
            else sorted(
                [edges["lower_mhz"], edges["upper_mhz"], edges["nominal"], edges["basis"]]
                for edges in self.bands.get(band["label"], [])
                if any(_holds_in(edges, country) for country in countries)
            )
            for band in values["spectrum"]
        ]


def _holds_in(edges, country):
    """Whether a range of ``data/bands.json`` is what its label means in ``country``."""
    in_region = edges["region"] in (None, country.radio_region)
    return in_region and country.iso3 in edges.get("countries", [country.iso3])


def _check(c, referred):
    """The values of one record, ready to store; faults are noted in the checker."""
    c.only(*FIELDS)
    starts_on, ends_on = c.partial_date("starts_on"), c.partial_date("ends_on")
    c.end("ends_on", ends_on, "starts_on", starts_on)
    values = {
        "slug": c.slug("slug", max_length=100),
        "title": c.text("title", max_length=200),
        "summary": c.text("summary", long=True),
        "outcome": c.text("outcome", required=False, long=True),
        "scope": c.choice("scope", Scope.values),
        "crisis": c.one("crisis", referred.crises),
        "measure_type": c.one("measure_type", referred.types),
        "legal_nature": c.choice("legal_nature", LegalNature.values, required=False),
        "announced_on": c.partial_date("announced_on"),
        "starts_on": starts_on,
        "ends_on": ends_on,
        "countries": c.many("countries", referred.countries),
        "areas": c.many("areas", referred.areas),
        "organizations": c.many("organizations", referred.organizations),
        "beneficiaries": c.many("beneficiaries", referred.beneficiaries),
        "sources": _sources(c, referred),
        "tags": c.texts("tags", max_length=100),
        "spectrum": [_band(band) for band in c.objects("spectrum")],
    }
    if all(c.record.get(field) in (None, []) for field in ("countries", "areas")):
        c.fault("countries", "at least one country, or an area such as `africa` or `world`, is needed")
    return values


def _sources(c, referred):
    found = {}
    for url in c.items("sources", needed="at least one source is needed; nothing is published without"):
        source = referred.sources.get(normalise_url(url)) if isinstance(url, str) else None
        if source is None:
            c.fault("sources", "the address of a loaded source is needed; add it to sources.json", url)
        else:
            found[source.pk] = source
    return list(found.values())


def _band(c):
    c.only(*SPECTRUM_FIELDS)
    lower, upper = c.megahertz("lower_mhz"), c.megahertz("upper_mhz")
    if (c.record.get("lower_mhz") is None) != (c.record.get("upper_mhz") is None):
        c.fault("upper_mhz", "both edges of the band, or neither, are needed")
    elif lower and upper and upper <= lower:
        c.fault("upper_mhz", f"an upper edge above the lower one ({lower}) is needed")
    return {
        "role": c.choice("role", SpectrumRole.values),
        "label": c.text("band", max_length=60),
        "lower_mhz": lower,
        "upper_mhz": upper,
        "bandwidth": c.text("bandwidth", max_length=100, required=False),
        "holder": c.text("holder", max_length=200, required=False),
        "terms": c.text("terms", required=False, long=True),
    }


def _with_edits(measures):
    """Each measure with when somebody at the desk last did anything to it, and when last changed what it says."""
    by_desk = Q(changes__by__isnull=False)
    return measures.annotate(
        handled_at=Max("changes__at", filter=by_desk),
        reworded_at=Max("changes__at", filter=by_desk & Q(changes__action__in=REWORDING)),
    )


def _write(entries, existing, ledger, referred, report, overwrite, progress):
    loaded, done, numbers = [], report.of("measure"), count(1)
    tags = _tags_by_name(name for _slug, _digest, values in entries for name in values["tags"])
    for slug, digest, values in entries:
        if slug not in existing:
            continue
        progress(next(numbers), len(entries))
        measure, loaded_at = existing[slug], ledger.loaded_at(slug)
        if ledger.has(slug, digest) and not (overwrite and _is_after(measure.reworded_at, loaded_at)):
            done["unchanged"] += 1
        elif not overwrite and _handled_since(measure, loaded_at):
            done["unchanged"] += 1
            report.kept.append(slug)
        else:
            with workflow.change(measure, by=None, action=Action.CORRECTED, reason=REASON):
                store(measure, _content(values, referred, tags, content_of(measure)["citations"]))
            done["changed"] += 1
            loaded.append((slug, digest, measure))
    for new in batched((entry for entry in entries if entry[0] not in existing), AT_ONCE):
        contents = [
            NOTHING | {"slug": values["slug"]} | _content(values, referred, tags) for _slug, _digest, values in new
        ]
        measures = workflow.create_published(contents, reason=REASON)
        for (slug, digest, _values), measure in zip(new, measures, strict=True):
            progress(next(numbers), len(entries))
            done["created"] += 1
            loaded.append((slug, digest, measure))
    ledger.write(loaded)


def _handled_since(measure, loaded_at):
    """Whether somebody at the desk wrote, changed or withdrew the record after it was loaded."""
    return measure.status != Status.PUBLISHED or loaded_at is None or _is_after(measure.handled_at, loaded_at)


def _is_after(moment, loaded_at):
    return moment is not None and moment > loaded_at


def _tags_by_name(names):
    """The tags that files call ``names``. Those that are not there are made, and remembered like loaded ones."""
    ledger, made = Ledger(Tag), []
    tags = ledger.records()
    for name in sorted(set(names)):
        if name not in tags:
            tags[name] = Tag.objects.create(name=name, label_en=name.replace("-", " "))
            made.append((name, "", tags[name]))
    ledger.write(made)
    return tags


def _content(values, referred, tags, citations=()):
    """The checked ``values`` as ``practices.content`` has them, without the slug, which stays as it is.

    Of ``citations``, which the record has, those that stay keep what the desk said of them.
    """
    known = {citation["source_id"]: citation for citation in citations}
    return {
        **{f"{field}_en": values[field] for field in ("title", "summary", "outcome")},
        **{f"{field}_id": values[field].pk for field in ("crisis", "measure_type")},
        **{field: values[field] for field in ("scope", "legal_nature")},
        **{field: plain(values[field]) for field in ("announced_on", "starts_on", "ends_on")},
        **{name: _ids(values[name]) for name in MANY},
        "tags": _ids(tags[name] for name in values["tags"]),
        "citations": [known.get(pk, {"source_id": pk, "locator": "", "note": ""}) for pk in _ids(values["sources"])],
        "bands": [
            {field: band[field] for field in ("role", "label", "bandwidth", "holder", "terms")}
            | {"starts_on": "", "ends_on": "", "ranges": _ranges(band, nominal)}
            for band, nominal in zip(values["spectrum"], referred.nominal_ranges(values), strict=True)
        ],
    }


def _ids(records):
    """Each once: two codes of a file may mean the same record, which was renamed in between."""
    return list(dict.fromkeys(record.pk for record in records))


def _ranges(band, nominal):
    edges = [[band["lower_mhz"], band["upper_mhz"], False, ""]] if band["lower_mhz"] else nominal
    return [dict(zip(RANGE, map(plain, values), strict=True)) for values in edges]
