"""Dates at the desk: typed as the source has them, with what was understood beneath."""

from django.http import JsonResponse
from django.urls import reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminTextInputWidget

from practices.partial_dates import PartialDate, PartialDateField
from practices.written_dates import WrittenDateFormField, read

LONGEST = 60


class WrittenDateWidget(UnfoldAdminTextInputWidget):
    """A text input with a line beneath that says what its date was understood as."""

    class Media:
        js = ("js/desk_form.js",)

    def __init__(self, attrs=None):
        attrs = {
            "maxlength": LONGEST,
            "autocomplete": "off",
            "data-understand": reverse_lazy("admin:practices_measure_written_date"),
        }
        super().__init__(attrs)

    def render(self, name, value, attrs=None, renderer=None):
        text = value.isoformat() if isinstance(value, PartialDate) else value or ""
        try:
            understood = _understood(text)
        except ValueError:
            understood = ""  # the error of the field says more
        field = super().render(name, text, attrs, renderer)
        line = '{}<p class="understood" id="{}_understood" role="status">{}</p>'
        return format_html(line, field, (attrs or {}).get("id", name), understood)


class WrittenDates:
    """Mixin of pages and inlines: partial dates are written, not picked."""

    formfield_overrides = {PartialDateField: {"form_class": WrittenDateFormField, "widget": WrittenDateWidget}}


def written_date(request):
    """What the text that is being typed (``text``) is understood as, for the line beneath its input."""
    try:
        return JsonResponse({"understood": _understood(request.GET.get("text", "").strip()[:LONGEST])})
    except ValueError as error:
        return JsonResponse({"refused": str(error)})


def _understood(text):
    """The date that ``text`` writes, in words; "" for no text. ValueError where it cannot be read."""
    return _("Understood: %(date)s") % {"date": read(text)} if text else ""
