"""What is answered where something is wrong: problem details (RFC 9457), the same shape for every status."""

from http import HTTPStatus

from django.conf import settings
from django.http import JsonResponse
from rest_framework.exceptions import APIException
from rest_framework.views import exception_handler


class InvalidParameters(APIException):
    """The query string has ``faults``, dicts with the fields of ``FaultSerializer``."""

    status_code = HTTPStatus.BAD_REQUEST

    def __init__(self, faults):
        names = ", ".join(dict.fromkeys(fault["parameter"] for fault in faults))
        super().__init__(faults[0]["reason"] if len(faults) == 1 else f"Several parameters are not right: {names}.")
        self.faults = faults


def problem(status, detail, *, headers=None, faults=None):
    """The response that says what is wrong: ``detail`` for people, ``faults`` for programs."""
    content = {
        "type": "about:blank" if faults is None else f"{settings.SITE_URL}/api/v1/#problems",
        "title": HTTPStatus(status).phrase if faults is None else "Invalid parameters",
        "status": int(status),
        "detail": str(detail),
    }
    if faults is not None:
        content["faults"] = faults
    return JsonResponse(
        content,
        status=status,
        content_type="application/problem+json",
        headers=headers,
        json_dumps_params={"ensure_ascii": False},
    )


def handle(exception, context):
    """The answer to an exception that a view raised; None leaves it to the handlers of ``reg4covid.urls``."""
    response = exception_handler(exception, context)
    if response is None:
        return None
    return problem(response.status_code, response.data["detail"], faults=getattr(exception, "faults", None))
