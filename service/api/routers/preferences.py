"""How each wants to be reminded: language, channels, digest, quiet hours, address. Kept in the directory alone."""

from datetime import time
from typing import Annotated, Any, Literal

import anyio.to_thread
from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from service.api.answers import answer, object_etag, to_json
from service.api.as_of_query import Nothing
from service.api.dependencies import Create
from service.api.fields import Body, Email, left_alone
from service.api.instance import write_own
from service.api.problems import READS, responses
from service.api.routing import api_router
from service.api.who import CallerDependency
from service.domain.preference import Digest, Preference, ReminderChannel

router = api_router("me")
Hour = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class QuietHours(BaseModel):
    """From when to when nothing is mailed, in Europe/Paris; they may span midnight."""

    model_config = ConfigDict(extra="forbid")

    begins: Hour = Field(description="HH:MM.")
    ends: Hour = Field(description="HH:MM, autre que le début.")


class Preferences(BaseModel):
    """How the caller wants to be reminded."""

    model_config = ConfigDict(extra="forbid")

    language: Literal["fr", "en"]
    channels: list[ReminderChannel] = Field(description="Par où\u202f; la boîte de réception montre toujours tout.")
    digest: Digest = Field(description="Chaque rappel aussitôt, ou un message par jour, ou par semaine.")
    quiet_hours: QuietHours | None
    email: str | None = Field(description="L’adresse de l’annuaire\u202f; sans elle, rien ne part par courriel.")


class RevisePreferences(Body):
    """The fields to change; null takes the quiet hours or the address away."""

    language: Literal["fr", "en"] = left_alone()
    channels: Annotated[tuple[ReminderChannel, ...], Field(min_length=1, max_length=4)] = left_alone()
    digest: Digest = left_alone()
    quiet_hours: QuietHours | None = None
    email: Email | None = None


@router.get("/me/preferences", response_model=Preferences, **READS)
async def get_my_preferences(
    request: Request, caller: CallerDependency, query: Annotated[Nothing, Query()]
) -> Response:
    """The caller's own wishes; what was never chosen has its default."""

    def run() -> Response:
        caller.require_scope("read")
        found = request.app.state.service.directory.wishes(caller.principal)
        body = to_json({**_shown(found.preference), "email": found.email})
        return answer(request, body, etag=object_etag(1, body))

    return await anyio.to_thread.run_sync(run)


@router.post("/me/preferences", response_model=Preferences, responses=responses(400, 401, 403, 404, 409, 413, 415, 422))
async def revise_my_preferences(body: RevisePreferences, write: Create) -> Response:
    """Change the caller's own wishes."""
    directory = write.service.directory

    def decide() -> dict[str, Any]:
        return _shown(directory.revise_wishes(write.caller.principal, _changes(body)).preference)

    def beside(replayed: bool) -> dict[str, Any]:
        return {"email": directory.wishes(write.caller.principal).email}

    return await write_own(write, body, "preference.revise", decide, beside=beside)


def _changes(body: RevisePreferences) -> dict[str, Any]:
    """What the directory keeps of a request: the fields that were sent."""
    sent = {name: getattr(body, name) for name in body.model_fields_set}
    if "channels" in sent:
        sent["channels"] = tuple(dict.fromkeys(sent["channels"]))
    if "quiet_hours" in sent:
        hours = sent.pop("quiet_hours")
        sent["quiet_from"] = time.fromisoformat(hours.begins) if hours else None
        sent["quiet_to"] = time.fromisoformat(hours.ends) if hours else None
    return sent


def _shown(preference: Preference) -> dict[str, Any]:
    begins, ends = preference.quiet_from, preference.quiet_to
    hours = {"begins": f"{begins:%H:%M}", "ends": f"{ends:%H:%M}"} if begins and ends else None
    return {
        "language": preference.language,
        "channels": list(preference.channels),
        "digest": preference.digest,
        "quiet_hours": hours,
    }
