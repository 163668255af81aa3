"""The people that a file names: found in the directory by their name, else entered without an account on applying."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from service.domain.event import new_id
from service.domain.principal import person_id
from service.exchange.typography import say
from service.exchange.wording import as_one_name, identity

LONGEST_NAME = 120


@dataclass
class NewPerson:
    """Somebody whom the directory does not know yet."""

    id: UUID
    name: str
    row: int

    @property
    def person_id(self) -> str:
        return person_id(self.id)


@dataclass
class PeopleBook:
    """The directory by normalised name, and the newcomers of a file."""

    names: Mapping[str, str]
    new: dict[str, NewPerson] = field(default_factory=dict)
    known: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.known = {}
        for id, name in sorted(self.names.items()):
            self.known.setdefault(identity(as_one_name(name)), []).append(id)

    def problems(self, names: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        """Code, message and suggestion for each name that cannot be told."""
        for name in names:
            bearers = self.known.get(identity(name), [])
            if len(bearers) > 1:
                yield (
                    "homonyms",
                    say("{count} personnes de l'annuaire s'appellent « {name} ».", count=len(bearers), name=name),
                    say("Laissez la cellule vide, puis désignez la personne dans le service, par son identifiant."),
                )
            elif len(name) > LONGEST_NAME:
                yield (
                    "name_too_long",
                    say("Ce nom de personne compte {length} caractères, pour 120 au plus.", length=len(name)),
                    say("Séparez les personnes par des virgules, et mettez le reste dans une autre colonne."),
                )

    def use(self, names: Sequence[str], row: int) -> None:
        """These people are named in a row that is applied."""
        for name in names:
            if identity(name) not in self.known:
                self.new.setdefault(identity(name), NewPerson(new_id(), name, row))

    def met(self, names: Mapping[str, str]) -> bool:
        """Whether the directory, read again, knows one of the newcomers."""
        return any(identity(as_one_name(name)) in self.new for id, name in names.items() if id not in self.names)

    def ids(self, names: Sequence[str]) -> list[str]:
        """Their ids, newcomers included."""
        found = []
        for name in names:
            key = identity(name)
            found.append(self.known[key][0] if key in self.known else self.new[key].person_id)
        return list(dict.fromkeys(found))
