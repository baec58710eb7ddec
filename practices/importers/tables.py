"""Measures as a table, one row a measure: what an export writes and an import at the desk reads.

``docs/import-template.md`` describes the columns. A file is planned first, which writes nothing, and carried out
after somebody has looked at the plan.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.conf import settings
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from practices import workflow
from practices.choices import Action, LegalNature, Scope, SourceKind, SpectrumRole, Status
from practices.content import BAND, LANGUAGES, contents_of, differences, store
from practices.importers.checking import Checker, Fault
from practices.importers.measures import Referred
from practices.models import CatalogueVersion, Change, FormerSlug, Measure, Proposal, Source, Tag
from practices.models.source import normalise_url
from practices.partial_dates import PartialDate

TEXTS = {
    name if language == "en" else f"{name}_{language}": f"{name}_{language}"
    for name in ("title", "summary", "outcome")
    for language in sorted(LANGUAGES, key=lambda code: (code != "en", code))
}
DATES = ("announced_on", "starts_on", "ends_on")
DAYS = ("review_by", "confirmed_in_force_on")
CODES = ("countries", "areas", "organizations", "beneficiaries")
COLUMNS = (
    *("slug", *TEXTS, "countries", "areas", "scope", "crisis", "measure_type", "organizations", "legal_nature"),
    *("beneficiaries", *DATES, *DAYS, "spectrum", "tags", "sources"),
)
# The field of a content (``practices.content``) that a column says, where its name is another one.
CONTENT = TEXTS | {
    **{"crisis": "crisis_id", "measure_type": "measure_type_id", "spectrum": "bands", "sources": "citations"},
}
NEW_SOURCE = ("title", "publisher", "kind", "language", "published_on")
EXAMPLE = {
    "slug": "kenya-lends-700-mhz-spectrum",
    "title": "Kenya lends 700 MHz spectrum to an operator",
    "summary": "The authority lent spectrum for the length of the emergency.",
    "countries": "KEN",
    "scope": "national",
    "crisis": "covid-19",
    "measure_type": "temporary-spectrum",
    "organizations": "",
    "legal_nature": "authorization",
    "announced_on": "2020-04-17",
    "starts_on": "2020-04",
    "spectrum": "granted | band: 700 MHz | edges: 703-733 | bandwidth: 2x30 MHz | holder: An operator",
    "tags": "lte; rural",
    "sources": (
        "https://authority.example/notice | locator: page 2 | title: Notice on spectrum | publisher: The Authority "
        "| kind: official | language: en | published_on: 2020-04-17"
    ),
}


# What a row does, in the order in which a preview shows it.
NEW, CHANGED, UNCHANGED, REFUSED = "new", "changed", "unchanged", "refused"
BATCH = 100  # rows that are written, or exported, at once


def joined(parts, sign):
    """A cell with ``parts``, which ``parted`` gives back: a backslash makes ``sign``, or a line end, part of a text."""
    return f" {sign} ".join(
        part.replace("\\", "\\\\").replace(sign, f"\\{sign}").replace("\r", "").replace("\n", "\\n") for part in parts
    )


def parted(text, sign):
    """The texts between ``sign`` in ``text``, without spaces around them."""
    parts, meant = [""], {f"\\{sign}": sign, "\\\\": "\\", "\\n": "\n"}
    for token in re.findall(r"\\.|.", text, re.DOTALL):
        if token == sign:
            parts.append("")
        else:
            parts[-1] += meant.get(token, token)
    return [part.strip() for part in parts]


class Codes:
    """The codes of what measures name, and what they are codes of. Read once for a whole table."""

    def __init__(self):
        self.referred = Referred()
        self.records = {
            "countries": self.referred.countries,
            "areas": self.referred.areas,
            "organizations": self.referred.organizations,
            "beneficiaries": self.referred.beneficiaries,
            "crisis": self.referred.crises,
            "measure_type": self.referred.types,
        }
        self.tags = dict(Tag.objects.values_list("name", "pk"))

    @cached_property
    def by_id(self):
        """For each column the present code of a record by its id."""
        keys = {"countries": "iso3", "areas": "code", "beneficiaries": "code", "measure_type": "code"}
        codes = {
            column: {record.pk: getattr(record, keys.get(column, "slug")) for record in records.values()}
            for column, records in self.records.items()
        }
        addresses = {source.pk: source.url for source in self.referred.sources.values()}
        return codes | {"tags": {pk: name for name, pk in self.tags.items()}, "sources": addresses}


def export(measures, columns=COLUMNS):
    """The rows of a table of ``measures``, a queryset: lists of texts, that of the names of the columns first."""
    yield list(columns)
    codes, pks = Codes(), list(measures.values_list("pk", flat=True))
    for start in range(0, len(pks), BATCH):
        batch = pks[start : start + BATCH]
        contents = contents_of(Measure.objects.filter(pk__in=batch))
        for pk in batch:
            if pk in contents:  # it may have been deleted meanwhile
                cells = _cells(contents[pk], codes.by_id)
                yield [cells[column] for column in columns]


def template():
    """The rows of a table with one example."""
    return [list(COLUMNS), [EXAMPLE.get(column, "") for column in COLUMNS]]


def allowed_codes():
    """What may stand in the columns that take codes: (column, code, meaning), by column."""
    codes = Codes()
    for column, records in codes.records.items():
        for code, record in sorted(records.items()):
            yield column, code, str(record)
    for column, choices in (
        ("scope", Scope),
        ("legal_nature", LegalNature),
        ("spectrum", SpectrumRole),
        ("sources: kind", SourceKind),
    ):
        for choice in choices:
            yield column, choice.value, str(choice.label)


def _cells(content, codes):
    """The cells of a content by column. ``codes`` is ``Codes.by_id``."""
    cells = {column: content[CONTENT.get(column, column)] for column in COLUMNS}
    for column in ("crisis", "measure_type"):
        cells[column] = codes[column][cells[column]]
    for column in (*CODES, "tags"):
        cells[column] = joined(sorted(codes[column][pk] for pk in cells[column]), ";")
    cells["spectrum"] = "\n".join(joined(_band_parts(band), "|") for band in cells["spectrum"])
    cells["sources"] = "\n".join(
        joined([codes["sources"][citation["source_id"]], *_named(citation, ("locator", "note"))], "|")
        for citation in cells["sources"]
    )
    return cells


def _named(values, names):
    return [f"{name}: {values[name]}" for name in names if values[name]]


def _band_parts(band):
    ranges = [
        f"{'nominal' if edges['nominal'] else 'edges'}: {edges['lower_mhz']}-{edges['upper_mhz']}"
        + (f" ({edges['basis']})" if edges["basis"] else "")
        for edges in band["ranges"]
    ]
    label = f"band: {band['label']}"
    details = _named(band, ("bandwidth", "holder", "terms", "starts_on", "ends_on"))
    return [band["role"], label, *(ranges or ["edges: unknown"]), *details]


@dataclass
class Row:
    """What a row of a table does. ``values`` are the fields of a content that it changes, all of them if it is new."""

    number: int
    slug: str
    faults: list = field(default_factory=list)
    measure: Measure | None = None
    based_on: int | None = None
    before: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)

    @property
    def outcome(self):
        if self.faults:
            return REFUSED
        if self.measure is None:
            return NEW
        return CHANGED if self.values else UNCHANGED

    @property
    def corrects(self):
        """Whether readers would see something of the change."""
        return self.outcome == CHANGED and self.measure.status == Status.PUBLISHED

    @property
    def title(self):
        content = self.before | self.values
        return next((content[name] for name in TEXTS.values() if name.startswith("title") and content.get(name)), "")

    def differences(self):
        return differences(self.before, self.values)


@dataclass
class Plan:
    """What an import of a table does: its rows, and the sources (fields by address) and names of tags that it adds."""

    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    sources: dict = field(default_factory=dict)
    tags: set = field(default_factory=set)

    def of(self, outcome):
        return [row for row in self.rows if row.outcome == outcome]

    @property
    def is_refused(self):
        return bool(self.faults) or any(row.faults for row in self.rows)

    @property
    def corrects(self):
        return any(row.corrects for row in self.rows)

    @property
    def seen(self):
        """The id of the last change of each record that the table names, None where there is none."""
        return {row.slug: row.based_on for row in self.rows if row.slug}


def plan(header, rows, *, by, publish=False):
    """What an import of a table by the user ``by`` would do: a ``Plan``. Nothing is written.

    ``header`` and ``rows`` are as ``sheets.read`` gives them. With ``publish`` each new row has to have all that
    publication asks for.
    """
    planned = Plan(faults=_faults_of(header))
    if not planned.faults:
        reading = _Reading(header, by, publish, planned)
        slugs = [cells[header.index("slug")].strip() for _number, cells in rows]
        reading.look_up(slugs)
        planned.rows = [
            reading.row(number, slug, dict(zip(header, cells, strict=True)))
            for slug, (number, cells) in zip(slugs, rows, strict=True)
        ]
    return planned


def _faults_of(header):
    faults = []
    Checker("Row 1", dict(zip(header, header, strict=True)), faults).only(*COLUMNS)
    faults += [
        Fault("Row 1", name, name, f"each column may stand once; this one stands {count} times")
        for name, count in Counter(header).items()
        if count > 1
    ]
    if "slug" not in header:
        faults.append(Fault("Row 1", "slug", "", "this column is needed; it says which record a row is"))
    return faults


class _Reading:
    """Reads the rows of one table, one after the other."""

    def __init__(self, header, by, publish, planned):
        self.header, self.by, self.publish, self.planned = header, by, publish, planned
        self.codes, self.seen = Codes(), {}
        self.places = {
            column: {record.pk: record for record in self.codes.records[column].values()}
            for column in ("countries", "areas")
        }
        self.edits_any = by.has_perm("practices.edit_any_measure")

    def look_up(self, slugs):
        """Read at once what the catalogue has of all rows."""
        self.measures = {measure.slug: measure for measure in Measure.objects.filter(slug__in=set(slugs))}
        pks = [measure.pk for measure in self.measures.values()]
        self.contents = contents_of(self.measures.values())
        self.newest = dict(Change.objects.filter(measure__in=pks).order_by("at", "pk").values_list("measure", "pk"))
        mine = Proposal.objects.filter(measure__in=pks, by=self.by, decision=Proposal.Decision.OPEN)
        self.proposed = set(mine.values_list("measure", flat=True))
        former = FormerSlug.objects.filter(kind="measure", slug__in=set(slugs))
        renamed = Measure.objects.in_bulk(former.values_list("record_id", flat=True))
        self.renamed = {old.slug: renamed[old.record_id] for old in former if old.record_id in renamed}

    def row(self, number, slug, cells):
        row = Row(number, slug, measure=self.measures.get(slug))
        record = {column: self._parsed(column, cell.strip()) for column, cell in cells.items()}
        c = Checker(f"Row {number}", record, row.faults)
        c.slug("slug", max_length=100)
        if (first := self.seen.setdefault(slug, number)) != number:
            c.fault("slug", f"row {first} has this too; one row a measure is needed")
        if row.measure is None and slug in self.renamed:
            c.fault("slug", f"the former address of {self.renamed[slug].slug}; that one is needed")
        if row.measure is not None:
            row.based_on, row.before = self.newest.get(row.measure.pk), self.contents[row.measure.pk]
        values = self._values(c, row)
        row.values = {
            name: value for name, value in values.items() if row.measure is None or _same(row.before[name]) != value
        }
        if not row.faults:
            self._check_whole(c, row)
        return row

    def _parsed(self, column, cell):
        if not cell:
            return None
        if column in (*CODES, "tags"):
            return [part for part in parted(cell, ";") if part]
        if column in ("spectrum", "sources"):
            return [line.strip() for line in cell.split("\n") if line.strip()]
        return cell

    def _values(self, c, row):
        """The fields of a content that the row's cells say; all fields for a new one."""
        codes, is_new = self.codes, row.measure is None
        columns = COLUMNS if is_new else [column for column in COLUMNS if column in self.header]
        read = {
            "slug": lambda: row.slug,
            "scope": lambda: c.choice("scope", Scope.values),
            "legal_nature": lambda: c.choice("legal_nature", LegalNature.values, required=False),
            "tags": lambda: self._tags(c),
            "spectrum": lambda: [self._band(c, number, line) for number, line in enumerate(c.items("spectrum"), 1)],
            "sources": lambda: self._sources(c),
            **{name: lambda name=name: _text(c, name) for name in TEXTS},
            **{
                name: lambda name=name: getattr(c.one(name, codes.records[name]), "pk", "")
                for name in ("crisis", "measure_type")
            },
            **{
                name: lambda name=name: sorted({record.pk for record in c.many(name, codes.records[name])})
                for name in CODES
            },
            **{name: lambda name=name: _iso(c.partial_date(name)) for name in DATES},
            **{name: lambda name=name: _day(c, name) for name in DAYS},
        }
        values = {CONTENT.get(column, column): read[column]() for column in columns}
        if "bands" in values and not c.faults:
            self._add_nominal(values["bands"], row.before | values)
        return values

    def _tags(self, c):
        names = c.texts("tags", max_length=100)
        made = sorted(name for name in names if name not in self.codes.tags)
        if made and not self.by.has_perm("practices.add_tag"):
            c.fault("tags", "a tag that the catalogue has is needed; you may not add one", made[0])
        self.planned.tags.update(made)
        return [*sorted(self.codes.tags[name] for name in names if name in self.codes.tags), *made]

    def _sources(self, c):
        """The citations of a cell: addresses, or one a line with its locator, note, and what describes a new source."""
        citations = {}
        for number, line in enumerate(c.items("sources"), start=1):
            addresses = line.split() if "|" not in line else parted(line, "|")[:1]
            part = _parts(c, "sources", number, line)
            part.only("locator", "note", *NEW_SOURCE)
            for address in addresses:
                source = self.codes.referred.sources.get(normalise_url(address))
                citations.setdefault(
                    source.pk if source else self._new_source(c, part, address),
                    {
                        "locator": part.text("locator", max_length=100, required=False),
                        "note": part.text("note", max_length=300, required=False),
                    },
                )
        return [{"source_id": source} | citation for source, citation in citations.items()]

    def _new_source(self, c, part, address):
        if not any(part.record.get(name) for name in NEW_SOURCE):
            c.fault(
                "sources",
                "the address of a source that the catalogue has is needed; to add this one, describe it behind its "
                "address: | title: … | publisher: … | kind: official | language: en",
                address,
            )
            return ""
        if not self.by.has_perm("practices.add_source"):
            c.fault("sources", "the address of a source that the catalogue has is needed; you may not add one", address)
        part.record["url"] = address
        url = normalise_url(part.url("url", max_length=1000) or "")
        described = {
            "title": part.text("title", max_length=500),
            "publisher": part.text("publisher", max_length=200),
            "kind": part.choice("kind", SourceKind.values),
            "language": part.text("language", max_length=10),
            "published_on": part.partial_date("published_on"),
        }
        if self.planned.sources.setdefault(url, described) != described:
            c.fault("sources", "a row above describes this source otherwise; both need the same words", address)
        return url

    def _band(self, c, number, line):
        """A band of a content. ``ranges`` is None where the cell says nothing of its edges."""
        part = _parts(c, "spectrum", number, line, several=("edges", "nominal"))
        part.only("band", "edges", "nominal", *(name for name in BAND if name not in ("role", "label")))
        part.record["role"] = parted(line, "|")[0]
        starts_on, ends_on = part.partial_date("starts_on"), part.partial_date("ends_on")
        part.end("ends_on", ends_on, "starts_on", starts_on)
        said = [(name == "nominal", text) for name in ("edges", "nominal") for text in part.record.get(name, [])]
        ranges = [_range(part, is_nominal, text) for is_nominal, text in said if text != "unknown"]
        return {
            "role": part.choice("role", SpectrumRole.values),
            "label": part.text("band", max_length=60),
            "bandwidth": part.text("bandwidth", max_length=100, required=False),
            "holder": part.text("holder", max_length=200, required=False),
            "terms": part.text("terms", required=False, long=True),
            "starts_on": _iso(starts_on),
            "ends_on": _iso(ends_on),
            "ranges": sorted(filter(None, ranges), key=lambda edges: float(edges["lower_mhz"])) if said else None,
        }

    def _add_nominal(self, bands, content):
        """Give bands without edges those of ``data/bands.json`` in the record's countries."""
        where = {column: [self.places[column][pk] for pk in content[column]] for column in self.places}
        spectrum = [{"label": band["label"], "lower_mhz": None} for band in bands]
        known = self.codes.referred.nominal_ranges(where | {"spectrum": spectrum})
        for band, nominal in zip(bands, known, strict=True):
            if band["ranges"] is None:
                band["ranges"] = [
                    {
                        "lower_mhz": _plain(Decimal(str(lower))),
                        "upper_mhz": _plain(Decimal(str(upper))),
                        "nominal": is_nominal,
                        "basis": basis,
                    }
                    for lower, upper, is_nominal, basis in nominal
                ]

    def _check_whole(self, c, row):
        """Refuse what the user may not do, and a record that would not hold together."""
        if row.outcome == UNCHANGED:
            return
        if row.measure is not None:
            self._check_permission(c, row)
        content = row.before | row.values
        for end, start in (("ends_on", "starts_on"), ("review_by", "confirmed_in_force_on")):
            if content[end] and content[start]:
                dates = PartialDate.parse(content[end]), start, PartialDate.parse(content[start])
                c.end(end, *dates)
        if content["confirmed_in_force_on"] and not content["review_by"]:
            c.fault("review_by", "the day on which the confirmation is checked again is needed")
        if not row.title:
            c.fault("title", "one line that says who did what is needed")
        if self.publish if row.measure is None else row.corrects:
            if not any(content[name] for name in TEXTS.values() if name.startswith("summary")):
                c.fault("summary", "nothing is public without; say what was done, as the sources have it")
            if not content["countries"] and not content["areas"]:
                c.fault("countries", "at least one country, or an area such as `africa` or `world`, is needed")
            if not content["citations"]:
                c.fault("sources", "at least one source is needed; nothing is published without")

    def _check_permission(self, c, row):
        is_own_draft = row.measure.author_id == self.by.pk and row.measure.status == Status.DRAFT
        if not self.edits_any and not is_own_draft:
            c.fault("slug", "a draft of your own is needed, or a slug that no record has; you may not change this one")
        elif row.corrects and row.measure.pk in self.proposed and not corrects_at_once(self.by):
            c.fault("slug", "you have proposed a revision of this record already; it has to be decided first")


def _parts(c, column, number, line, several=()):
    """A checker of the named parts of one line of a cell, all but the first. ``several`` may stand more than once."""
    part = Checker(f"{c.name}: {column} {number}", {}, c.faults)
    for text in parted(line, "|")[1:]:
        name, colon, value = (piece.strip() for piece in text.partition(":"))
        if not colon:
            part.fault(name[:40], "a name, a colon and a text are needed between two bars", text)
        elif name in several:
            part.record.setdefault(name, []).append(value)
        elif part.record.setdefault(name, value or None) != (value or None):
            part.fault(name, "this may stand once in a line", value)
    return part


def _range(part, is_nominal, text):
    match = re.fullmatch(r"([\d.]+)\s*[-–]\s*([\d.]+)(?:\s*\((.*)\))?", text, re.ASCII | re.DOTALL)
    try:
        lower, upper = (Decimal(edge) for edge in match.groups()[:2])
    except (AttributeError, InvalidOperation):
        lower = upper = Decimal(0)
    name, basis = "nominal" if is_nominal else "edges", (match and match[3]) or ""
    if not 0 < lower < upper < 10_000_000 or any(edge != round(edge, 3) for edge in (lower, upper)):
        return part.fault(name, "two edges in MHz such as 703-733 are needed, the lower one first, or `unknown`", text)
    if (is_nominal and not basis) or len(basis) > 300:
        return part.fault(name, "where the edges come from is needed behind them, in (brackets)", text)
    return {"lower_mhz": _plain(lower), "upper_mhz": _plain(upper), "nominal": is_nominal, "basis": basis}


def _plain(number):
    return f"{number.normalize():f}"


def _text(c, column):
    is_title = column.startswith("title")
    return c.text(column, max_length=200 if is_title else None, long=not is_title, required=False)


def _iso(date):
    return date.isoformat() if date else ""


def _day(c, column):
    date = c.partial_date(column)
    if date and date.precision != "day":
        c.fault(column, "a day such as 2020-04-17 is needed")
    return _iso(date)


def _same(value):
    """``value`` of a content as it comes back from a cell: with plain line ends and no spaces around it."""
    if isinstance(value, list):
        return [_same(item) for item in value]
    if isinstance(value, dict):
        return {name: _same(item) for name, item in value.items()}
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def arrivals(user):
    """Where the new rows of ``user`` may arrive, as choices of a form; the first is what happens unless they say.

    With ``SECOND_PERSON`` nobody publishes what they wrote alone, and an import is one person's.
    """
    choices = [
        (Status.DRAFT, _("As drafts")),
        (Status.IN_REVIEW, _("In review: somebody else is asked to publish them")),
    ]
    if corrects_at_once(user):
        choices.append((Status.PUBLISHED, _("Published: everybody can read them at once")))
    return choices


def corrects_at_once(user):
    """Whether ``user`` changes what readers see without a second person."""
    return user.has_perm("practices.publish_measure") and not settings.SECOND_PERSON


def carry_out(planned, *, by, arrive_as=Status.DRAFT, public_note=""):
    """Write a plan that refuses nothing. Yields after some rows how many are done, in a transaction of the caller's.

    New rows go as far as ``arrive_as``, one of ``arrivals``. Rows that change what readers see become proposals with
    ``public_note``, or corrections where no second person is asked for. WorkflowError where the catalogue is no
    longer as the plan saw it.
    """
    CatalogueVersion.lock()
    made = _add_named(planned)
    done, new = 0, planned.of(NEW)
    for start in range(0, len(new), BATCH):
        batch = new[start : start + BATCH]
        for measure in workflow.create_drafts([_with_ids(row.values, made) for row in batch], by=by):
            if arrive_as == Status.IN_REVIEW:
                workflow.submit(measure, by=by)
            elif arrive_as == Status.PUBLISHED:
                workflow.publish(measure, by=by)
        yield (done := done + len(batch))
    edited = [row for row in planned.of(CHANGED) if not row.corrects]
    for start in range(0, len(edited), BATCH):
        batch = edited[start : start + BATCH]
        workflow.edit_drafts([(row.measure, _with_ids(row.values, made), row.based_on) for row in batch], by=by)
        yield (done := done + len(batch))
    for number, row in enumerate(filter(lambda row: row.corrects, planned.of(CHANGED)), start=1):
        values = _with_ids(row.values, made)
        if not corrects_at_once(by):
            workflow.propose(row.measure, row.before | values, by=by, based_on=row.based_on, public_note=public_note)
        else:
            with workflow.change(
                row.measure, by=by, action=Action.CORRECTED, public_note=public_note, based_on=row.based_on
            ):
                store(row.measure, values)
        if number % BATCH == 0:
            yield done + number


def _add_named(planned):
    """Add the tags and sources that the rows name and the catalogue lacks. Returns their ids by name and address."""
    sources = Source.objects.bulk_create(Source(url=url, **fields) for url, fields in planned.sources.items())
    tags = [Tag.objects.create(name=name, label_en=name.replace("-", " ")) for name in sorted(planned.tags)]
    return {Source: {source.url: source.pk for source in sources}, Tag: {tag.name: tag.pk for tag in tags}}


def _with_ids(values, made):
    """``values`` with ids in place of the names and addresses of what has been made."""
    values = dict(values)
    if "tags" in values:
        values["tags"] = [made[Tag].get(tag, tag) for tag in values["tags"]]
    if "citations" in values:
        values["citations"] = [
            citation | {"source_id": made[Source].get(citation["source_id"], citation["source_id"])}
            for citation in values["citations"]
        ]
    return values
