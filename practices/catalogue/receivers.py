"""Whatever readers see of a record counts as a change of the catalogue, in the transaction that saves it."""

from django.db.models.signals import m2m_changed, post_delete, post_save

from countries.models import Country, Group
from practices.models import (
    Beneficiary,
    CatalogueVersion,
    Coverage,
    Crisis,
    MeasureType,
    Organization,
    Source,
    Tag,
    Topic,
)

# Readers see these as soon as they are there. The others are shown once a measure names them, which counts by itself.
SEEN_WHEN_NEW = (Country, Group, Topic, MeasureType, Beneficiary, Crisis)


def saved(sender, instance, created, **kwargs):
    if not created or getattr(instance, "regulator_of_id", None):
        CatalogueVersion.advance(reload=True)


def changed(sender, **kwargs):
    CatalogueVersion.advance(reload=True)


def members_changed(sender, action, **kwargs):
    if action.startswith("post_"):
        CatalogueVersion.advance(reload=True)


def coverage_changed(sender, **kwargs):
    CatalogueVersion.advance()  # which the snapshot has nothing of


def connect():
    for model in SEEN_WHEN_NEW:
        post_save.connect(changed, sender=model, dispatch_uid=f"catalogue_{model.__name__}")
    for model in (Organization, Source, Tag):
        post_save.connect(saved, sender=model, dispatch_uid=f"catalogue_{model.__name__}")
    for model in (*SEEN_WHEN_NEW, Organization, Source, Tag):
        post_delete.connect(changed, sender=model, dispatch_uid=f"catalogue_{model.__name__}_deleted")
    post_save.connect(coverage_changed, sender=Coverage, dispatch_uid="catalogue_Coverage")
    post_delete.connect(coverage_changed, sender=Coverage, dispatch_uid="catalogue_Coverage_deleted")
    m2m_changed.connect(members_changed, sender=Group.members.through, dispatch_uid="catalogue_members")
