"""Tags: free keywords beside the codebook. Our own models, so that labels can be translated."""

import hashlib
import re

from django.db import models
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from taggit.models import ItemBase, TagBase

from practices.models.slugs import SluggedModel, validate_slug
from practices.querysets import TagQuerySet


class Tag(SluggedModel, TagBase):
    """A keyword. ``name`` is what editors type; ``label`` is what readers see, in their language."""

    slug = models.SlugField(_("slug"), max_length=100, unique=True, validators=[validate_slug])
    label = models.CharField(_("label"), max_length=100, blank=True)

    objects = TagQuerySet.as_manager()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self):
        return self.label or self.name

    def slugify(self, tag, i=None):
        """A slug for the name ``tag``, of plain letters like all our slugs; the ``i``-th of its like ends in ``i``.

        A name with no such letters, in Chinese for instance, gets one that is made from its digest.
        """
        slug = slugify(tag).replace("_", "-")[:80].strip("-")
        slug = re.sub("-+", "-", slug) or f"tag-{hashlib.sha256(tag.encode()).hexdigest()[:10]}"
        return slug if i is None else f"{slug}-{i}"

    def get_absolute_url(self):
        return reverse("practices:tag_detail", args=[self.slug])


class TaggedMeasure(ItemBase):
    """A measure carries a tag."""

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="tagged_measures")
    content_object = models.ForeignKey("practices.Measure", models.CASCADE, related_name="tagged")

    class Meta:
        verbose_name = _("tagged measure")
        verbose_name_plural = _("tagged measures")
        constraints = [models.UniqueConstraint(fields=["tag", "content_object"], name="tagged_measure_unique")]
