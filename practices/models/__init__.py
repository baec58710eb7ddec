"""The catalogue's models, one module a subject."""

from practices.models.catalogue_version import CatalogueVersion, JournalEntry
from practices.models.change import Change
from practices.models.codebook import Beneficiary, MeasureType, Topic
from practices.models.comment import Comment
from practices.models.coverage import Coverage
from practices.models.crisis import Crisis
from practices.models.loaded import LoadedRecord
from practices.models.measure import Measure, SpectrumBand, SpectrumRange
from practices.models.organization import Organization
from practices.models.proposal import Proposal
from practices.models.slugs import FormerSlug
from practices.models.source import Citation, Source
from practices.models.staged import StagedImport
from practices.models.subscription import Digest, Frequency, Subscription
from practices.models.tags import Tag, TaggedMeasure

__all__ = [
    "Beneficiary",
    "CatalogueVersion",
    "Change",
    "Citation",
    "Comment",
    "Coverage",
    "Crisis",
    "Digest",
    "FormerSlug",
    "Frequency",
    "JournalEntry",
    "LoadedRecord",
    "Measure",
    "MeasureType",
    "Organization",
    "Proposal",
    "Source",
    "SpectrumBand",
    "SpectrumRange",
    "StagedImport",
    "Subscription",
    "Tag",
    "TaggedMeasure",
    "Topic",
]
