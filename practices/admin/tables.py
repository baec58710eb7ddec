"""Import and export of measures at the desk: upload, look at what it would do, confirm."""

import uuid
from datetime import timedelta
from itertools import chain

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.http import FileResponse, Http404, HttpResponseRedirect, StreamingHttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from import_export.admin import ImportExportMixin
from import_export.fields import Field
from import_export.formats.base_formats import CSV, XLSX
from import_export.resources import Resource
from unfold.contrib.import_export.forms import SelectableFieldsExportForm
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextInputWidget,
)

from practices import workflow
from practices.choices import Status
from practices.importers import sheets, tables
from practices.models import Change, StagedImport

STAGED_FOR = timedelta(hours=1)
# As many rows of a kind, and faults, as a preview shows.
SHOWN = 500
# Stands in the page of a running import where the progress and the result go.
RESULT = "<!-- result -->"


class MeasureResource(Resource):
    """The columns of a table of measures, for the form that asks which of them to export."""

    @classmethod
    def get_display_name(cls):
        return _("Measures")


MeasureResource.fields.update({column: Field(column_name=column) for column in tables.COLUMNS})


class UploadForm(forms.Form):
    import_file = forms.FileField(
        label=gettext_lazy("File"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.xlsx"}),
        help_text=gettext_lazy("CSV or Excel (.xlsx), one row a measure. Nothing is written before you have seen it."),
    )

    def __init__(self, *args, content_length=0, **kwargs):
        super().__init__(*args, **kwargs)
        if content_length > sheets.LARGEST_FILE:  # what is larger was not kept
            self.fields["import_file"].error_messages["required"] = sheets.too_large()

    def clean_import_file(self):
        """Leaves the table in ``table``, as ``sheets.read`` gives it, and the bytes of the file in ``data_of_file``."""
        file = self.cleaned_data["import_file"]
        self.data_of_file = file.read()
        try:
            self.table = sheets.read(self.data_of_file)
        except sheets.Unreadable as error:
            raise forms.ValidationError(str(error)) from None
        if not self.table[1]:
            raise forms.ValidationError(_("The file has names of columns and no rows."))
        return file


class ConfirmForm(forms.Form):
    """What is asked before an import is carried out. ``planned`` is its ``Plan``."""

    arrive_as = forms.ChoiceField(
        label=gettext_lazy("New records arrive"), choices=(), widget=UnfoldAdminRadioSelectWidget()
    )
    public_note = forms.CharField(
        label=gettext_lazy("Public note"),
        max_length=Change._meta.get_field("public_note").max_length,
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("What is corrected, in a sentence. Readers see it with each published record."),
    )

    def __init__(self, *args, user, planned, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["arrive_as"].choices = choices = tables.arrivals(user)
        self.fields["arrive_as"].initial = choices[0][0]
        if not planned.of(tables.NEW):
            del self.fields["arrive_as"]
        if not planned.corrects:
            del self.fields["public_note"]


class ExportForm(SelectableFieldsExportForm):
    """Which columns and which kind of file. The columns are called what the file and the template call them."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["format"].initial = 0  # the first of ``TablesMixin.formats``

    def _get_field_label(self, resource, field_name):
        return field_name


class TablesMixin(ImportExportMixin):
    """Mixin of an admin of measures."""

    resource_classes = [MeasureResource]
    formats = [CSV, XLSX]
    export_form_class = ExportForm
    import_template_name = "admin/practices/measure/import.html"

    def has_import_permission(self, request):
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_export_permission(self, request):
        return self.has_view_permission(request)

    def get_urls(self):
        view = self.admin_site.admin_view(self.import_template)
        template = path("import/<str:name>.<str:extension>", view, name="practices_measure_import_template")
        return [template, *super().get_urls()]

    @admin.action(description=gettext_lazy("Export as CSV"), permissions=["view"])
    def export_csv(self, request, queryset):
        return self.file_response("csv", tables.export(queryset))

    @admin.action(description=gettext_lazy("Export as Excel workbook"), permissions=["view"])
    def export_xlsx(self, request, queryset):
        try:
            return self.file_response("xlsx", tables.export(queryset))
        except ValueError as error:
            self.message_user(request, str(error), messages.ERROR)
            return None

    def _do_file_export(self, file_format, request, queryset, export_form=None):
        columns = self.get_export_resource_fields_from_form(export_form) or tables.COLUMNS
        if "slug" not in columns:  # without it the file could not be imported again
            columns = ["slug", *columns]
        return self.file_response(file_format.get_extension(), tables.export(queryset, columns))

    def file_response(self, extension, rows, name="measures", more=None):
        """The rows of a table as a file to keep; ``more`` are further sheets of a workbook."""
        name = f"{name}-{timezone.now():%Y-%m-%d}.{extension}"
        if extension == "csv":
            headers = {"Content-Disposition": f'attachment; filename="{name}"'}
            return StreamingHttpResponse(
                sheets.csv_lines(rows), content_type="text/csv; charset=utf-8", headers=headers
            )
        file = sheets.xlsx_file({"Measures": rows} | (more or {}))
        return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX.CONTENT_TYPE)

    @method_decorator(require_safe)
    def import_template(self, request, name, extension):
        """The template, with an example and, in a workbook, the codes that its columns take; or these alone."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        codes = chain([["column", "code", "meaning"]], tables.allowed_codes())
        if (name, extension) == ("codes", "csv"):
            return self.file_response(extension, codes, name)
        if name != "template" or extension not in ("csv", "xlsx"):
            raise Http404
        return self.file_response(extension, tables.template(), name, {"Codes": codes})

    def import_action(self, request, **kwargs):
        """Upload a file and show what its import would do."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return self._import_page(request, form=UploadForm())
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        form = UploadForm(request.POST, request.FILES, content_length=length)
        if not form.is_valid():
            return self._import_page(request, form=form)
        planned = tables.plan(*form.table, by=request.user)
        if planned.is_refused:
            return self._import_page(request, form=UploadForm(), planned=planned)
        now = timezone.now()
        StagedImport.objects.filter(at__lt=now - STAGED_FOR).delete()
        StagedImport.objects.filter(by=request.user).delete()
        staged = StagedImport.objects.create(
            by=request.user,
            at=now,
            name=form.cleaned_data["import_file"].name[:200],
            data=form.data_of_file,
            seen=planned.seen,
        )
        confirm_form = ConfirmForm(user=request.user, planned=planned)
        return self._import_page(request, planned=planned, staged=staged, confirm_form=confirm_form)

    @method_decorator(require_POST)
    def process_import(self, request, **kwargs):
        """Carry out the import that was looked at, if it still does what it did then."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        staged = self._staged(request)
        if staged is None:
            self.message_user(
                request,
                _(
                    "Nothing was imported: this preview is no longer there. It was imported already, replaced by a "
                    "later upload, or is over an hour old. Upload the file again."
                ),
                messages.ERROR,
            )
            return HttpResponseRedirect(reverse("admin:practices_measure_import"))
        publish = request.POST.get("arrive_as") == Status.PUBLISHED and tables.corrects_at_once(request.user)
        planned = tables.plan(*sheets.read(bytes(staged.data)), by=request.user, publish=publish)
        form = ConfirmForm(request.POST, user=request.user, planned=planned)
        stale = sorted(slug for slug, seen in planned.seen.items() if staged.seen.get(slug) != seen)
        if planned.is_refused or stale or not form.is_valid():
            staged.seen = planned.seen
            staged.save(update_fields=["seen"])
            return self._import_page(request, planned=planned, staged=staged, confirm_form=form, stale=stale)
        return self._importing(request, staged, planned, form.cleaned_data)

    def _staged(self, request):
        try:
            key = uuid.UUID(request.POST.get("staged", ""))
        except ValueError:
            return None
        return StagedImport.objects.filter(key=key, by=request.user, at__gt=timezone.now() - STAGED_FOR).first()

    def _import_page(self, request, *, planned=None, **context):
        groups = []
        if planned:
            headings = {
                tables.CHANGED: _("Changed"),
                tables.NEW: _("New"),
                tables.UNCHANGED: _("Unchanged"),
            }
            for outcome, heading in headings.items():
                rows = planned.of(outcome)
                groups.append({"outcome": outcome, "heading": heading, "count": len(rows), "rows": rows[:SHOWN]})
            faults = planned.faults + [fault for row in planned.rows for fault in row.faults]
            context |= {"fault_count": len(faults), "faults": faults[:SHOWN]}
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import measures"),
            "opts": self.opts,
            "media": self.media,
            "planned": planned,
            "groups": groups,
            "shown": SHOWN,
            "limits": {"rows": sheets.ROWS, "size": sheets.LARGEST_FILE},
            **context,
        }
        return TemplateResponse(request, self.import_template_name, context)

    def _importing(self, request, staged, planned, answers):
        """The page that tells how far the import is while it runs, and how it ended. All is one transaction.

        Whoever closes the page stops the import: the transaction ends with nothing written.
        """
        total = sum(row.outcome in (tables.NEW, tables.CHANGED) for row in planned.rows)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import measures"),
            "opts": self.opts,
            "total": total,
            "counts": {outcome: len(planned.of(outcome)) for outcome in (tables.NEW, tables.CHANGED, tables.UNCHANGED)},
            "proposed": planned.corrects and not tables.corrects_at_once(request.user),
        }
        page = render_to_string("admin/practices/measure/importing.html", context, request)
        head, _marker, tail = page.partition(RESULT)

        def fragment(name, **outcome):
            return render_to_string(f"admin/practices/measure/{name}.html", context | outcome, request)

        def stream():
            yield head
            try:
                with transaction.atomic():
                    if not StagedImport.objects.filter(key=staged.key).delete()[0]:
                        raise workflow.WorkflowError([_("This file was imported meanwhile, from another page.")])
                    for done in tables.carry_out(planned, by=request.user, **answers):
                        yield render_to_string(
                            "admin/practices/measure/_import_progress.html", context | {"done": done}
                        )
                yield fragment("_import_result")
            except workflow.WorkflowError as error:
                yield fragment("_import_result", problems=error.problems)
            except (IntegrityError, ProtectedError):
                yield fragment(
                    "_import_result", problems=[_("Somebody added or deleted a record that the file names meanwhile.")]
                )
            yield tail

        # Neither compressed nor kept back by a proxy, or nothing would show before the end.
        headers = {"Content-Encoding": "identity", "X-Accel-Buffering": "no", "Cache-Control": "no-store"}
        return StreamingHttpResponse(stream(), headers=headers)
