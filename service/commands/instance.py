"""Commands on the instance: its first administrator, people, keys, transformations. They do what the routes do."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich import print as say

from service.acts.principals import ALL_SCOPES, enrol_person, issue_key, renew_secret, revoke_key, rotate_key
from service.acts.transformations import prepare_transformation
from service.bootstrap import Service
from service.commands.opening import CommandRefused, acting, opened, somebody
from service.domain.act import Act
from service.domain.event import new_id
from service.domain.key import KEY, Key, Scope
from service.domain.permissions import require
from service.domain.principal import PERSON, grant_administrator, person_id
from service.domain.refusal import NotFound
from service.domain.transformation import TRANSFORMATION
from service.projections.principals import keys_of, stream_of_key
from service.store.recording import AlreadyTaken, Work
from service.store.unit import Outcome, Target, Unit

As = Annotated[str | None, typer.Option("--as", help="La personne au nom de qui agir (base embarquée seulement).")]
KeyId = Annotated[str, typer.Argument(help="L’identifiant de la clé.")]
people = typer.Typer(help="Les personnes de l’annuaire.", no_args_is_help=True)
keys = typer.Typer(help="Les clés d’API.", no_args_is_help=True)
transformations = typer.Typer(help="Les transformations.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.command()(init)
    app.add_typer(people, name="people")
    app.add_typer(keys, name="keys")
    app.add_typer(transformations, name="transformations")


def first_administrator(service: Service, name: str, *, wait: float) -> str | None:
    """Make the first administrator and a key of all scopes; None where there is one already, were it made by another
    process at this very moment. `wait`: seconds, at most, until it is visible.
    """
    if service.administrators():
        return None
    whole = ""
    stream = new_id()
    entered: list[tuple[str, str]] = []

    def work(unit: Unit) -> Target:
        nonlocal whole
        person = enrol_person(unit, service.directory, name)
        unit.record(PERSON, person.id, grant_administrator(person))
        key, whole = issue_key(
            unit,
            service.directory,
            owner=person.person_id,
            name="première clé",
            scopes=ALL_SCOPES,
            environment=service.settings.environment,
        )
        entered.append((person.person_id, key.key_id))
        unit.claim("first administrator")
        return Target(KEY, key)

    # Nobody is there yet: the first act is the installation's own.
    try:
        record(service, Act(actor=person_id(stream), now=service.clock(), channel="cli"), work, wait=wait)
    except AlreadyTaken:
        for person, key in entered:
            service.directory.remove_key(key)
            service.directory.remove_person(person)
        return None
    return whole


VISIBLE_WITHIN = 30.0
"""Seconds that a command waits for the read models: whoever runs the next one is to see what this one did."""


def record(service: Service, act: Act, work: Work, *, wait: float = VISIBLE_WITHIN) -> Outcome:
    """Record an act and wait until it is visible."""
    outcome = service.recorder.execute(act, work)
    service.gate.wait(outcome.position, wait)
    return outcome


def keep_secret(file: Path, content: str) -> None:
    """Write a file that only its owner reads."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(descriptor, 0o600)  # also where the file was there before, for everybody
    with os.fdopen(descriptor, "w") as out:
        out.write(content)


def init(name: Annotated[str, typer.Option(help="Le nom de la première administratrice.")] = "Administration") -> None:
    """Prépare la base et crée la première clé d’administration, montrée une seule fois."""
    with opened() as service:
        key = first_administrator(service, name, wait=VISIBLE_WITHIN)
        if key is None:
            raise CommandRefused("Cette installation a déjà une administration\u202f; utilisez sa clé.")
        print(key)


def _administrator(service: Service, person: str | None) -> Act:
    act = acting(service, person)
    require("person.enrol", "administrator" if service.is_administrator(act.actor) else None)
    return act


def _listed(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        print(json.dumps(row, ensure_ascii=False, default=str))


@people.command("add")
def add_person(
    name: Annotated[str, typer.Argument(help="Prénom et nom.")],
    email: Annotated[str | None, typer.Option(help="Adresse électronique.")] = None,
    administrator: Annotated[bool, typer.Option("--administrator", help="Lui confier l’administration.")] = False,
    as_person: As = None,
) -> None:
    """Inscrit une personne à l’annuaire et affiche son identifiant."""
    with opened() as service:

        def work(unit: Unit) -> Target:
            person = enrol_person(unit, service.directory, name, email=email)
            if administrator:
                person = unit.record(PERSON, person.id, grant_administrator(person))
            return Target(PERSON, person)

        print(person_id(record(service, _administrator(service, as_person), work).id))


@people.command("list")
def list_people(as_person: As = None) -> None:
    """Les personnes, une par ligne, en JSON."""
    with opened() as service:
        _administrator(service, as_person)
        after = ""
        while page := service.directory.people(after=after, limit=1000):
            _listed([{k: row[k] for k in ("id", "display_name", "email")} for row in page])
            after = page[-1]["id"]


@keys.command("issue")
def issue(
    owner: Annotated[str, typer.Argument(help="La personne, par son nom ou p_…\u202f; ou le service (s_…).")],
    name: Annotated[str, typer.Option(help="À quoi sert la clé.")] = "ligne de commande",
    scope: Annotated[list[str] | None, typer.Option(help="Une portée\u202f; plusieurs fois si besoin.")] = None,
    as_person: As = None,
) -> None:
    """Crée une clé et l’affiche, une seule fois."""
    scopes: tuple[Any, ...] = tuple(scope or ("read", "write"))
    unknown = set(scopes) - set(ALL_SCOPES)
    if unknown:
        raise typer.BadParameter(f"portée inconnue\u202f: {', '.join(sorted(unknown))}")
    with opened() as service:
        whole = ""

        def work(unit: Unit) -> Target:
            nonlocal whole
            given: tuple[Scope, ...] = scopes
            key, whole = issue_key(
                unit,
                service.directory,
                owner=somebody(service, owner),
                name=name,
                scopes=given,
                environment=service.settings.environment,
            )
            return Target(KEY, key)

        record(service, _administrator(service, as_person), work)
        print(whole)


@keys.command("list")
def list_keys(as_person: As = None) -> None:
    """Les clés, une par ligne, en JSON\u202f; jamais leur secret."""
    with opened() as service:
        _administrator(service, as_person)
        found, now = keys_of(service.database), service.clock()
        rows = service.directory.keys([key.key_id for key in found])
        _listed(
            [
                {
                    "id": key.key_id,
                    "owner": key.owner,
                    "scopes": key.scopes,
                    "status": key.status_at(now),
                    "expires_at": key.expires_at,
                    "old_secret_until": key.overlap_at(now),
                    **rows.get(key.key_id, {}),
                }
                for key in found
            ]
        )


def _key_stream(service: Service, id: str) -> UUID:
    try:
        return stream_of_key(service.database, id)
    except NotFound:
        raise CommandRefused(f"Il n’y a pas de clé {id}.") from None


@keys.command("rotate")
def rotate(
    id: KeyId,
    overlap_hours: Annotated[
        int, typer.Option(min=0, max=720, help="Combien d’heures l’ancien secret ouvre encore.")
    ] = 24,
    as_person: As = None,
) -> None:
    """Renouvelle le secret d’une clé et affiche la clé, une seule fois."""
    with opened() as service:
        stream = _key_stream(service, id)

        def work(unit: Unit) -> Target:
            return Target(KEY, rotate_key(unit, unit.get(KEY, stream), overlap=timedelta(hours=overlap_hours)))

        state = record(service, _administrator(service, as_person), work).state
        assert isinstance(state, Key)
        print(renew_secret(service.directory, state, service.settings.environment))


@keys.command("revoke")
def revoke(id: KeyId, as_person: As = None) -> None:
    """Révoque une clé, tout de suite."""
    with opened() as service:
        stream = _key_stream(service, id)

        def work(unit: Unit) -> Target:
            return Target(KEY, revoke_key(unit, service.directory, unit.get(KEY, stream)))

        record(service, _administrator(service, as_person), work)
        say("Clé révoquée.")


@transformations.command("create")
def create(
    code: Annotated[str, typer.Option(help="Code court, en majuscules, par exemple DIR-CR.")],
    name: Annotated[str, typer.Option(help="Nom de la transformation.")],
    template: Annotated[str | None, typer.Option(help="Modèle, par exemple direction-4-phases.")] = None,
    lead: Annotated[str | None, typer.Option(help="Pilote, par son nom ou p_…\u202f; sinon, vous-même.")] = None,
    sponsor: Annotated[str | None, typer.Option(help="Commanditaire, par nom ou p_…\u202f; sinon, le pilote.")] = None,
    as_person: As = None,
) -> None:
    """Prépare une transformation\u202f; nomme son premier pilote et son commanditaire."""
    with opened() as service:
        act = _administrator(service, as_person)

        def work(unit: Unit) -> Target:
            first = somebody(service, lead) if lead else act.actor
            second = somebody(service, sponsor) if sponsor else first
            prepared = prepare_transformation(unit, code=code, name=name, template=template, lead=first, sponsor=second)
            return Target(TRANSFORMATION, prepared)

        print(record(service, act, work).id)


@transformations.command("list")
def list_transformations(as_person: As = None) -> None:
    """Les transformations, une par ligne, en JSON."""
    with opened() as service:
        _administrator(service, as_person)
        query = "SELECT id, code, name, status FROM transformations WHERE valid_to IS NULL ORDER BY code"
        _listed(service.database.all(query))
