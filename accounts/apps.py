from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate, post_save
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("accounts")

    def ready(self):
        from allauth.mfa.signals import authenticator_added

        from accounts.receivers import keep_address, trust_new_factor
        from accounts.roles import keep_roles

        post_save.connect(keep_address, sender=self.get_model("User"), dispatch_uid="keep_address")
        authenticator_added.connect(trust_new_factor, dispatch_uid="trust_new_factor")

        # Once all tables are there: the last app's.
        post_migrate.connect(keep_roles, sender=apps.get_app_config("practices"), dispatch_uid="keep_roles")
