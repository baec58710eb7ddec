"""The steps of a record's life at the desk: buttons on its page, actions of the list, and what each asks first.

Each leads to a page that says what will happen; only a POST from there does it, through ``practices.workflow``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminTextareaWidget

from practices import workflow
from practices.admin.diffs import marked
from practices.choices import SourceKind, Status
from practices.content import content_at, content_of, differences
from practices.duplicates import likely_duplicates
from practices.models import Proposal, Source
from practices.queues import MOVING

AT_ONCE = 200  # records that one action takes a step with


@dataclass(frozen=True)
class Step:
    """A step of ``workflow``: what its button says, what it will do, what is said when it is done, and which
    permission of the desk it asks for.

    ``reason`` is the label of the field for a reason, if there is one; who fills it in is told ``reason_help``.
    """

    name: str
    take: Callable
    title: Promise
    consequence: Promise
    done: Promise
    permission: str
    icon: str
    reason: Promise | None = None
    reason_help: Promise | str = ""
    reason_required: bool = False


STEPS = {
    step.name: step
    for step in (
        Step(
            "submit",
            workflow.submit,
            gettext_lazy("Submit for review"),
            gettext_lazy("The record joins the queue of the reviewers. Readers see nothing of it yet."),
            gettext_lazy("Submitted for review"),
            permission="submit",
            icon="send",
            reason=gettext_lazy("Word to the reviewers"),
        ),
        Step(
            "publish",
            workflow.publish,
            gettext_lazy("Publish"),
            gettext_lazy("Everybody can read it at once: on its page, in lists, in the search and in files."),
            gettext_lazy("Published"),
            permission="publish",
            icon="public",
            reason=gettext_lazy("Reason"),
            reason_help=gettext_lazy("For the desk's history only."),
        ),
        Step(
            "return_to_author",
            workflow.return_to_author,
            gettext_lazy("Return to the author"),
            gettext_lazy("The record is a draft again, and its author reads what to mend."),
            gettext_lazy("Returned to the author"),
            permission="review",
            icon="undo",
            reason=gettext_lazy("What to mend"),
            reason_help=gettext_lazy("The author reads this; name the field and what would be right."),
            reason_required=True,
        ),
        Step(
            "verify",
            workflow.verify,
            gettext_lazy("Mark as verified today"),
            gettext_lazy("Readers see that an editor checked the record against its sources today."),
            gettext_lazy("Marked as verified"),
            permission="publish",
            icon="verified",
        ),
        Step(
            "withdraw",
            workflow.withdraw,
            gettext_lazy("Withdraw"),
            gettext_lazy("Readers no longer find the record, and its address leads nowhere. The desk keeps all of it."),
            gettext_lazy("Withdrawn"),
            permission="publish",
            icon="visibility_off",
            reason=gettext_lazy("Reason"),
            reason_help=gettext_lazy("Kept with the record, for the desk only."),
            reason_required=True,
        ),
    )
}

# What no machine can see.
QUESTIONS = [
    gettext_lazy("Does every statement of the summary stand in a source that is cited?"),
    gettext_lazy("Are the dates the sources' own, and no more precise than these?"),
    gettext_lazy("Is it one measure of one actor, or of several together, and not two in one record?"),
    gettext_lazy("Does the type fit its definition better than any other?"),
    gettext_lazy("Would a reader who does not know the country understand the title?"),
]


class StepForm(forms.Form):
    """Why a step is taken, if it asks. ``based_on`` is the last change of the record that its page showed."""

    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}))

    def __init__(self, step, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if step.reason is None:
            del self.fields["reason"]
        else:
            field = self.fields["reason"]
            field.label, field.help_text, field.required = step.reason, step.reason_help, step.reason_required


@dataclass(frozen=True)
class Fact:
    """Something that the machine sees of a record: whether it is as it should be, in words, and where to mend it."""

    good: bool
    text: str
    field: str = ""


def facts(measure):
    """What a reviewer need not look up beside what is missing: a list of ``Fact``, worst first."""
    found = [Fact(True, f"{measure.measure_type}: {measure.measure_type.definition}")]
    if count := len(measure.summary.split()):
        text = ngettext("Summary: %(count)d word.", "Summary: %(count)d words.", count) % {"count": count}
        found.append(Fact(True, text))
    if where := ", ".join(map(str, [*measure.countries.all(), *measure.areas.all()])):
        found.append(Fact(True, f"{measure.get_scope_display()}: {where}"))
    if sources := list(measure.sources.all()):
        official = any(source.kind == SourceKind.OFFICIAL for source in sources)
        text = _("An official source is cited.") if official else _("No source is official; is there none?")
        found.append(Fact(official, text, "" if official else "citations"))
        found += [
            Fact(False, _("The address of “%(source)s” no longer works.") % {"source": source}, "citations")
            for source in sources
            if source.last_check_result == Source.CheckResult.GONE
        ]
    dates = {name: getattr(measure, name) for name in ("announced_on", "starts_on", "ends_on")}
    for name, date in dates.items():
        label = measure._meta.get_field(name).verbose_name.capitalize()
        found.append(
            Fact(True, f"{label}: {date}")
            if date
            else Fact(False, _("%(date)s: not stated. Does no source say?") % {"date": label}, name)
        )
    return sorted(found, key=lambda fact: fact.good)


def _bulk_action(step):
    def action(model_admin, request, queryset):
        return model_admin.take_with_many(request, queryset, step)

    action.__name__ = step.name
    return admin.action(action, description=step.title, permissions=[step.permission])


class StepPages:
    """Mixin: the steps of a record as buttons on its page and as actions of the list, each with a page that asks."""

    change_form_outer_before_template = "admin/practices/measure/_standing.html"
    actions = [_bulk_action(step) for step in STEPS.values()]

    def get_urls(self):
        view = self.admin_site.admin_view(self.step_view)
        return [path("<int:object_id>/step/<slug:name>/", view, name="practices_measure_step"), *super().get_urls()]

    def has_submit_permission(self, request, obj=None):
        user = request.user
        own = obj is None or obj.author_id == user.pk
        return user.has_perm("practices.change_measure") and (own or user.has_perm("practices.edit_any_measure"))

    def has_comment_permission(self, request, obj):
        """Who works on a record: its author too, while others review it."""
        return self.has_submit_permission(request, obj)

    def has_review_permission(self, request, obj=None):
        return request.user.has_perm("practices.edit_any_measure") or self.has_publish_permission(request, obj)

    def has_publish_permission(self, request, obj=None):
        return request.user.has_perm("practices.publish_measure")

    def may(self, step, request, measure):
        return getattr(self, f"has_{step.permission}_permission")(request, measure)

    def steps_of(self, request, measure):
        """The steps that start where ``measure`` stands and that the user may take."""
        return [
            step
            for step in STEPS.values()
            if measure.status in workflow.STARTS[step.name] and self.may(step, request, measure)
        ]

    def obstacles(self, step, request, measure):
        """Why the user cannot take ``step`` with ``measure``: sentences by field ("" where none is meant)."""
        if not self.may(step, request, measure):
            return {"": _("Your role does not take this step with this record.")}
        if measure.status not in workflow.STARTS[step.name]:
            return {"": _("It is “%(status)s”, and the step does not start there.") % {"status": _status(measure)}}
        return workflow.obstacles(measure, by=request.user) if step.name == "publish" else {}

    def asked_for(self, request, object_id):
        """The measure that an address names, if the user may see it."""
        measure = self.get_object(request, str(object_id))
        if measure is None:
            raise Http404
        if not self.has_view_or_change_permission(request, measure):
            raise PermissionDenied
        return measure

    def page_of(self, request, measure, title, **context):
        """What every page about ``measure`` has."""
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "subtitle": str(measure),
            "original": measure,
            "measure": measure,
            "status": _status(measure),
            "record_url": reverse("admin:practices_measure_change", args=[measure.pk]),
            **context,
        }

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            context |= {
                "steps": self.steps_of(request, obj),
                "last_step": obj.changes.filter(action__in=MOVING).select_related("by").first(),
                "proposals": obj.proposals.filter(decision=Proposal.Decision.OPEN).select_related("by"),
                "comments": obj.comments.select_related("by"),
                "may_comment": self.has_comment_permission(request, obj),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def step_view(self, request, object_id, name):
        measure = self.asked_for(request, object_id)
        step = STEPS.get(name)
        if step is None:
            raise Http404
        if not self.may(step, request, measure):
            raise PermissionDenied
        data = request.POST.copy() if request.method == "POST" else None
        form = StepForm(step, data, initial={"based_on": _newest(measure)})
        since = []
        if form.is_valid():
            try:
                step.take(measure, by=request.user, **form.cleaned_data)
            except workflow.WorkflowError as error:
                form.add_error(None, error.problems)
                measure.refresh_from_db()
                if isinstance(error, workflow.StaleError):
                    since = changed_since(measure, form.cleaned_data["based_on"])
                    form.data["based_on"] = error.newest.pk  # what changed is shown, so the next answer counts
            else:
                self.message_user(request, f"{step.done}: “{measure}”.", messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:practices_measure_change", args=[measure.pk]))
        publishes = step.name == "publish"
        context = self.page_of(
            request,
            measure,
            step.title,
            step=step,
            form=form,
            since=since,
            obstacles=self.obstacles(step, request, measure),
            facts=facts(measure) if publishes else [],
            duplicates=self.duplicates_of(request, measure) if publishes else [],
            questions=QUESTIONS if publishes or step.name == "verify" else [],
        )
        return TemplateResponse(request, "admin/practices/measure/step.html", context)

    def duplicates_of(self, request, measure):
        """Other records that may tell of the same thing as ``measure``, as ``likely_duplicates`` finds them."""
        return likely_duplicates(
            self.get_queryset(request).exclude(pk=measure.pk),
            title=measure.title_en,
            measure_type=measure.measure_type_id,
            countries=[country.pk for country in measure.countries.all()],
            announced_on=measure.announced_on,
            sources=[source.pk for source in measure.sources.all()],
        )

    def take_with_many(self, request, queryset, step):
        """Ask whether to take ``step`` with each record of ``queryset``; when asked already, take it.

        Each is a transaction of its own: one that is refused keeps none of the others.
        """
        if queryset.count() > AT_ONCE:
            text = _("At most %(number)d records at once. Nothing was done.") % {"number": AT_ONCE}
            self.message_user(request, text, messages.ERROR)
            return None
        form = StepForm(step, request.POST if "confirmed" in request.POST else None)
        if form.is_valid():
            self._take_with_each(request, queryset, step, form.cleaned_data.get("reason"))
            return None
        measures = queryset.prefetch_related("countries", "areas", "citations", "changes")
        rows = [(measure, _status(measure), self.obstacles(step, request, measure)) for measure in measures]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": step.title,
            "step": step,
            "form": form,
            "rows": rows,
            "possible": sum(not obstacles for _measure, _status, obstacles in rows),
            "action_checkbox_name": admin.helpers.ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/practices/measure/steps.html", context)

    def _take_with_each(self, request, queryset, step, reason):
        words = {} if step.reason is None else {"reason": reason}
        done = 0
        for measure in queryset:
            try:
                if not self.may(step, request, measure):
                    raise workflow.WorkflowError(self.obstacles(step, request, measure).values())
                step.take(measure, by=request.user, **words)
                done += 1
            except workflow.WorkflowError as error:
                text = _("“%(measure)s”: %(problems)s") % {"measure": measure, "problems": error}
                self.message_user(request, text, messages.ERROR)
        if done:
            count = ngettext("%(count)d record.", "%(count)d records.", done) % {"count": done}
            self.message_user(request, f"{step.done}: {count}", messages.SUCCESS)


def changed_since(measure, change_id):
    """What ``measure`` says otherwise than after the change ``change_id`` of it, with the words marked."""
    seen = measure.changes.filter(pk=change_id).first()
    return marked(differences(content_at(seen), content_of(measure))) if seen else []


def goes_live_at_once(user):
    """Whether what ``user`` changes of a public record is public without somebody else's word."""
    return not settings.SECOND_PERSON and user.has_perm("practices.publish_measure")


def _newest(measure):
    """The id of the last change of ``measure``; None where it has none."""
    return measure.changes.values_list("pk", flat=True).first()


def _status(measure):
    return Status(measure.status).label
