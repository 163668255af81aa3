"""Why a backup is not made or not restored: one sentence each, for the person at the terminal.

BackupRefused
├── BackupDamaged
├── BackupExchanged
├── BackupFromAnotherVersion
├── BackupMissing
├── BackupNotWritable
├── FileExists
├── KeysMissing
├── KeysOfAnotherLog
├── MasterKeyOfAnother
├── NothingToSave
└── PlaceNotEmpty
"""

from inspect import cleandoc


class BackupRefused(Exception):
    """La sauvegarde ou la restauration est impossible."""

    def __init__(self, **facts: object) -> None:
        super().__init__(" ".join(cleandoc(self.__doc__ or "").split(" \n")).replace("\n", " ").format(**facts))


class BackupDamaged(BackupRefused):
    """« {path} » est incomplet ou a été altéré : rien n’a été restauré ; prenez une autre sauvegarde."""


class BackupExchanged(BackupRefused):
    """L’empreinte de « {path} » n’est pas celle que vous avez donnée : ce n’est pas le fichier attendu."""


class BackupFromAnotherVersion(BackupRefused):
    """« {path} » n’est pas une sauvegarde que cette version de Trajectoire sait lire : restaurez-la avec la version
    qui l’a faite, ou avec une plus récente."""


class BackupMissing(BackupRefused):
    """« {path} » n’existe pas : indiquez le fichier d’une sauvegarde."""


class BackupNotWritable(BackupRefused):
    """« {path} » ne peut pas être écrit ({problem}) : aucune sauvegarde n’a été faite."""


class FileExists(BackupRefused):
    """« {path} » existe déjà : une sauvegarde n’en remplace jamais une autre, choisissez un autre nom."""


class KeysMissing(BackupRefused):
    """Le fichier des clés « {path} » manque : sans lui, aucun texte personnel ne pourra plus être lu ; remettez-le, ou
    acceptez cette perte par --without-keys."""


class KeysOfAnotherLog(BackupRefused):
    """Les clés de « {path} » sont d’un autre journal, ou plus anciennes que la sauvegarde : donnez celles qui vont
    avec elle."""


class MasterKeyOfAnother(BackupRefused):
    """La clé maîtresse d’ici n’est pas celle de la sauvegarde : remettez le fichier master.key de l’ancien dossier de
    données, ou TRAJECTOIRE_MASTER_KEY, puis recommencez."""


class NothingToSave(BackupRefused):
    """Il n’y a encore rien à sauvegarder ici : cette base n’a jamais servi."""


class PlaceNotEmpty(BackupRefused):
    """Cette base n’est pas vide : une restauration n’écrase jamais rien ; choisissez un autre dossier avec
    TRAJECTOIRE_DATA_DIR, ou une base vide avec TRAJECTOIRE_DATABASE_URL."""
