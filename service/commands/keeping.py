"""Commands that keep the data: backup and restore."""

from pathlib import Path
from typing import Annotated

import typer

from service.bootstrap import Service, prepare
from service.commands.opening import place
from service.settings import Settings
from service.store.backup import fingerprint, keys_beside, master_keys, restore, save
from service.store.backup_refusals import BackupExchanged, BackupMissing, KeysMissing, MasterKeyOfAnother
from service.store.texts import TextVault, master_key

KeysFile = Annotated[Path | None, typer.Option("--keys", help="Le fichier des clés\u202f; FICHIER.keys sinon.")]


def register(app: typer.Typer) -> None:
    app.command("backup")(backup)
    app.command("restore")(restore_file)


def backup(
    file: Annotated[Path, typer.Argument(help="Le fichier à écrire (un zip).")],
    keys: KeysFile = None,
) -> None:
    """Sauvegarde le journal, l’annuaire et les clés d’API\u202f; les clés des textes vont dans un fichier à part."""
    keys = keys or keys_beside(file)
    with place(Settings()) as dsn:
        manifest = save(dsn, file, keys)
    print(f"{manifest['tables']['events']['rows']} événements sauvegardés dans {file}")
    print(f"  empreinte SHA-256\u202f: {fingerprint(file)}")
    print(f"Les clés des textes personnels sont dans {keys}\u202f: gardez-les ailleurs, avec la clé maîtresse.")


def restore_file(
    file: Annotated[Path, typer.Argument(help="Le fichier d’une sauvegarde.")],
    keys: KeysFile = None,
    sha256: Annotated[str | None, typer.Option(help="L’empreinte que la sauvegarde a affichée.")] = None,
    without_keys: Annotated[
        bool, typer.Option("--without-keys", help="Restaurer sans les clés\u202f: les textes personnels sont perdus.")
    ] = False,
) -> None:
    """Restaure une sauvegarde dans une base vide, puis rejoue l’histoire pour reconstruire toutes les lectures."""
    settings = Settings()
    if not file.exists():
        raise BackupMissing(path=file)
    if sha256 is not None and fingerprint(file) != sha256.strip().lower():
        raise BackupExchanged(path=file)
    keys = keys or keys_beside(file)
    if without_keys:
        keys = None
    elif not keys.exists():
        raise KeysMissing(path=keys)
    else:
        _require_master_key(settings, keys)
    with place(settings) as dsn:
        manifest = restore(dsn, file, keys)
        prepare(dsn, accept_lost_commits=settings.accept_lost_commits)
        replayed = _replay(settings, dsn)
    print(f"{manifest['tables']['events']['rows']} événements restaurés, {replayed} rejoués.")


def _require_master_key(settings: Settings, keys: Path) -> None:
    """The keys of the texts open only under the master key that wrapped them."""
    wanted = master_keys(keys)
    given = settings.master_key.get_secret_value() if settings.master_key else None
    if wanted and given is None and not settings.master_key_file.exists():
        raise MasterKeyOfAnother()
    if wanted and wanted != [TextVault(master_key(given, settings.master_key_file)).master_key_id]:
        raise MasterKeyOfAnother()


def _replay(settings: Settings, dsn: str) -> int:
    """Read every event again into the read models: a log that cannot be replayed is not restored."""
    service = Service(settings, dsn)
    service.database.open()
    try:
        return service.projector().catch_up()
    finally:
        service.database.close()
