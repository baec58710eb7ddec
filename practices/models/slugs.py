"""Slugs that stand in public addresses, and what becomes of an address when its slug is renamed."""

from django.core.validators import RegexValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

validate_slug = RegexValidator(
    r"\A[a-z0-9]+(-[a-z0-9]+)*\Z", _("Use small letters a to z, digits, and single hyphens between them.")
)


class SlugField(models.CharField):
    """A stable code of small letters, digits and hyphens, unique among its kind."""

    def __init__(self, *args, max_length=100, unique=True, validators=(validate_slug,), **kwargs):
        super().__init__(*args, max_length=max_length, unique=unique, validators=validators, **kwargs)


class FormerSlug(models.Model):
    """A slug that a public record once had. Its old address redirects to the record's present one."""

    kind = models.CharField(_("kind of record"), max_length=40)
    slug = models.CharField(_("former slug"), max_length=100)
    record_id = models.PositiveBigIntegerField(_("record"))

    class Meta:
        verbose_name = _("former slug")
        verbose_name_plural = _("former slugs")
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="former_slug_unique")]

    def __str__(self):
        return f"{self.kind} {self.slug}"


class SluggedModel(models.Model):
    """A record whose public address carries a slug. Renaming it keeps the old address working.

    ``SLUG`` names the field.
    """

    SLUG = "slug"

    class Meta:
        abstract = True

    def save(self, **kwargs):
        slug, former = getattr(self, self.SLUG), getattr(self, "_loaded_slug", None)
        with transaction.atomic():
            super().save(**kwargs)
            kind = self._meta.model_name
            if former and former != slug:
                FormerSlug.objects.update_or_create(kind=kind, slug=former, defaults={"record_id": self.pk})
                FormerSlug.objects.filter(kind=kind, slug=slug).delete()
        self._loaded_slug = getattr(self, self.SLUG)  # a tag gets its slug while it is saved

    @classmethod
    def from_db(cls, *args, **kwargs):
        record = super().from_db(*args, **kwargs)
        record._loaded_slug = record.__dict__.get(cls.SLUG)
        return record

    @classmethod
    def by_former_slug(cls, slug):
        """The record that once had ``slug``, or None."""
        former = FormerSlug.objects.filter(kind=cls._meta.model_name, slug=slug).first()
        return former and cls._default_manager.filter(pk=former.record_id).first()
