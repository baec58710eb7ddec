"""The history of a record at the desk: all that happened to it, what each change altered, and the way back."""

from collections import defaultdict

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import CharField, F, Q, Value
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from practices import workflow
from practices.admin.diffs import marked
from practices.choices import Status
from practices.content import content_at, content_of, contents_at, differences, differences_of
from practices.models import Comment, Proposal

PER_PAGE = 25


class CommentForm(forms.Form):
    text = forms.CharField(max_length=5000)


class RestoreForm(forms.Form):
    """Why a record goes back to an earlier text; ``public`` where readers are told too."""

    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)
    public_note = forms.CharField(
        label=gettext_lazy("Public note"),
        max_length=Proposal._meta.get_field("public_note").max_length,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("What is corrected, in a sentence. Readers see it in the record's history."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=gettext_lazy("For the desk's history only."),
    )

    def __init__(self, *args, public, proposed, **kwargs):
        super().__init__(*args, **kwargs)
        if not public:
            del self.fields["public_note"]
        if proposed:  # a proposal says why in its public note
            del self.fields["reason"]


def events(measure):
    """All that happened to ``measure``, the newest first: a queryset of (when, kind, id of the row).

    The kinds are "change", "comment", "proposal" and "decision", by which a proposal came to nothing; an
    accepted one is a change.
    """
    fruitless = measure.proposals.exclude(decision__in=[Proposal.Decision.OPEN, Proposal.Decision.ACCEPTED])
    first, *others = (
        rows.order_by()
        .annotate(when=F(moment), kind=Value(kind, CharField()), row=F("pk"))
        .values_list("when", "kind", "row")
        for kind, rows, moment in (
            ("change", measure.changes, "at"),
            ("comment", measure.comments, "at"),
            ("proposal", measure.proposals, "at"),
            ("decision", fruitless, "decided_at"),
        )
    )
    return first.union(*others, all=True).order_by("-when", "-row")


class HistoryPages:
    """Mixin: comments on a record, its history, and the page that restores a version. After ``StepPages``."""

    change_form_outer_after_template = "admin/practices/measure/_comments.html"

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("<int:object_id>/comment/", wrap(require_POST(self.comment_view)), name="practices_measure_comment"),
            path("<int:object_id>/restore/<int:change_id>/", wrap(self.restore_view), name="practices_measure_restore"),
            *super().get_urls(),
        ]

    def has_restore_permission(self, request, obj):
        """Who may change a record may put it back; of a public one, see ``restores_at_once``."""
        return self.has_change_permission(request, obj)

    def restores_at_once(self, request, version):
        """Whether the user's restoring of ``version`` takes effect without somebody else's word."""
        if version.measure.status != Status.PUBLISHED:
            return True
        return self.has_publish_permission(request) and workflow.may_return_alone(version)

    def comment_view(self, request, object_id):
        measure = self.asked_for(request, object_id)
        if not self.has_comment_permission(request, measure):
            raise PermissionDenied
        form = CommentForm(request.POST)
        if form.is_valid():
            measure.comments.create(by=request.user, text=form.cleaned_data["text"])
            self.message_user(request, _("Your comment is on the record. Only the desk sees it."), messages.SUCCESS)
        else:
            self.message_user(request, _("A comment has some words, and at most 5,000 characters."), messages.ERROR)
        return HttpResponseRedirect(reverse("admin:practices_measure_change", args=[measure.pk]) + "#comments")

    def history_view(self, request, object_id, extra_context=None):
        measure = self.asked_for(request, object_id)
        page = Paginator(events(measure), PER_PAGE).get_page(request.GET.get("page"))
        ids = defaultdict(list)
        for _when, kind, row in page:
            ids[kind].append(row)
        proposals = Proposal.objects.select_related("by", "decided_by").in_bulk([*ids["proposal"], *ids["decision"]])
        rows = {
            "change": self._changes(request, measure, ids["change"]),
            "comment": Comment.objects.select_related("by").in_bulk(ids["comment"]),
            "proposal": proposals,
            "decision": proposals,
        }
        context = self.page_of(
            request,
            measure,
            _("History"),
            page=page,
            page_range=page.paginator.get_elided_page_range(page.number),
            events=[(when, kind, rows[kind][row]) for when, kind, row in page],
        )
        return TemplateResponse(request, "admin/practices/measure/history.html", context)

    def _changes(self, request, measure, ids):
        """The changes ``ids`` of ``measure``, by id: each with ``altered``, marked, and ``can_be_restored``."""
        changes = list(measure.changes.filter(pk__in=ids).select_related("by"))
        if not changes:
            return {}
        oldest = changes[-1]
        before = measure.changes.filter(Q(at__lt=oldest.at) | Q(at=oldest.at, pk__lt=oldest.pk)).first()
        contents = contents_at([*changes, before] if before else changes)
        present = content_of(measure)
        may_restore = self.has_restore_permission(request, measure)
        earlier = [*changes[1:], before]
        pairs = [
            (contents[previous.pk] if previous else contents[change.pk], contents[change.pk])
            for change, previous in zip(changes, earlier, strict=True)
        ]
        for change, found in zip(changes, differences_of(pairs), strict=True):
            change.altered = marked(found)
            change.can_be_restored = may_restore and contents[change.pk] != present
        return {change.pk: change for change in changes}

    def restore_view(self, request, object_id, change_id):
        """Show what restoring a version would alter; a POST does it, or proposes it where somebody else decides."""
        measure = self.asked_for(request, object_id)
        version = get_object_or_404(measure.changes.select_related("measure"), pk=change_id)
        if not self.has_restore_permission(request, measure):
            raise PermissionDenied
        at_once = self.restores_at_once(request, version)
        newest = measure.changes.values_list("pk", flat=True).first()
        form = RestoreForm(
            request.POST if request.method == "POST" else None,
            initial={"based_on": newest},
            public=measure.status == Status.PUBLISHED,
            proposed=not at_once,
        )
        if form.is_valid():
            try:
                if at_once:
                    workflow.restore(measure, version, by=request.user, **form.cleaned_data)
                    done = _("The record says again what it said then.")
                else:
                    workflow.propose(measure, content_at(version), by=request.user, **form.cleaned_data)
                    done = _("The earlier text is proposed. Readers keep the present one until it is accepted.")
            except workflow.WorkflowError as error:
                form.add_error(None, error.problems)
            else:
                self.message_user(request, done, messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:practices_measure_history", args=[measure.pk]))
        context = self.page_of(
            request,
            measure,
            _("Restore a version"),
            version=version,
            at_once=at_once,
            changes=marked(differences(content_of(measure), content_at(version))),
            form=form,
        )
        return TemplateResponse(request, "admin/practices/measure/restore.html", context)
