"""The closed sets of values of the catalogue. Imports nothing of ours.

A value stands in addresses, files and the API and keeps its meaning for ever; its label is for people.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(TextChoices):
    """Where a record stands on its way to the public. Only ``practices.workflow`` changes it."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in-review", _("In review")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Scope(TextChoices):
    SUBNATIONAL = "subnational", _("Part of a country")
    NATIONAL = "national", _("National")
    REGIONAL = "regional", _("Several countries")
    GLOBAL = "global", _("Worldwide")


class LegalNature(TextChoices):
    MANDATORY = "mandatory", _("Mandatory")
    VOLUNTARY = "voluntary", _("Voluntary")
    RECOMMENDATION = "recommendation", _("Recommendation")
    AGREEMENT = "agreement", _("Agreement")
    AUTHORIZATION = "authorization", _("Authorization")


LEGAL_NATURE_DEFINITIONS = {
    LegalNature.MANDATORY: _("An authority's order."),
    LegalNature.VOLUNTARY: _("The actor's own choice."),
    LegalNature.RECOMMENDATION: _("An authority's advice."),
    LegalNature.AGREEMENT: _("Negotiated between the parties."),
    LegalNature.AUTHORIZATION: _("A permission or relief that an authority gives."),
}


class State(TextChoices):
    """Whether a measure applies on a given day, as far as its dates prove it. Derived, never stored."""

    PLANNED = "planned", pgettext_lazy("state of a measure", "Planned")
    IN_FORCE = "in-force", pgettext_lazy("state of a measure", "In force")
    ENDED = "ended", pgettext_lazy("state of a measure", "Ended")
    UNKNOWN = "unknown", pgettext_lazy("state of a measure", "State unknown")


STATE_DEFINITIONS = {
    State.PLANNED: _("The first day on which it can have started is still ahead."),
    State.IN_FORCE: _(
        "It has certainly started and its end is certainly ahead, or an editor confirmed on a stated date that it "
        "applies and the date for the next check has not passed."
    ),
    State.ENDED: _("The last day on which it can have ended has passed."),
    State.UNKNOWN: _("The sources do not say enough to tell whether it still applies."),
}


class Evidence(TextChoices):
    """How well a measure is sourced. Derived from its citations, never stored."""

    OFFICIAL = "official", pgettext_lazy("evidence", "Official source")
    SEVERAL = "several", pgettext_lazy("evidence", "Several sources")
    SINGLE = "single", pgettext_lazy("evidence", "Single source")


EVIDENCE_DEFINITIONS = {
    Evidence.OFFICIAL: _("At least one source is an official publication of an authority."),
    Evidence.SEVERAL: _("No official publication, but two sources or more."),
    Evidence.SINGLE: _("One source, which is not an official publication."),
}


class OrganizationKind(TextChoices):
    REGULATOR = "regulator", _("Regulator")
    MINISTRY = "ministry", _("Ministry")
    GOVERNMENT = "government", _("Government")
    OPERATOR = "operator", _("Operator")
    CONTENT_PLATFORM = "content-platform", _("Content platform")
    INDUSTRY_ASSOCIATION = "industry-association", _("Industry association")
    INTERNATIONAL_ORGANIZATION = "international-organization", _("International organization")
    CIVIL_SOCIETY = "civil-society", _("Civil society")
    ACADEMIA = "academia", _("Academia")


class SourceKind(TextChoices):
    OFFICIAL = "official", _("Official publication")
    OPERATOR = "operator", _("Operator's own statement")
    NEWS = "news", _("News report")
    REPORT = "report", _("Report or study")


class CrisisKind(TextChoices):
    EPIDEMIC = "epidemic", _("Epidemic")
    CONFLICT = "conflict", _("Conflict")
    UNREST = "unrest", _("Unrest")
    EARTHQUAKE = "earthquake", _("Earthquake")
    VOLCANO = "volcano", _("Volcanic eruption")
    STORM = "storm", _("Storm")
    FLOOD = "flood", _("Flood")
    WILDFIRE = "wildfire", _("Wildfire")
    OUTAGE = "outage", _("Network outage")


class SpectrumRole(TextChoices):
    """What happened to a band. The first three are precedents; the last only says what a measure is about."""

    GRANTED = "granted", _("Granted")
    EXTENDED = "extended", _("Extended")
    SHARED = "shared", _("Shared")
    CONCERNED = "concerned", _("Concerned")


class CoverageStatus(TextChoices):
    """How far a country has been covered on a topic in a crisis. Derived, never stored."""

    RECORDED = "recorded", _("Recorded")
    SEARCHED = "searched", _("Searched, none found")
    NOT_SEARCHED = "not-searched", _("Not searched yet")


class Action(TextChoices):
    """What a change did to a record."""

    CREATED = "created", _("Created")
    EDITED = "edited", _("Edited")
    SUBMITTED = "submitted", _("Submitted for review")
    RETURNED = "returned", _("Returned to its author")
    PUBLISHED = "published", _("Published")
    CORRECTED = "corrected", _("Corrected")
    VERIFIED = "verified", _("Verified")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    RESTORED = "restored", _("Restored to an earlier version")
