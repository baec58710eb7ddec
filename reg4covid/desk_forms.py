"""What the forms of the desk have in common."""

import hashlib

from django import forms
from django.utils.translation import gettext as _


class SeenForm(forms.ModelForm):
    """The form of a record that knows which state of it the writer has seen, and does not overwrite another."""

    # A digest of the values that the form began with. A request that was made by hand may leave it out.
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen"] = _digest(self.initial)

    def clean(self):
        cleaned = super().clean()
        stored = self.initial.get("seen")
        if stored and cleaned.get("seen") not in ("", stored):
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = stored
            others = [str(self[name].label) for name in self.changed_data if name != "seen"]
            self.add_error(
                None,
                _(
                    "Nothing was saved: somebody else has changed this since you opened it. What you wrote is still in "
                    "the form, and differs from what is stored in: %(fields)s. Open the record in another tab to "
                    "compare; saving again overwrites it."
                )
                % {"fields": ", ".join(others)},
            )
        return cleaned


def _digest(values):
    plain = {
        name: sorted(item.pk for item in value) if isinstance(value, list) else value for name, value in values.items()
    }
    return hashlib.sha256(repr(sorted(plain.items())).encode()).hexdigest()
