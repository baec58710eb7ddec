"""Revisions of public records at the desk: proposed by saving the form, decided on a page of their own."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, Value, When
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from practices import workflow
from practices.admin.diffs import marked
from practices.admin.steps import changed_since, goes_live_at_once
from practices.choices import Status
from practices.content import content_at, content_of, differences
from practices.models import Proposal, Tag
from reg4covid.desk import DeskAdmin


class PublicNoteForm(forms.Form):
    """What the form of a public record asks beside the record itself. ``problems`` are the workflow's refusals."""

    problems = ()
    public_note = forms.CharField(
        label=gettext_lazy("Public note"),
        max_length=Proposal._meta.get_field("public_note").max_length,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy(
            "What you correct, in a sentence: “The end date was added.” Readers see it in the record's history."
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["public_note"].required = "_preview" not in self.data  # nothing is corrected yet

    def clean(self):
        cleaned = super().clean()
        if self.problems:
            self.add_error(None, self.problems)
        return cleaned


class ProposedEdits:
    """Mixin: saving the form of a public record proposes a revision, unless the user may correct it alone."""

    def corrects(self, request, obj):
        """Whether the form changes what readers see, now or once it is accepted."""
        return obj is not None and obj.status == Status.PUBLISHED and self.has_change_permission(request, obj)

    def proposes(self, request, obj):
        return self.corrects(request, obj) and not goes_live_at_once(request.user)

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if not self.corrects(request, obj):
            return fieldsets
        description = (
            _("Readers keep the present text until somebody else accepts yours.")
            if self.proposes(request, obj)
            else _("Readers see the new text as soon as you save.")
        )
        note = (_("This record is public"), {"fields": ("public_note",), "description": description})
        return [note, *fieldsets]

    def get_form(self, request, obj=None, **kwargs):
        if self.corrects(request, obj):
            problems = getattr(request, "refused", ())
            kwargs["form"] = type("PublicRecordForm", (PublicNoteForm, self.form), {"problems": problems})
        return super().get_form(request, obj, **kwargs)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except workflow.WorkflowError as error:
            # Once more, to be told by the form that keeps what was typed.
            request.refused = error.problems
            return super().changeform_view(request, object_id, form_url, extra_context)

    def propose(self, request, form, formsets):
        """Propose what saving ``form`` and ``formsets`` would make the record say; nothing of it is saved."""
        measure = form.instance
        # Before what is undone, or the proposal would name tags that are no longer there.
        for name in form.cleaned_data.get("tags", ()):
            Tag.objects.get_or_create(name=name)
        with transaction.atomic():
            measure.save()
            super().save_related(request, form, formsets, True)
            content = content_of(measure)
            transaction.set_rollback(True)
        workflow.propose(
            measure,
            content,
            by=request.user,
            based_on=form.cleaned_data["based_on"],
            public_note=form.cleaned_data["public_note"],
        )

    def response_change(self, request, obj):
        if not self.proposes(request, obj):
            return super().response_change(request, obj)
        text = _("Your revision of “%(measure)s” is proposed. Readers keep the present text until it is accepted.")
        self.message_user(request, text % {"measure": obj}, messages.SUCCESS)
        proposal = obj.proposals.get(by=request.user, decision=Proposal.Decision.OPEN)
        return HttpResponseRedirect(reverse("admin:practices_proposal_change", args=[proposal.pk]))


@dataclass(frozen=True)
class Decision:
    """Something that can be done with a proposal: a function of ``workflow``, its button, and what it will do."""

    name: str
    take: Callable
    title: Promise
    consequence: Promise
    done: Promise
    variant: str = "default"  # of unfold's button


DECISIONS = {
    decision.name: decision
    for decision in (
        Decision(
            "accept",
            workflow.accept,
            gettext_lazy("Accept"),
            gettext_lazy("Readers see the proposed text at once, and the public note in the record's history."),
            gettext_lazy("The revision is public."),
            variant="primary",
        ),
        Decision(
            "rebase",
            workflow.rebase,
            gettext_lazy("Base on the present text"),
            gettext_lazy("What the revision changes stays; the rest becomes what the record says now."),
            gettext_lazy("The revision is based on the present text. Look at it again before it is accepted."),
        ),
        Decision(
            "decline",
            workflow.decline,
            gettext_lazy("Decline"),
            gettext_lazy("Readers keep the present text, and who proposed another reads your reason."),
            gettext_lazy("The revision is declined."),
        ),
        Decision(
            "take_back",
            workflow.take_back,
            gettext_lazy("Take back"),
            gettext_lazy("Nobody decides on it any more; readers keep the present text."),
            gettext_lazy("You no longer propose this revision."),
        ),
    )
}


class DecisionForm(forms.Form):
    """``based_on`` is the change that the proposal named when its page was shown."""

    based_on = forms.IntegerField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(choices=[(name, name) for name in DECISIONS])
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=gettext_lazy("Needed to decline. Who proposed the revision reads it."),
    )


@admin.register(Proposal)
class ProposalAdmin(DeskAdmin):
    """What is proposed: what waits comes first, the oldest of it on top. Decided on, never edited."""

    list_display = ("public_note", "measure", "by", "at", "decision")
    list_filter = ("decision",)
    list_select_related = ("measure", "by")
    search_fields = ("measure__title_en", "measure__slug", "public_note", "by__email")
    ordering = (Case(When(decision=Proposal.Decision.OPEN, then=Value(0)), default=Value(1)), "at", "pk")
    actions = None

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def decisions(self, request, proposal, *, stale):
        """What the user may do with ``proposal``; what is ``stale`` has to be looked at anew before it is accepted."""
        if proposal.decision != Proposal.Decision.OPEN:
            return []
        user = request.user
        own, publishes = proposal.by_id == user.pk, user.has_perm("practices.publish_measure")
        may = {
            "accept": not stale and publishes and (not own or goes_live_at_once(user)),
            "rebase": stale and (own or publishes),
            "decline": publishes and not own,
            "take_back": own,
        }
        return [decision for name, decision in DECISIONS.items() if may[name]]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The proposed text beside the public one, and what the user may decide."""
        proposal = self.get_object(request, object_id)
        if proposal is None:
            raise Http404
        if not self.has_view_permission(request, proposal):
            raise PermissionDenied
        measure = proposal.measure
        stale = proposal.based_on_id != measure.changes.values_list("pk", flat=True).first()
        decisions = self.decisions(request, proposal, stale=stale)
        if request.method == "POST":
            return self.decide(request, proposal, decisions)
        changes = marked(differences(content_at(proposal.based_on), proposal.content))
        is_open = proposal.decision == Proposal.Decision.OPEN
        since = changed_since(measure, proposal.based_on_id) if is_open and stale else []
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": proposal,
            "title": _("Proposed revision"),
            "subtitle": str(measure),
            "proposal": proposal,
            "record_url": reverse("admin:practices_measure_change", args=[measure.pk]),
            "changes": changes,
            "since": since,
            "in_both": [found.label for found in since if found.label in {change.label for change in changes}],
            "decisions": decisions,
            "asks_reason": DECISIONS["decline"] in decisions,
            "form": DecisionForm(initial={"based_on": proposal.based_on_id}),
        }
        return TemplateResponse(request, "admin/practices/proposal/change_form.html", context)

    def decide(self, request, proposal, decisions):
        form = DecisionForm(request.POST)
        decision = form.is_valid() and DECISIONS[form.cleaned_data["decision"]]
        if decision not in decisions:
            raise PermissionDenied
        words = {"reason": form.cleaned_data["reason"]} if decision.name == "decline" else {}
        try:
            if form.cleaned_data["based_on"] != proposal.based_on_id:
                raise workflow.WorkflowError([_("This revision has been based on a later text. Look at it again.")])
            decision.take(proposal, by=request.user, **words)
        except workflow.WorkflowError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, decision.done, messages.SUCCESS)
        return HttpResponseRedirect(request.path)
