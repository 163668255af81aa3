"""The demonstration at the terminal: told once, then greeted with what to do next."""

import json
import os
import sys
from datetime import date
from pathlib import Path

from service.bootstrap import Service
from service.commands.instance import keep_secret
from service.commands.opening import CommandRefused
from service.domain.act import paris_date
from service.settings import Settings

Keys = dict[str, tuple[str, str]]
"""Role -> the name of somebody who holds it, and that person's key."""

ROLES = {
    "lead": "pilote",
    "contributor": "contributrice",
    "facilitator": "facilitateur",
    "governance": "gouvernance",
    "sponsor": "commanditaire",
    "auditor": "auditrice",
    "integration": "intégration",
    "administrator": "administration",
}


def told(service: Service, anchor: date | None) -> Keys:
    """Tell the story on an empty log; the keys of its people, kept in a 0600 file beside the data."""
    log_id = str(service.installation()["log_id"])
    file = keys_file(service.settings)
    if service.log.head():
        kept = json.loads(file.read_text()) if file.exists() else {}
        if kept.get("log_id") != log_id:
            raise CommandRefused("Les clés de cette démonstration ne sont plus là\u202f: relancez avec --fresh.")
        keys: Keys = kept["keys"]
        return keys
    _require_place(file.parent)
    from service.demonstration.story import tell  # the story is long: only its telling loads it

    print("La démonstration se raconte (quelques secondes)…", flush=True)
    begun = telling_file(service.settings)
    keep_secret(begun, log_id)
    keys = tell(service, anchor or paris_date(service.clock()))
    keep_secret(file, json.dumps({"log_id": log_id, "keys": keys}, ensure_ascii=False, indent=2))
    begun.unlink(missing_ok=True)
    return keys


def half_told(settings: Settings, log_id: str) -> bool:
    """Whether the telling of this very log was cut: its people have no keys, nobody has worked with it."""
    begun = telling_file(settings)
    return begun.exists() and begun.read_text().strip() == log_id


def _require_place(folder: Path) -> None:
    """Before the story is told: its keys are shown again at each start, and must be kept."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    if not writable:
        raise CommandRefused(
            f"La démonstration garde ses clés dans {folder}, où rien ne peut être écrit\u202f: "
            "désignez un autre dossier avec TRAJECTOIRE_DATA_DIR."
        )


def address(settings: Settings) -> str:
    """Where this service is reached: an address that can be pasted, also where it listens on every interface."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def address_file(settings: Settings) -> Path:
    """Where the demonstration that was started last listens: `--keys` in another terminal does not know its port."""
    return settings.data_dir / "demonstration.address"


def telling_file(settings: Settings) -> Path:
    """There while the story is told."""
    return settings.data_dir / "demonstration.telling"


def keys_file(settings: Settings) -> Path:
    """Where the keys of the demonstration are kept."""
    return settings.data_dir / "demonstration.keys.json"


def exports(settings: Settings) -> str:
    """Shell lines that put the keys into variables: `eval "$(./run demo --keys)"`."""
    file = keys_file(settings)
    if not file.exists():
        raise CommandRefused("Il n’y a pas encore de démonstration ici\u202f: lancez d’abord ./run demo.")
    keys: Keys = json.loads(file.read_text())["keys"]
    lines = [f"export {role.upper()}={key}" for role, (_, key) in keys.items()]
    kept = address_file(settings)
    base = kept.read_text().strip() if kept.exists() else address(settings)
    return "\n".join([f"export API={base}/api/v1", *lines])


def greet(service: Service, keys: Keys) -> None:
    """What to do next: the documentation, a key for each role, three lines that work as printed."""
    settings = service.settings
    base = address(settings)
    address_file(settings).write_text(base + "\n")
    api = f"{base}/api/v1"
    row = service.database.one("SELECT code FROM transformations WHERE valid_to IS NULL ORDER BY id LIMIT 1")
    code = row["code"] if row else ""
    lines = [
        "",
        f"Trajectoire est prête\u202f: {base}",
        f"  Documentation interactive\u202f: {api}/docs",
        "",
        "Une clé par rôle\u202f:",
    ]
    for role, word in ROLES.items():
        if role in keys:
            name, key = keys[role]
            lines.append(f"  {word:<15} {key}   {name}")
    lead = keys["lead"][1]
    auditor = keys.get("auditor", keys["lead"])[1]
    lines += [
        "",
        "À essayer\u202f:",
        f"  curl -s -H 'Authorization: Bearer {lead}' '{api}/transformations/{code}/action-plan'",
        f"  curl -s -H 'Authorization: Bearer {lead}' '{api}/transformations/{code}/obstacle-register'",
        f"  curl -s -H 'Authorization: Bearer {auditor}' '{api}/audit/events?transformation={code}&limit=5'",
        "",
        "Ctrl-C arrête tout, la base aussi. «\u202f./run demo\u202f» reprend, «\u202f--fresh\u202f» recommence.",
    ]
    print("\n".join(lines))
    sys.stdout.flush()
