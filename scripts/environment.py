"""Installs a lock file into .venv, for `run`: one process at a time. The copy written there last says what it holds.

Standard library only: it runs before anything is installed.
"""

import fcntl
import filecmp
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = VENV / "install.log"
RUNTIME, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def has_pip() -> bool:
    """False when there is no environment, or one cut short, or one whose interpreter is gone."""
    return PYTHON.exists() and subprocess.run([PYTHON, "-c", "import pip"], capture_output=True).returncode == 0


def make_environment() -> None:
    try:
        import ensurepip  # noqa: F401  Debian ships venv without it
        import venv
    except ImportError:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        sys.exit(
            "Il manque à ce Python les modules venv et ensurepip : installez-les "
            f"(Debian, Ubuntu : « apt install python{version}-venv »), puis relancez cette commande."
        )
    say("Première fois\u202f: création de l’environnement Python dans .venv…")
    try:
        venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(VENV)
    except subprocess.CalledProcessError:
        sys.exit("La création de l’environnement Python a échoué\u202f: pip n’a pas pu y être installé.")


def install(lock: str) -> None:
    say("Installation des dépendances, versions et empreintes figées (une minute environ)…")
    options = [
        "--require-hashes",
        "--no-deps",
        "--only-binary=:all:",
        "--no-input",
        "--disable-pip-version-check",
    ]
    with LOG.open("w", encoding="utf-8") as log:
        command = [PYTHON, "-m", "pip", "install", *options, "--requirement", ROOT / lock]
        done = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        errors = [line for line in LOG.read_text(encoding="utf-8").splitlines() if line.startswith("ERROR")]
        say("\n".join(errors[-3:]))
        sys.exit(f"L'installation des dépendances a échoué (réseau, disque plein ?) ; le détail est dans {LOG}.")
    say("C’est prêt.")


def remember(lock: str) -> None:
    """The development lock is a superset of the other: whoever has it has both."""
    for known in (RUNTIME, DEVELOPMENT):
        (VENV / known).unlink(missing_ok=True)
    for held in {RUNTIME, lock}:
        shutil.copy(ROOT / held, VENV / held)


def main(lock: str) -> None:
    with (ROOT / ".venv.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        usable = has_pip()
        if usable and (VENV / lock).exists() and filecmp.cmp(ROOT / lock, VENV / lock, shallow=False):
            return  # another process installed it while this one waited
        if not usable:
            make_environment()
        install(lock)
        remember(lock)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit("Installation interrompue\u202f; la prochaine commande la reprendra.")
    except PermissionError as refusal:
        sys.exit(
            f"Impossible d'écrire dans {refusal.filename} : lancez la commande depuis un dossier qui vous appartient."
        )
