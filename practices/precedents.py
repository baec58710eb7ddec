"""Band precedents: which grants, extensions and sharings of frequencies overlap a range that somebody asks for."""

import re
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from practices.choices import SpectrumRole, Status
from practices.importers.reading import read_json
from practices.importers.reference import PRACTICES_DATA
from practices.models import Citation, SpectrumBand

PRECEDENTS = (SpectrumRole.GRANTED, SpectrumRole.EXTENDED, SpectrumRole.SHARED)
EXAMPLES = gettext_lazy("“694-790 MHz”, “3.4-3.8 GHz” or “700 MHz”")
MHZ = {"khz": Decimal("0.001"), "mhz": Decimal(1), "ghz": Decimal(1000)}
LOWEST, HIGHEST = Decimal("0.001"), Decimal(3_000_000)  # MHz; radio waves end at 3000 GHz
NUMBER = r"(\d{1,7}(?:[.,\u00a0\u202f]\d{1,6})?)"
THOUSANDS = re.compile(r"[,\u00a0\u202f](?=\d{3}$)")  # as pages write 3,400 MHz; nobody writes so many GHz
ASKED = re.compile(
    rf"\s*{NUMBER}\s*(khz|mhz|ghz)?\s*(?:(?:-|–|—|to|…)\s*{NUMBER}\s*)?(khz|mhz|ghz)?\s*", re.IGNORECASE | re.ASCII
)


class Edges(NamedTuple):
    """A lower and an upper edge in MHz. ``region`` is the ITU Radio Region where they hold, None for all."""

    lower: Decimal
    upper: Decimal
    region: int | None = None

    def overlap(self, lower, upper, regions):
        """Whether ``lower`` to ``upper``, in some of the Radio Regions ``regions``, overlaps these.

        A single frequency on the edge of two bands belongs to the upper one.
        """
        if self.region is not None and self.region not in regions:
            return False
        if self.lower == self.upper:
            return lower <= self.lower < upper
        return lower < self.upper and upper > self.lower


class Asked(NamedTuple):
    """What a text asks for: ``ranges`` (``Edges``), which are those of a band's ``label`` where it names one."""

    text: str
    ranges: tuple
    label: str = ""


def read_range(text):
    """The ``Asked`` that a text such as ``694-790 MHz`` or ``700 MHz`` is; ValidationError where it is none.

    A single frequency is the band that goes by it where the reviewed list of labels has one, as each Radio Region
    means it; else that frequency.
    """
    match = ASKED.fullmatch(text)
    if not match:
        raise ValidationError(
            _("“%(text)s” is not a range of frequencies. Right would be, for instance, %(examples)s."),
            params={"text": text[:40], "examples": EXAMPLES},
        )
    first, first_unit, second, last_unit = match.groups()
    unit = last_unit or first_unit or "mhz"
    lower = _megahertz(first, first_unit or unit)
    upper = _megahertz(second, unit) if second else lower
    if not LOWEST <= lower <= upper <= HIGHEST:
        raise ValidationError(
            _("“%(text)s” is no range: it runs from the lower edge to the upper one, up to 3000 GHz."),
            params={"text": text[:40]},
        )
    if second is None and (known := _bands_by_frequency().get(lower)):
        label, ranges = known
        return Asked(text, ranges, label)
    return Asked(text, (Edges(lower, upper),))


def precedents(asked):
    """The public bands that overlap what is ``Asked``, the newest measure first: ``SpectrumBand`` with all that shows.

    Each has ``overlapping``, those of its ranges that do. Bands that share an edge do not overlap. A band of the very
    label asked for whose edges nobody knows is there too, without any range.
    """
    lower, upper = min(edges.lower for edges in asked.ranges), max(edges.upper for edges in asked.ranges)
    near = Q(ranges__lower_mhz__lte=upper, ranges__upper_mhz__gte=lower)
    if asked.label:
        near |= Q(label__in=_labels_of(asked.label), ranges__isnull=True)
    bands = SpectrumBand.objects.filter(near, role__in=PRECEDENTS, measure__status=Status.PUBLISHED)
    bands = (
        SpectrumBand.objects.filter(pk__in=bands.values("pk"))
        .select_related("measure")
        .prefetch_related(
            "ranges",
            "measure__countries",
            "measure__areas__members",
            Prefetch("measure__citations", Citation.objects.select_related("source")),
        )
    )
    found = []
    for band in bands:
        regions = _regions_of(band.measure)
        band.overlapping = [
            edges
            for edges in band.ranges.all()
            if any(wanted.overlap(edges.lower_mhz, edges.upper_mhz, regions) for wanted in asked.ranges)
        ]
        if band.overlapping or not band.ranges.all():
            found.append(band)
    return sorted(found, key=lambda band: (_newest(band.measure), band.measure_id, -band.position), reverse=True)


def _regions_of(measure):
    """The ITU Radio Regions of the countries of ``measure``, or of the members of its areas."""
    countries = list(measure.countries.all())
    countries = countries or [member for area in measure.areas.all() for member in area.members.all()]
    return {country.radio_region for country in countries}


def _newest(measure):
    return measure.announced_on.number if measure.announced_on else 0


def _megahertz(number, unit):
    if unit.lower() != "ghz":
        number = THOUSANDS.sub("", number)
    return Decimal(re.sub(r"\D", ".", number)) * MHZ[unit.lower()]


@cache
def _bands_by_frequency():
    """By the frequency of a label, such as 700 for “700 MHz”: the label, and what it means in which Region."""
    bands = {}
    for band in read_json(PRACTICES_DATA / "bands.json")["bands"]:
        match = ASKED.fullmatch(band["label"])
        if match and match[3] is None and band["ranges"]:
            frequency = _megahertz(match[1], match[4] or match[2] or "mhz")
            label, ranges = bands.get(frequency, (band["label"], ()))
            new = [
                Edges(Decimal(str(edges["lower_mhz"])), Decimal(str(edges["upper_mhz"])), edges["region"])
                for edges in band["ranges"]
            ]
            bands[frequency] = (label, tuple(dict.fromkeys([*ranges, *new])))
    return bands


def _labels_of(label):
    """The ways in which labels name the same frequency: 3.5 GHz and 3500 MHz."""
    match = ASKED.fullmatch(label)
    frequency = _megahertz(match[1], match[4] or match[2] or "mhz")
    return [f"{frequency.normalize():f} MHz", f"{(frequency / 1000).normalize():f} GHz"]
