"""Whatever readers see of a record counts as a change of the catalogue, in the transaction that saves it."""

from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save

from countries.models import Country, Group
from practices.catalogue.records import MODELS
from practices.models import (
    Beneficiary,
    CatalogueVersion,
    Coverage,
    Crisis,
    JournalEntry,
    Measure,
    MeasureType,
    Organization,
    Source,
    Tag,
    Topic,
)

KINDS: dict[type[Model], str] = {model: kind for kind, model in MODELS.items()} | {Source: "source"}
# Readers see these as soon as they are there. The others are shown once a measure names them, which counts by itself.
SEEN_WHEN_NEW = (Country, Group, Topic, MeasureType, Beneficiary, Crisis)
# Fields that documents of the index have of what measures point at, and the path to it from a measure. Names are not
# among them, but for those of sources.
INDEXED: dict[type[Model], tuple[str, tuple[str, ...]]] = {
    Country: ("countries", ("itu_region", "income_group")),
    MeasureType: ("measure_type", ("topic_id",)),
    Organization: ("organizations", ("kind",)),
    Source: ("citations__source", ("title", "publisher", "kind", "language")),
    Tag: ("tags", ()),
}


def record_saving(sender, instance, **kwargs):
    """Have the measures written again that have a value in the index which is about to change."""
    path, fields = INDEXED[sender]
    stored = sender.objects.filter(pk=instance.pk).values_list(*fields).first() if fields else None
    if stored and stored != tuple(getattr(instance, field) for field in fields):
        _write_again({path: instance.pk})


def record_deleting(sender, instance, **kwargs):
    _write_again({INDEXED[sender][0]: instance.pk})


def _write_again(condition):
    """Have published measures written again that meet a condition on the fields of ``Measure``."""
    ids = Measure.objects.published().filter(**condition).order_by().values_list("pk", flat=True).distinct()
    if found := [(JournalEntry.MEASURE, pk) for pk in ids]:
        CatalogueVersion.advance(records=found)


def record_saved(sender, instance, created, **kwargs):
    if not created or sender in SEEN_WHEN_NEW or getattr(instance, "regulator_of_id", None):
        CatalogueVersion.advance(records=[(KINDS[sender], instance.pk)])


def record_deleted(sender, instance, **kwargs):
    CatalogueVersion.advance(records=[(KINDS[sender], instance.pk)])


def coverage_changed(sender, **kwargs):
    """Have pages made again: they read coverage from the database."""
    CatalogueVersion.advance()


def members_changed(sender, instance, action, reverse, pk_set, **kwargs):
    """Have the measures of countries written again that joined or left a group. ``instance`` is either of the two."""
    if action == "pre_clear" and not reverse:
        _write_again({"countries__in": list(instance.members.values_list("pk", flat=True))})
    elif action.startswith("post_"):
        CatalogueVersion.advance(records=[("country" if reverse else "area", instance.pk)])
        _write_again({"countries__in": [instance.pk] if reverse else list(pk_set or [])})


def connect():
    for model in KINDS:
        post_save.connect(record_saved, sender=model, dispatch_uid=f"catalogue_{model.__name__}")
        post_delete.connect(record_deleted, sender=model, dispatch_uid=f"catalogue_{model.__name__}_deleted")
    for model in INDEXED:
        pre_save.connect(record_saving, sender=model, dispatch_uid=f"catalogue_{model.__name__}_saving")
        pre_delete.connect(record_deleting, sender=model, dispatch_uid=f"catalogue_{model.__name__}_deleting")
    post_save.connect(coverage_changed, sender=Coverage, dispatch_uid="catalogue_Coverage")
    post_delete.connect(coverage_changed, sender=Coverage, dispatch_uid="catalogue_Coverage_deleted")
    m2m_changed.connect(members_changed, sender=Group.members.through, dispatch_uid="catalogue_members")
