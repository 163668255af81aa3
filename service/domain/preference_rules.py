"""What a person may wish for: the rules of `preference`, whose values live in the directory and never in events."""

from collections.abc import Mapping
from typing import Any

from service.domain.preference import Preference
from service.domain.refusal import Conflict, Invalid


class InboxStays(Invalid):
    """The inbox shows everything whatever one wishes: keep `inbox` among the channels, with `email` or alone."""

    FR = (
        "La boîte de réception montre tout, quoi qu’on souhaite\u202f: gardez `inbox` parmi les canaux, "
        "seule ou avec `email`."
    )


class QuietHoursEmpty(Invalid):
    """Quiet hours that end at {at}, when they begin, are none or all of the day: give another end."""

    FR = (
        "Des heures calmes qui finissent à {at}, quand elles commencent, durent zéro heure ou vingt-quatre\u202f: "
        "donnez une autre fin."
    )


class AddressNeeded(Conflict):
    """The channel `email` needs an address: give one, or keep the channel `inbox` alone."""

    FR = "Le canal `email` demande une adresse\u202f: donnez-en une, ou gardez le canal `inbox` seul."


def revise(preference: Preference, changes: Mapping[str, Any], *, address: str | None, chosen: bool) -> Preference:
    """The preference with these changes. `address` is the e-mail address that the person has then; `chosen`: the person
    has said which channels to use, now or before (nobody who never did needs an address).

    Raises `InboxStays`, `QuietHoursEmpty`, `AddressNeeded`.
    """
    wanted = preference.model_copy(update=dict(changes))
    if "inbox" not in wanted.channels:
        raise InboxStays(pointer="/channels")
    if wanted.quiet_from is not None and wanted.quiet_from == wanted.quiet_to:
        raise QuietHoursEmpty(pointer="/quiet_hours/ends", at=wanted.quiet_from.strftime("%H:%M"))
    if chosen and "email" in wanted.channels and address is None:
        raise AddressNeeded()
    return wanted
