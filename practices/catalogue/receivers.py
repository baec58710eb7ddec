"""Whatever readers see of a record counts as a change of the catalogue, in the transaction that saves it."""

from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save

from countries.models import Country, Group
from practices.catalogue.records import MODELS
from practices.models import Beneficiary, CatalogueVersion, Coverage, Crisis, MeasureType, Source, Topic

KINDS: dict[type[Model], str] = {model: kind for kind, model in MODELS.items()} | {Source: "source"}
# Readers see these as soon as they are there. The others are shown once a measure names them, which counts by itself.
SEEN_WHEN_NEW = (Country, Group, Topic, MeasureType, Beneficiary, Crisis)


def record_saved(sender, instance, created, **kwargs):
    if not created or sender in SEEN_WHEN_NEW or getattr(instance, "regulator_of_id", None):
        CatalogueVersion.advance(records=[(KINDS[sender], instance.pk)])


def record_deleted(sender, instance, **kwargs):
    CatalogueVersion.advance(records=[(KINDS[sender], instance.pk)])


def coverage_changed(sender, **kwargs):
    """Have pages made again: they read coverage from the database."""
    CatalogueVersion.advance()


def members_changed(sender, instance, action, reverse, pk_set, **kwargs):
    """Have the measures of a country written again that joined or left a group. ``instance`` is either of the two."""
    if not action.startswith("post_"):
        return
    group, countries = ("country", []) if reverse else ("area", pk_set or [])
    CatalogueVersion.advance(records=[(group, instance.pk), *(("country", pk) for pk in countries)])


def connect():
    for model in KINDS:
        post_save.connect(record_saved, sender=model, dispatch_uid=f"catalogue_{model.__name__}")
        post_delete.connect(record_deleted, sender=model, dispatch_uid=f"catalogue_{model.__name__}_deleted")
    post_save.connect(coverage_changed, sender=Coverage, dispatch_uid="catalogue_Coverage")
    post_delete.connect(coverage_changed, sender=Coverage, dispatch_uid="catalogue_Coverage_deleted")
    m2m_changed.connect(members_changed, sender=Group.members.through, dispatch_uid="catalogue_members")
