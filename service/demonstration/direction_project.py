"""The project of the directorate in three versions, and the evaluation of the impacts that is being written."""

from typing import Any

from service.demonstration.entry import Entry, On, Who, do
from service.demonstration.stage import Deed, Scene
from service.domain import direction_project, evaluation
from service.domain.direction_project import DIRECTION_PROJECT
from service.domain.evaluation import EVALUATION
from service.store.unit import Target


def writes_project(**fields: Any) -> Deed:
    """The directorate begins to write its project."""

    def deed(scene: Scene) -> Target:
        drafted = scene.unit.create(DIRECTION_PROJECT, direction_project.draft(**scene.said(fields)))
        scene.unit.claim(f"{scene.transformation.id}:projet de direction")
        return scene.enters("projet-direction", DIRECTION_PROJECT, drafted)

    return deed


def evaluates(key: str, **fields: Any) -> Deed:
    """An evaluation is begun."""

    def deed(scene: Scene) -> Target:
        return scene.enters(key, EVALUATION, scene.unit.create(EVALUATION, evaluation.draft(**scene.said(fields))))

    return deed


PROJECT = (
    Entry(
        -215,
        "mathilde",
        writes_project(
            title="Projet de direction : une parole publique sûre et lisible",
            why="Le débat public a besoin d'une trace fidèle, et nos équipes d'un métier qui a un avenir.",
            missions=(
                "Établir le compte rendu intégral et l'analytique des débats",
                "Rendre les débats accessibles à tous, le jour même",
            ),
        ),
    ),
    Entry(
        -176,
        "mathilde",
        do(
            "projet-direction",
            direction_project.revise,
            how="Chaque équipe choisit son organisation, essaie, mesure, et garde ce qui sert.",
            vision="Des auteurs du compte rendu, que les outils déchargent et que leur jugement distingue.",
            ambitions=(
                "Publier chaque compte rendu le soir même",
                "Ouvrir trois nouveaux services aux commissions",
                "Donner à chacun deux métiers possibles",
            ),
        ),
    ),
    Entry(-156, "mathilde", do("projet-direction", direction_project.submit)),
    Entry(
        -150,
        "bertrand",
        do(
            "projet-direction",
            direction_project.adjust,
            "Le texte dit ce que la direction ajoute. Il doit dire aussi ce qu'elle cesse de faire.",
        ),
    ),
    Entry(
        -138,
        "mathilde",
        do(
            "projet-direction",
            direction_project.revise,
            how="Chaque équipe choisit son organisation, essaie, mesure, et garde ce qui sert. Nous cessons la "
            "troisième relecture, les tirages papier et les relevés tenus deux fois.",
        ),
    ),
    Entry(-136, "mathilde", do("projet-direction", direction_project.submit)),
    Entry(
        -129,
        "genevieve",
        do(
            "projet-direction",
            direction_project.adjust,
            "Trois services nouveaux, c'est trop pour une année : en retenir deux, et dire lesquels.",
        ),
    ),
    Entry(
        -119,
        "mathilde",
        do(
            "projet-direction",
            direction_project.revise,
            ambitions=(
                "Publier chaque compte rendu le soir même",
                "Offrir aux commissions le compte rendu thématique et l'index des interventions",
                "Donner à chacun deux métiers possibles",
            ),
        ),
    ),
    Entry(-114, "mathilde", do("projet-direction", direction_project.submit)),
    Entry(
        -111,
        "genevieve",
        do(
            "projet-direction",
            direction_project.validate,
            comment="Le projet est court, il est clair, il est le nôtre.",
        ),
    ),
)

EVALUATIONS = (
    Entry(
        -26,
        "mathilde",
        evaluates(
            "impacts",
            title="Évaluation des impacts à un an",
            baseline="Au départ : trois relectures par compte rendu, deux équipes sur dix prêtes à essayer un outil, "
            "et un métier dont chacun doutait.",
        ),
    ),
    Entry(
        -6,
        "mathilde",
        do(
            "impacts",
            evaluation.revise,
            result="Deux relectures suffisent dans huit équipes sur dix ; l'assistant est choisi et suivi par ceux qui "
            "s'en servent.",
            carried_on_by=Who("nadia"),
            follow_up_on=On(365),
        ),
    ),
)


def entries() -> tuple[Entry, ...]:
    return (*PROJECT, *EVALUATIONS)
