"""The form of a record: its fields, its sources and bands, and what happens where two write at once."""

import re
from decimal import Decimal
from typing import NamedTuple

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import StackedInline, TabularInline
from unfold.widgets import UnfoldAdminTextInputWidget

from practices.admin.dates import WrittenDates
from practices.choices import Status
from practices.content import MANY, VALUES, content_at, content_of, differences, plain
from practices.models import Citation, SpectrumBand, SpectrumRange, Tag
from practices.written_dates import read
from reg4covid.desk import NothingChosen

TAG_LENGTH = Tag._meta.get_field("name").max_length
OTHER_LANGUAGES = [code.replace("-", "_") for code, _name in settings.LANGUAGES if code != "en"]
RANGE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:[-–—]|to)\s*(\d+(?:\.\d+)?)\s*(MHz|GHz)?", re.IGNORECASE)
EDGE = SpectrumRange._meta.get_field("upper_mhz")
HIGHEST_MHZ = Decimal(10) ** (EDGE.max_digits - EDGE.decimal_places)

FIELDSETS = (
    (
        gettext_lazy("What happened"),
        {"classes": ("tab",), "fields": ("title_en", "slug", "summary_en", "outcome_en")},
    ),
    (
        gettext_lazy("Where and who"),
        {
            "classes": ("tab",),
            "fields": (
                *("measure_type", "crisis", "countries", "areas", "scope", "organizations"),
                *("legal_nature", "beneficiaries", "tags"),
            ),
        },
    ),
    (
        gettext_lazy("When"),
        {
            "classes": ("tab",),
            "description": gettext_lazy(
                "As precise as the sources and no more: 2020, April 2020, 17 April 2020 or 2020-04-17. "
                "What the sources do not say stays empty; readers see “not stated”."
            ),
            "fields": ("announced_on", "starts_on", "ends_on", "confirmed_in_force_on", "review_by"),
        },
    ),
    (
        gettext_lazy("Other languages"),
        {
            "classes": ("tab",),
            "description": gettext_lazy("Readers of a language that is empty here see the English text, marked so."),
            "fields": [f"{field}_{code}" for code in OTHER_LANGUAGES for field in ("title", "summary", "outcome")],
        },
    ),
)


class Conflict(NamedTuple):
    """What others did to a record while somebody wrote in its form."""

    changes: list  # Change, the newest first
    rows: list  # (label, before, now, mine): in words; ``mine`` is None where the form has taken over what is now


class MeasureForm(forms.ModelForm):
    # The id of the last change that the writer has seen, 0 for none.
    based_on = forms.IntegerField(widget=forms.HiddenInput, required=False)

    conflict = None

    class Meta:
        help_texts = {
            "title_en": gettext_lazy("Who did what, in one line and in plain words. Lists and search results show it."),
            "measure_type": gettext_lazy("Decides the topic, and with which measures this one is compared."),
            "crisis": gettext_lazy("The record shows on the page of this crisis."),
            "countries": gettext_lazy("The record shows on the page of each. A record needs one, or an area."),
            "scope": gettext_lazy("How far it reached. Readers see it beside the countries."),
            "organizations": gettext_lazy("Who acted. The record shows on the page of each."),
            "legal_nature": gettext_lazy("Empty where the sources do not tell; readers see “not stated”."),
            "beneficiaries": gettext_lazy("Whom it was meant to help. Readers can filter by it."),
            "tags": gettext_lazy("Keywords, separated by commas. A new word makes a new tag with a page of its own."),
            "announced_on": gettext_lazy("Lists are sorted by it, and the filter by year looks at it."),
            "starts_on": gettext_lazy("From this day on readers see it as in force, where the end is known too."),
            "ends_on": gettext_lazy("The last day on which it applies. After it readers see the record as ended."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.newest = self.instance.changes.first() if self.instance.pk else None
        self.initial["based_on"] = self.newest.pk if self.newest else 0

    def clean_tags(self):
        for name in self.cleaned_data["tags"]:
            if len(name) > TAG_LENGTH:
                raise ValidationError(
                    _("“%(name)s…” is too long for a tag. Right would be at most %(length)d characters.")
                    % {"name": name[:30], "length": TAG_LENGTH}
                )
        return self.cleaned_data["tags"]

    def clean(self):
        cleaned = super().clean()
        if self.instance.status == Status.PUBLISHED and not cleaned.get("countries") and not cleaned.get("areas"):
            self.add_error("countries", _("A published record names at least one country, or the area that it covers."))
        if self.newest and cleaned.get("based_on") != self.newest.pk:
            self._refuse()
        return cleaned

    def _refuse(self):
        """Save nothing; show what is new, and let the form, with what its writer changed, be of the newest change."""
        seen = self.instance.changes.filter(pk=self.cleaned_data.get("based_on")).first()
        now, mine = content_of(self.instance), self._content()
        before = content_at(seen) if seen else mine
        self.data = self.data.copy()
        self.data["based_on"] = self.newest.pk
        own = {difference.field: difference.after for difference in differences(now, mine)}
        rows = []
        for field, label, was, is_now in differences(before, now):
            if field in mine and seen and mine[field] == before[field]:
                self._take_over(field, now[field])
                rows.append((label, was, is_now, None))
            else:
                rows.append((label, was, is_now, own.get(field, is_now if field in mine else _("as in the form"))))
        changes = self.instance.changes.select_related("by")
        self.conflict = Conflict(list(changes.filter(pk__gt=seen.pk) if seen else changes[:1]), rows)
        self.add_error(
            None,
            _(
                "Nothing was saved: somebody else has changed this record since you opened it. What you wrote is still "
                "in the form. Compare it with what is new, mend what you want to keep, and save again."
            ),
        )

    def _content(self):
        """What the form says, of what ``practices.content`` has, as far as it is valid. No tags, sources and bands."""
        cleaned, content = self.cleaned_data, {}
        for name in VALUES:
            value = cleaned.get(name.removesuffix("_id"))
            if name.removesuffix("_id") in cleaned:
                content[name] = plain(getattr(value, "pk", value))
        return content | {name: sorted(item.pk for item in cleaned[name]) for name in MANY if name in cleaned}

    def _take_over(self, field, value):
        """Have the form say ``value``, of a content, in a field that its writer left as it was."""
        if isinstance(value, list):
            self.data.setlist(field, value)
        else:
            self.data[field.removesuffix("_id")] = value


class RowsFormSet(forms.BaseInlineFormSet):
    """Rows of a record. One that somebody else deleted meanwhile is a new row, so that what it says is kept."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.is_bound and self.management_form.is_valid():
            self._renew_deleted_rows()

    def _renew_deleted_rows(self):
        there = {str(row.pk) for row in self.get_queryset()}
        total, initial = self.total_form_count(), self.initial_form_count()
        kept = [row for row in range(initial) if self.data.get(f"{self.add_prefix(row)}-id") in there]
        if len(kept) == initial:
            return
        order = kept + [row for row in range(total) if row not in kept]
        data = self.data.copy()
        for place, row in enumerate(order):
            for name in self.empty_form.fields:
                key = f"{self.add_prefix(place)}-{name}"
                data.pop(key, None)
                if (old := f"{self.add_prefix(row)}-{name}") in self.data:
                    data.setlist(key, self.data.getlist(old))
            if row not in kept:
                data[f"{self.add_prefix(place)}-id"] = ""
        data[f"{self.prefix}-INITIAL_FORMS"] = len(kept)
        self.data = data
        del self.management_form


class CitationFormSet(RowsFormSet):
    def clean(self):
        super().clean()
        sources = {True: [], False: []}  # by whether they are deleted
        for form in self.forms:
            if source := form.cleaned_data.get("source"):
                sources[form.cleaned_data.get("DELETE", False)].append(source)
        kept = sources[False]
        if again := set(kept).intersection(sources[True]):
            raise ValidationError(
                _("“%(source)s” is both deleted and added. Keep the one that is there, and change it.")
                % {"source": again.pop()}
            )
        if self.instance.status == Status.PUBLISHED and not kept:
            raise ValidationError(
                _("This record is published and would lose its last source. Cite another first, or withdraw it.")
            )

    def save(self, commit=True):
        # The new ones first: a public record is never without a source.
        return super().save_new_objects(commit) + self.save_existing_objects(commit)


class SourceSelect(AutocompleteSelect):
    """The field that completes the source of a row. It asks the database for none that the row has ``loaded``."""

    loaded = None

    def optgroups(self, name, value, attr=None):
        if self.loaded is None or value != [str(self.loaded.pk)]:
            return super().optgroups(name, value, attr)
        label = self.choices.field.label_from_instance(self.loaded)
        return [(None, [self.create_option(name, self.loaded.pk, label, True, 0)], 0)]


class CitationForm(forms.ModelForm):
    class Meta:
        help_texts = {
            "source": gettext_lazy(
                "Paste the address: a source that the catalogue has is picked, another one can be added."
            ),
            "note": gettext_lazy("Which of the statements rests on it. Readers see it beneath the source."),
            "position": gettext_lazy("Lower numbers come first on the record's page."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # unfold's heading of the column is no label
            field.widget.attrs["aria-label"] = field.label
        if self.instance.pk and "source" in self.fields:  # it is not where the record is only read
            self.fields["source"].widget.widget.loaded = self.instance.source


class CitationInline(TabularInline):
    model = Citation
    form = CitationForm
    formset = CitationFormSet
    fields = ("source", "locator", "note", "position")
    autocomplete_fields = ("source",)
    verbose_name = gettext_lazy("source")
    verbose_name_plural = gettext_lazy("Sources")
    extra = 1
    tab = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("source")

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "source":
            kwargs["widget"] = SourceSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class FrequencyRangesField(forms.CharField):
    """Edges of a band in one line, ``703-733, 758-788``; cleans to a sorted list of (lower, upper) in MHz."""

    def prepare_value(self, value):
        return ", ".join(f"{lower:f}-{upper:f}" for lower, upper in value) if isinstance(value, list) else value

    def to_python(self, value):
        return sorted({_edges(part) for part in re.split(r"[,;\n]", super().to_python(value)) if part.strip()})

    def has_changed(self, initial, data):
        try:
            return super().has_changed(initial, data)
        except ValidationError:
            return True


def _edges(text):
    """The edges in MHz, two Decimals, that ``text`` names; ValidationError that says what would be right."""
    match = RANGE.fullmatch(text.strip())
    if not match:
        raise ValidationError(
            _("“%(value)s” is not a range. Write the lower and the upper edge in MHz, for instance 703-733.")
            % {"value": text.strip()[:40]}
        )
    factor = 1000 if (match[3] or "").lower() == "ghz" else 1
    lower, upper = (Decimal(edge) * factor for edge in match.group(1, 2))
    if not 0 < lower < upper:
        raise ValidationError(
            _("“%(value)s”: the upper edge must be above the lower one, and both above 0.")
            % {"value": text.strip()[:40]}
        )
    if upper >= HIGHEST_MHZ or any(round(edge, EDGE.decimal_places) != edge for edge in (lower, upper)):
        raise ValidationError(_("“%(value)s”: edges are in MHz, to the kHz at most.") % {"value": text.strip()[:40]})
    return lower.normalize(), upper.normalize()


class SpectrumBandForm(forms.ModelForm):
    ranges = FrequencyRangesField(
        label=gettext_lazy("Edges, MHz"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy(
            "Lower and upper edge of each range: 703-733, 758-788. Only what the source says; the search by "
            "frequency looks at them. Nominal edges stay marked as such until you change them."
        ),
    )

    class Meta:
        help_texts = {
            "role": gettext_lazy("Only what is granted, extended or shared counts as a precedent."),
            "holder": gettext_lazy("Who may use it, as the source has it."),
            "terms": gettext_lazy("Fees, conditions and limits. Readers see them beneath the band."),
            "starts_on": gettext_lazy("Where it differs from the start of the measure."),
            "ends_on": gettext_lazy("Where it differs from the end of the measure."),
            "position": gettext_lazy("Lower numbers come first on the record's page."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        ranges = self.instance.ranges.all() if self.instance.pk else []
        self.initial["ranges"] = [(edges.lower_mhz.normalize(), edges.upper_mhz.normalize()) for edges in ranges]

    def _save_m2m(self):
        """Store the edges. Those that are as before stay as they are, nominal or not."""
        super()._save_m2m()
        wanted = set(self.cleaned_data["ranges"])
        for edges in self.instance.ranges.all():
            if (pair := (edges.lower_mhz, edges.upper_mhz)) in wanted:
                wanted.remove(pair)
            else:
                edges.delete()
        for lower, upper in sorted(wanted):
            SpectrumRange.objects.create(band=self.instance, lower_mhz=lower, upper_mhz=upper)


class SpectrumBandInline(WrittenDates, NothingChosen, StackedInline):
    model = SpectrumBand
    form = SpectrumBandForm
    formset = RowsFormSet
    fields = (
        *(("role", "label"), "ranges", ("bandwidth", "holder"), "terms"),
        *(("starts_on", "ends_on"), "position"),
    )
    verbose_name_plural = gettext_lazy("Spectrum")
    extra = 0
    tab = True

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("ranges")


def draft(data):
    """What a form, as it was sent and valid or not, has for ``likely_duplicates``: its keyword arguments."""

    def ids(pattern):
        values = [value for name in data if re.fullmatch(pattern, name) for value in data.getlist(name)]
        return [int(value) for value in values if value.isdecimal() and len(value) < 10]

    try:
        announced_on = read(data.get("announced_on", ""))
    except ValueError:
        announced_on = None
    return {
        "title": data.get("title_en", "")[:200],
        "measure_type": next(iter(ids("measure_type")), None),
        "countries": ids("countries"),
        "announced_on": announced_on,
        "sources": ids(r"citations-\d+-source"),
    }
