"""Who the change is for and who governs it: the groups with their headcounts, the seats of the three committees."""

from service.acts.groups import form_group
from service.demonstration.entry import Entry, The, do
from service.demonstration.stage import Deed, Scene
from service.domain import body, group, phase
from service.domain.body_events import Standing
from service.domain.group import GROUP, GroupKind
from service.store.unit import Target

SEATS: dict[str, tuple[tuple[int, str, Standing], ...]] = {
    "instance-steering": (
        (1, "genevieve", "titular"),
        (2, "bertrand", "titular"),
        (3, "annelaure", "titular"),
        (4, "jeanbaptiste", "titular"),
        (4, "isabelle", "alternate"),
    ),
    "instance-management": (
        (1, "mathilde", "titular"),
        (3, "sylvie", "titular"),
        (4, "thomas", "titular"),
        (5, "antoine", "titular"),
    ),
    "instance-tools": ((1, "nadia", "titular"), (2, "camille", "titular"), (3, "hugo", "titular")),
}


def _forms(key: str, name: str, kind: GroupKind = "staff", parent: str | None = None) -> Deed:
    def deed(scene: Scene) -> Target:
        above = scene.id(parent) if parent else None
        formed = form_group(scene.unit, scene.transformation, name=scene.said(name), kind=kind, parent_id=above)
        return scene.enters(key, GROUP, formed)

    return deed


def _appoints(key: str, seat: int, who: str, standing: Standing) -> Deed:
    def deed(scene: Scene) -> Target:
        appointed = body.appoint(scene.get(key), scene.stage.person(who), seat=seat, standing=standing)
        return scene.record(key, appointed)

    return deed


def _gives_gate(number: int) -> Deed:
    def deed(scene: Scene) -> Target:
        key = f"phase-{number}"
        return scene.record(key, phase.configure_gate(scene.get(key), scene.said(The("instance-steering"))))

    return deed


def entries() -> tuple[Entry, ...]:
    """Seats are taken before the launch; the sponsor gives the four gates to the steering committee."""
    return (
        Entry(-422, "mathilde", _forms("groupe-direction", "Direction des comptes rendus")),
        Entry(-422, "mathilde", _forms("groupe-redaction", "Équipes de rédaction", parent="groupe-direction")),
        Entry(-422, "mathilde", _forms("groupe-relecture", "Relecture", parent="groupe-direction")),
        Entry(-422, "mathilde", _forms("groupe-partenaires", "Commissions servies", "partner")),
        Entry(-422, "mathilde", do("groupe-direction", group.count, 96)),
        Entry(-422, "mathilde", do("groupe-redaction", group.count, 61)),
        Entry(-422, "mathilde", do("groupe-relecture", group.count, 22)),
        Entry(-422, "mathilde", do("groupe-partenaires", group.count, 18)),
        Entry(-75, "mathilde", do("groupe-direction", group.count, 93)),
        Entry(-75, "mathilde", do("groupe-redaction", group.count, 58)),
        *(Entry(-420, "mathilde", _appoints(key, *seat)) for key, seats in SEATS.items() for seat in seats),
        *(Entry(-419, "genevieve", _gives_gate(number)) for number in (1, 2, 3, 4)),
    )
