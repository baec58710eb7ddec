from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("accounts")

    def ready(self):
        from accounts.roles import keep_roles

        # Once all tables are there: the last app's.
        post_migrate.connect(keep_roles, sender=apps.get_app_config("practices"), dispatch_uid="keep_roles")
