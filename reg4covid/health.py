"""Health checks of a process, for a proxy, a container's runtime or a monitor."""

from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from practices.catalogue.storage import storage


@require_safe
@never_cache
def live(request):
    """200: the process runs."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request):
    """200 where pages are answered; 503 while the index of the catalogue is being opened or built."""
    if storage().has_catalogue():
        return JsonResponse({"status": "ok", "index": "ok"})
    return JsonResponse({"status": "not ready", "index": "being opened or built"}, status=503)
