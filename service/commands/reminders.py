"""Commands on reminders: what a day would bring, and one tick by hand."""

from datetime import date
from typing import Annotated

import typer

from service.commands.opening import CommandRefused, opened
from service.domain.act import paris_date
from service.domain.reminder import identity
from service.domain.reminder_series import day_of
from service.domain.reminder_sources import CONCEPTS
from service.domain.reminder_words import sentence, why
from service.domain.reminders_due import due
from service.domain.words import french_date
from service.jobs.raising import unknown
from service.jobs.reminding import scene_of
from service.projections.reminder_situation import transformations

reminders = typer.Typer(help="Les rappels.", no_args_is_help=True)
Code = Annotated[str | None, typer.Option("--transformation", help="Une transformation seulement, par son code.")]


def register(app: typer.Typer) -> None:
    app.add_typer(reminders, name="reminders")


@reminders.command("preview")
def preview(
    on: Annotated[str | None, typer.Option("--on", help="Le jour (AAAA-MM-JJ)\u202f; aujourd’hui sinon.")] = None,
    transformation: Code = None,
) -> None:
    """Dit qui recevrait quoi ce jour-là, et pourquoi, sans rien envoyer."""
    with opened() as service:
        today = paris_date(service.clock())
        day = _day(on) or today
        service.gate.wait(service.log.head(), 60)
        with service.database.snapshot() as connection:
            wanted = transformations(connection, transformation)
            if transformation is not None and not wanted:
                raise CommandRefused(f"Aucune transformation ouverte n’a le code {transformation}.")
            scenes = [scene_of(connection, one, day) for one in wanted]
        count = 0
        for scene in scenes:
            events = list(due(scene.situation, scene.timings, scene.calendar))
            new = unknown(service.database, events)
            names = service.directory.names(sorted({event.recipient for event in events}))
            for event in sorted(events, key=lambda event: (event.rule, event.due_on, event.recipient)):
                on_its_day = day_of(scene.calendar, event.due_on, event.offset) == day
                if not on_its_day and (day != today or identity(event) not in new):
                    continue
                state, concept = scene.situation.find(event.subject), CONCEPTS[event.subject.kind]
                said = sentence(event, concept.reference(state), state.title, "fr")
                known = "" if identity(event) in new else " (déjà émis)"
                who = names.get(event.recipient, event.recipient)
                print(f"{scene.transformation.code} — {who}\u202f: {said} {why(event, 'fr')}{known}")
                count += 1
    print(f"{count} rappel(s) le {french_date(day)}.")


@reminders.command("run")
def run(transformation: Code = None) -> None:
    """Un passage des tâches, maintenant\u202f: actes automatiques, rappels, envois."""
    with opened() as service:
        service.gate.wait(service.log.head(), 60)
        ticked = service.ticker().tick(transformation)
    if ticked is None:
        raise CommandRefused("Un autre processus fait passer les tâches en ce moment.")
    print(
        f"{ticked.acts} acte(s) automatique(s), {ticked.raised} rappel(s) émis, "
        f"{ticked.entered} entré(s) dans les boîtes, {ticked.tried} message(s) tenté(s)."
    )


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"«\u202f{text}\u202f» n’est pas une date AAAA-MM-JJ", param_hint="--on") from None
