"""Who may work at the desk, and as what."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.invitations import invite
from accounts.models import User
from accounts.roles import PERMISSIONS
from reg4covid.desk import DeskAdmin

# Secrets, and addresses that follow from the accounts: nobody edits these.
for model in (EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken):
    admin.site.unregister(model)
admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(GroupAdmin, DeskAdmin):
    """The roles and what each may do, to read: ``accounts.roles`` writes them."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class AccountForm(forms.ModelForm):
    def clean(self):
        cleaned = super().clean()
        if "groups" in self.fields and not cleaned.get("groups") and not cleaned.get("is_superuser"):
            self.add_error("groups", _("Choose at least one role: without any, the desk shows nothing."))
        return cleaned


@admin.register(User)
class AccountAdmin(UserAdmin, DeskAdmin):
    """People are invited, get roles, and are switched off when they leave; what they did keeps their name.

    Passwords are set by their owners alone. Who is no superuser grants roles and nothing else, and leaves superusers
    alone. Nobody changes their own standing, so that whoever administers accounts last stays.
    """

    form = add_form = AccountForm
    add_form_template = None
    ordering = ("email",)
    list_display = ("email", "first_name", "last_name", "roles", "has_second_factor", "last_login", "is_active")
    list_filter = ("is_active", "groups")
    search_fields = ("email", "first_name", "last_name")
    filter_horizontal = ()
    actions = None
    actions_submit_line = ("send_link", "remove_second_factor")
    readonly_fields = ("last_login", "date_joined", "has_second_factor")
    standing = ("is_active", "is_superuser", "groups")

    def get_urls(self):
        return [url for url in super().get_urls() if url.name != "auth_user_password_change"]

    def get_queryset(self, request):
        factors = Authenticator.objects.filter(user=OuterRef("pk")).exclude(type=Authenticator.Type.RECOVERY_CODES)
        return super().get_queryset(request).prefetch_related("groups").annotate(has_second_factor=Exists(factors))

    def get_fieldsets(self, request, obj=None):
        superuser = ["is_superuser"] if request.user.is_superuser else []
        person = (None, {"fields": ["email", "first_name", "last_name"]})
        if obj is None:
            return [person, (_("What they may do"), {"fields": ["groups", *superuser]})]
        return [
            person,
            (_("What they may do"), {"fields": ["is_active", "groups", *superuser]}),
            (_("Signing in"), {"fields": ["has_second_factor", "last_login", "date_joined"]}),
        ]

    def get_readonly_fields(self, request, obj=None):
        return (*self.readonly_fields, *(self.standing if obj == request.user else ()))

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs |= {
            "label": _("Roles"),
            "queryset": Group.objects.filter(name__in=PERMISSIONS).order_by("pk"),
            "widget": UnfoldAdminCheckboxSelectMultipleWidget,
            "help_text": _(
                "A contributor writes drafts, an editor edits and reviews all of them, a publisher decides what "
                "readers see, an administrator keeps accounts and the codebook. A person may be several."
            ),
        }
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self._may_touch(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self._may_touch(request, obj) and obj != request.user

    def get_actions_submit_line(self, request, object_id):
        """None on a page that is only read."""
        may_change = self.has_change_permission(request, self.get_object(request, object_id))
        return super().get_actions_submit_line(request, object_id) if may_change else []

    def _may_touch(self, request, obj):
        return obj is None or request.user.is_superuser or not obj.is_superuser

    def save_model(self, request, obj, form, change):
        if not change:
            obj.is_staff = True
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            self.send_link(request, obj)

    @action(description=gettext_lazy("Save and send a link to set a password"))
    def send_link(self, request, obj):
        try:
            invite(obj, by=request.user)
        except OSError as error:
            text = _(
                "The account is there, but no letter could be sent to %(email)s: %(error)s. Try again from its page."
            )
            self.message_user(request, text % {"email": obj.email, "error": error}, messages.ERROR)
            return
        if settings.MAILERS["default"]["BACKEND"].endswith("console.EmailBackend"):
            text = _("No mail server is set up (EMAIL_URL): the letter to %(email)s, with the link, stands in the log.")
        else:
            text = _("A letter went to %(email)s, with a link on which to set a password.")
        self.message_user(request, text % {"email": obj.email}, messages.SUCCESS)

    @action(description=gettext_lazy("Save and remove the second factor (lost telephone)"))
    def remove_second_factor(self, request, obj):
        if obj == request.user:
            self.message_user(request, _("Your own second factor is on the page of your account."), messages.ERROR)
            return
        Authenticator.objects.filter(user=obj).delete()
        text = _("%(user)s has no second factor now, and is asked for a new one where the roles need it.")
        self.message_user(request, text % {"user": obj}, messages.SUCCESS)

    @admin.display(description=gettext_lazy("roles"))
    def roles(self, obj):
        if obj.is_superuser:
            return _("superuser")
        return ", ".join(group.name for group in obj.groups.all())

    @admin.display(description=gettext_lazy("second factor"), boolean=True)
    def has_second_factor(self, obj):
        return obj.has_second_factor
