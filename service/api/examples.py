"""What one may send: an example of each body, shown by the interactive documentation and ready to be sent.

Ids cannot be known here: where a body needs one, it is to be replaced by an id that was read before.
"""

from typing import Any

PERSON = "p_00000000000000000000000000000001"
"""Stands for somebody: `GET /me` tells who one is, the members of a transformation tell who the others are."""
OBJECT = "01990000-0000-7000-8000-000000000001"
"""Stands for an object: its list tells its id."""

ANY_ACT: dict[str, Any] = {"reason": "Convenu en réunion d’équipe."}
"""Of the acts that say nothing but why."""

CORRECTED = "Faute de frappe à la saisie."
ALIKE: dict[str, dict[str, Any]] = {
    "correct": {"reason": CORRECTED, "changes": {"title": "Le titre corrigé"}},
    "withdraw": {"reason": "Saisi par erreur."},
}
"""Of acts that every kind of object knows, by the first word of the operation."""

RENAMED: dict[str, Any] = {"title": "Un titre plus précis"}
DOCUMENT: dict[str, Any] = {
    "title": "Relevé de décisions",
    "uri": "https://exemple.fr/releve.pdf",
    "dated_on": "2026-02-27",
}
VALIDATED: dict[str, Any] = {"comment": "Conforme à ce qui était attendu."}
TO_ADJUST: dict[str, Any] = {"to_adjust": "Préciser le calendrier du second semestre."}

EXAMPLES: dict[str, dict[str, Any]] = {
    "correct_transformation_fact": {"reason": CORRECTED, "changes": {"name": "Transformation de la direction"}},
    "correct_body_fact": {"reason": CORRECTED, "changes": {"name": "Comité de pilotage"}},
    "correct_group_fact": {"reason": CORRECTED, "changes": {"name": "Réviseurs"}},
    "correct_note_fact": {"reason": CORRECTED, "changes": {"text": "Point fait avec deux équipes."}},
    "correct_status_report_fact": {"reason": CORRECTED, "changes": {"narrative": "Le calendrier tient."}},
    "prepare_transformation": {
        "code": "DIR-ESSAI",
        "name": "Transformation de la direction",
        "template": "direction-4-phases",
        "lead": PERSON,
        "sponsor": PERSON,
    },
    "revise_transformation": {"name": "Transformation de la direction des comptes rendus"},
    "set_calendar": {
        "closed_days": ["2028-05-26"],
        "activity_periods": [
            {"label": "Session budgétaire", "from_on": "2028-10-01", "to_on": "2028-12-20", "level": "peak"}
        ],
    },
    "grant_role": {"person_id": PERSON, "role": "contributor"},
    "change_member": {"role": "facilitator"},
    "grant_member_again": {"role": "contributor"},
    "plan_phase": {
        "ordinal": 5,
        "title": "Ancrage",
        "objective": "Faire vivre ce qui a été construit.",
        "exit_criteria": ["Chaque service tient son tableau de suivi."],
        "planned_from": "2028-01-10",
        "planned_to": "2028-06-30",
    },
    "revise_phase": {"objective": "Un diagnostic partagé par les équipes."},
    "configure_gate": {"body_id": OBJECT},
    "propose_axis": {"title": "Qualité de service", "description": "Ce que les usagers en voient."},
    "revise_axis": RENAMED,
    "confirm_axis": {"decision_id": OBJECT},
    "open_workstream": {
        "title": "Simplifier la saisie",
        "objectives": ["Diviser par deux les ressaisies d’ici un an."],
    },
    "revise_workstream": RENAMED,
    "prioritise_workstream": {"priority": 1, "source": "Atelier du 12 janvier"},
    "place_workstream": {"axis_id": OBJECT},
    "propose_action": {
        "title": "Former les équipes au nouvel outil",
        "expected_result": "Chaque agent sait s’en servir seul.",
        "focus": "being",
        "horizon": "short",
        "priority": "high",
        "start_on": "2028-01-10",
        "end_on": "2028-06-30",
        "budget": 12000,
    },
    "revise_action": {"end_on": "2028-09-30", "reason": "Le fournisseur livre en juin."},
    "declare_progress_of_action": {"percent": 40},
    "plan_milestone": {
        "subject": {"kind": "action", "id": OBJECT},
        "title": "Première session de formation tenue",
        "due_on": "2028-03-31",
    },
    "revise_milestone": RENAMED,
    "reach_milestone": {"evidence": [DOCUMENT]},
    "reschedule_milestone": {"due_on": "2028-04-28", "reason": "La salle n’est libre que fin avril."},
    "raise_obstacle": {
        "title": "Salle indisponible",
        "statement": "La salle de formation est prise jusqu’en juin.",
        "nature": "obstacle",
        "category": "schedule",
        "impact": 2,
        "urgency": 3,
        "next_look_on": "2028-02-15",
    },
    "revise_obstacle": {"title": "Salle de formation indisponible"},
    "assess_obstacle": {"impact": 3, "urgency": 2},
    "assign_obstacle": {"owner": PERSON},
    "escalate_obstacle": {
        "level": "direction",
        "ask": "Attribuer une autre salle.",
        "answer_due_on": "2028-02-28",
    },
    "answer_escalation": {"answer": "La salle du conseil est réservée pour la formation."},
    "speak_on_obstacle": {"text": "Deux autres salles sont à l’étude.", "next_look_on": "2028-02-22"},
    "resolve_obstacle": {
        "resolution": "La formation se tient dans la salle du conseil.",
        "resolved_by": {"kind": "other"},
    },
    "postpone_obstacle": {"until": "2028-06-01", "reason": "Sans effet avant l’été."},
    "define_indicator": {
        "title": "Part des agents rencontrés",
        "family": "being",
        "unit": "%",
        "direction": "up",
        "cadence": "monthly",
        "baseline": {"value": 0, "on": "2026-01-05"},
        "targets": [{"value": 50, "on": "2028-06-30"}, {"value": 90, "on": "2028-12-31"}],
    },
    "revise_indicator": RENAMED,
    "measure_indicator": {"value": 20, "comment": "Compté sur les feuilles de présence."},
    "propose_indicator_value": {"value": 20},
    "accept_indicator_value": {"proposal_event_id": OBJECT},
    "refuse_indicator_value": {"proposal_event_id": OBJECT, "reason": "Compté deux fois."},
    "report_status": {
        "subject": {"kind": "phase", "id": OBJECT},
        "confidence": "attainable",
        "narrative": "Le calendrier tient\u202f; l’adhésion reste à gagner.",
    },
    "take_decision": {
        "title": "Ouvrir une seconde salle de formation",
        "question": "Où former pendant les travaux\u202f?",
        "options": ["Attendre l’été", "Ouvrir une seconde salle"],
        "chosen": "Ouvrir une seconde salle dès le mois prochain.",
        "rationale": "Attendre décalerait toute la phase.",
    },
    "revise_decision": {"visibility": "restricted"},
    "communicate_decision": {"audience": "Tous les agents de la direction"},
    "contest_decision": {"text": "Le comité n’a pas été consulté."},
    "answer_contestation": {"contested_event_id": OBJECT, "answer": "Le point revient au prochain comité."},
    "draft_deliverable": {
        "kind": "document",
        "title": "Diagnostic partagé",
        "description": "Ce que les entretiens et les ateliers ont fait apparaître.",
        "due_on": "2028-03-31",
    },
    "revise_deliverable": RENAMED,
    "add_version": {"title": "Version 1", "uri": "https://exemple.fr/diagnostic-v1.pdf"},
    "validate_deliverable": VALIDATED,
    "return_deliverable": TO_ADJUST,
    "draft_plan_version": {"title": "Plan d’action, version 1", "summary": "Priorités issues des ateliers."},
    "revise_plan_version": RENAMED,
    "return_plan_version": TO_ADJUST,
    "draft_direction_project": {
        "title": "Projet de direction",
        "why": "Le métier change, les équipes aussi.",
        "vision": "Un service choisi, non subi.",
        "missions": ["Rendre compte, fidèlement et vite."],
    },
    "revise_direction_project": RENAMED,
    "adjust_direction_project": TO_ADJUST,
    "validate_direction_project": VALIDATED,
    "draft_evaluation": {
        "title": "Évaluation à un an",
        "baseline": "Trois ressaisies par dossier.",
        "result": "Une seule.",
        "narrative": "Les équipes ont gagné une journée par semaine.",
        "carried_on_by": PERSON,
        "follow_up_on": "2029-01-15",
    },
    "revise_evaluation": RENAMED,
    "validate_evaluation": VALIDATED,
    "write_note": {"subject": {"kind": "action", "id": OBJECT}, "text": "Point fait avec l’équipe\u202f: tout avance."},
    "form_group": {"name": "Rédacteurs", "kind": "staff"},
    "revise_group": {"name": "Rédacteurs et réviseurs"},
    "place_group": {"parent_id": OBJECT},
    "count_group": {"headcount": 42},
    "constitute_body": {
        "name": "Comité de pilotage",
        "kind": "steering",
        "mission": "Arbitrer, et ouvrir les phases.",
        "seats": ["Présidence", "Direction", "Représentants des agents"],
        "cadence": {"every": 2, "unit": "month"},
    },
    "revise_body": {"mission": "Arbitrer, ouvrir les phases, lever les obstacles."},
    "appoint_member": {"person_id": PERSON, "seat": 1},
    "leave_body": {"person_id": PERSON},
    "schedule_series": {"title": "Comité de suivi", "first_on": "2028-02-01", "count": 6},
    "schedule_review": {
        "body_id": OBJECT,
        "title": "Point d’étape du premier trimestre",
        "planned_on": "2028-03-28",
        "agenda": [{"title": "Avancement du plan", "expected": "information", "minutes": 20}],
        "criteria": ["Le diagnostic est partagé."],
    },
    "revise_review": RENAMED,
    "reschedule_review": {"planned_on": "2028-04-04", "reason": "Deux membres sont absents."},
    "recuse_member": {"person_id": PERSON, "reason": "Partie prenante au marché dont on décide."},
    "assess_criterion": {"number": 1, "met": True, "comment": "Restitué à chaque service."},
    "waive_criterion": {"number": 1, "reason": "Sans objet pour cette phase."},
    "hold_review": {"attended": [PERSON], "minutes": "Le plan avance comme prévu."},
    "give_verdict": {
        "verdict": "hold",
        "title": "Suspension de la phase",
        "chosen": "Suspendre la phase jusqu’à la fin de la session.",
        "rationale": "Les équipes ne sont pas disponibles avant.",
    },
    "meet_condition": {"number": 1, "comment": "Le diagnostic est complet."},
    "lift_condition": {"number": 1, "reason": "Devenue sans objet."},
    "close_review": {"conclusions": "La phase suivante s’ouvre."},
    "contest_review": {"text": "Le quorum n’était pas atteint à la fin."},
    "answer_review_contestation": {"contested_event_id": OBJECT, "answer": "La feuille de présence en fait foi."},
    "enrol_person": {"display_name": "Camille Exemple", "email": "camille@exemple.fr", "language": "fr"},
    "issue_key": {"name": "Tableau de bord interne", "owner": PERSON, "scopes": ["read"]},
    "rotate_key": {"overlap_hours": 48, "reason": "Renouvellement annuel."},
}
"""By operation."""


def example_of(operation_id: str) -> dict[str, Any]:
    """The example of an operation's body."""
    return EXAMPLES.get(operation_id) or ALIKE.get(operation_id.split("_")[0]) or ANY_ACT
