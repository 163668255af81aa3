"""What the rules of stage reviews and of gates refuse, each with its facts."""

from service.domain.refusal import Conflict, Invalid, NotFound


class ReviewIsCancelled(Conflict):
    """Review {ref} was cancelled: it is neither frozen nor held."""

    FR = "Le point d’étape {ref} a été annulé\u202f: on ne fige plus son dossier et il ne se tient plus."


class ReviewHeldAlready(Conflict):
    """Review {ref} was held on {held_on}: what preceded it no longer changes."""

    FR = "Le point d’étape {ref} s’est tenu le {held_on}\u202f: ce qui le précédait ne change plus."


class ReviewNotHeld(Conflict):
    """Review {ref} has not been held yet."""

    FR = "Le point d’étape {ref} ne s’est pas encore tenu."


class ReviewWithoutPack(Conflict):
    """Review {ref} has no frozen pack: freeze it first, so that everybody judges the same thing."""

    FR = "Le point d’étape {ref} n’a pas de dossier figé\u202f: figez-le d’abord, pour que tous jugent la même chose."


class ReviewBeforeItsDate(Conflict):
    """Review {ref} is planned on {planned_on} and cannot be held on {on}: reschedule it first."""

    FR = "Le point d’étape {ref} est prévu le {planned_on} et ne peut pas se tenir le {on}\u202f: décalez-le d’abord."


class PackFrozenLater(Conflict):
    """The pack of review {ref} was frozen on {frozen_on}: nobody judged by it on {on}. Withdraw that freezing, or
    hold the review on a later day."""

    FR = (
        "Le dossier du point d’étape {ref} a été figé le {frozen_on}\u202f: personne n’a pu juger sur lui le {on}. "
        "Retirez ce figement, ou tenez le point d’étape plus tard."
    )


class PackFrozenInThePast(Invalid):
    """A pack is frozen as things stand today, {today}: it cannot date from {on}."""

    FR = "Un dossier se fige tel que tout se présente aujourd’hui, le {today}\u202f: il ne peut pas dater du {on}."


class BeforeReviewHeld(Conflict):
    """Review {ref} was held on {held_on}: what follows from it cannot date from {on}."""

    FR = "Le point d’étape {ref} s’est tenu le {held_on}\u202f: ce qui en découle ne peut pas dater du {on}."


class SecondConveningKeepsAgenda(Conflict):
    """Review {ref} is a second convening: it keeps the agenda of the first. Convene another review for another
    agenda."""

    FR = (
        "Le point d’étape {ref} est une seconde convocation\u202f: il garde l’ordre du jour de la première. "
        "Pour un autre ordre du jour, convoquez un nouveau point d’étape."
    )


class ReviewIsClosed(Conflict):
    """Review {ref} was closed on {closed_on}."""

    FR = "Le point d’étape {ref} est clos depuis le {closed_on}."


class RecusedMemberCounted(Conflict):
    """{person} is recused from review {ref} and cannot count among those present."""

    FR = "{person} s’est récusé du point d’étape {ref} et ne peut pas compter parmi les présents."


class RecusedAlready(Conflict):
    """{person} is recused from review {ref} already."""

    FR = "{person} s’est déjà récusé du point d’étape {ref}."


class QuorumNotReached(Conflict):
    """Review {ref} missed its quorum (present: {present}, required: {required}): it gives no verdict. Convene it
    again."""

    FR = (
        "Le quorum du point d’étape {ref} n’était pas atteint (présents\u202f: {present}, requis\u202f: {required})"
        "\u202f: il ne rend pas de verdict. Convoquez-le à nouveau."
    )


class MandatoryCriteriaUnmet(Conflict):
    """Review {ref} cannot say go: mandatory criteria are unmet and not waived, numbers {criteria}."""

    FR = (
        "Le point d’étape {ref} ne peut pas donner son feu vert\u202f: des critères obligatoires ne sont ni remplis "
        "ni levés par dérogation, numéros {criteria}."
    )


class BlockingConditionsOpen(Conflict):
    """Review {ref} cannot say go: blocking conditions of earlier verdicts are still open: {conditions}."""

    FR = (
        "Le point d’étape {ref} ne peut pas donner son feu vert\u202f: des conditions bloquantes de verdicts "
        "antérieurs restent ouvertes\u202f: {conditions}."
    )


class ReviewIsNoGate(Conflict):
    """Review {ref} is at no gate: it gives no verdict."""

    FR = "Le point d’étape {ref} n’est à aucun passage\u202f: il ne rend pas de verdict."


class VerdictGivenAlready(Conflict):
    """Review {ref} gave its verdict already, by decision {decision_id}."""

    FR = "Le point d’étape {ref} a déjà rendu son verdict, par la décision {decision_id}."


class VerdictMissing(Conflict):
    """Review {ref} had its quorum at a gate: it gives its verdict before it is closed."""

    FR = "Le point d’étape {ref} avait son quorum à un passage\u202f: il rend son verdict avant d’être clos."


class ConditionsMissing(Invalid):
    """A go with conditions names at least one condition."""

    FR = "Un feu vert sous conditions en énonce au moins une."


class ConditionsMisplaced(Invalid):
    """Only a go with conditions carries conditions; this verdict is {verdict}."""

    FR = "Seul un feu vert sous conditions porte des conditions\u202f; ce verdict est «\u202f{verdict}\u202f»."


class ConditionDueBefore(Invalid):
    """A condition cannot be due on {due_on}, before its verdict of {given_on}."""

    FR = "Une condition ne peut pas échoir le {due_on}, avant son verdict du {given_on}."


class CriterionUnknown(NotFound):
    """Review {ref} has no criterion {number}."""

    FR = "Le point d’étape {ref} n’a pas de critère {number}."


class CriterionIsMet(Conflict):
    """Criterion {number} of review {ref} is met: there is nothing to waive."""

    FR = "Le critère {number} du point d’étape {ref} est rempli\u202f: il n’y a rien à lever."


class ConditionUnknown(NotFound):
    """Review {ref} set no condition {number}."""

    FR = "Le point d’étape {ref} n’a pas posé de condition {number}."


class ConditionSettled(Conflict):
    """Condition {number} of review {ref} was settled on {on}."""

    FR = "La condition {number} du point d’étape {ref} est réglée depuis le {on}."


class ConditionNotBlocking(Conflict):
    """Condition {number} of review {ref} blocks no gate: it is not escalated."""

    FR = "La condition {number} du point d’étape {ref} ne bloque aucun passage\u202f: elle ne s’escalade pas."


class ConditionNotOverdue(Conflict):
    """Condition {number} of review {ref} is due on {due_on}: it is not escalated before that date has passed."""

    FR = (
        "La condition {number} du point d’étape {ref} échoit le {due_on}\u202f: "
        "elle ne s’escalade pas avant que cette date soit passée."
    )


class ConditionEscalatedAlready(Conflict):
    """Condition {number} of review {ref} was escalated on {on}."""

    FR = "La condition {number} du point d’étape {ref} a déjà été escaladée, le {on}."


class RecusalOfSomebodyElse(Conflict):
    """{person} alone withdraws from review {ref}; a lead or a facilitator may record it for that person."""

    FR = (
        "{person} se récuse en personne du point d’étape {ref}\u202f; "
        "un pilote ou un facilitateur peut l’enregistrer pour elle."
    )


class ConditionOfSomebodyElse(Conflict):
    """Condition {number} of review {ref} is owned by {owner}: that person or the lead says that it is met."""

    FR = (
        "La condition {number} du point d’étape {ref} est portée par {owner}\u202f: "
        "c’est à cette personne ou au pilote de la dire remplie."
    )


class ReviewAcknowledgedAlready(Conflict):
    """You acknowledged review {ref} on {on}."""

    FR = "Vous avez déjà pris connaissance du point d’étape {ref}, le {on}."


class ReviewNotYours(Conflict):
    """{person} did not sit in the body of review {ref} that day: neither to acknowledge nor to contest it."""

    FR = (
        "{person} ne siégeait pas ce jour-là au point d’étape {ref}\u202f: "
        "cette personne n’a ni à en prendre acte ni à le contester."
    )


class ReviewContestationUnknown(NotFound):
    """Review {ref} has no contestation {id}."""

    FR = "Le point d’étape {ref} n’a pas de contestation {id}."


class ReviewContestationSettled(Conflict):
    """This contestation of review {ref} was answered on {answered_on}."""

    FR = "Cette contestation du point d’étape {ref} a reçu sa réponse le {answered_on}."


class ReviewContesterCannotAnswer(Conflict):
    """Who contested review {ref} cannot answer the contestation."""

    FR = "Qui a contesté le point d’étape {ref} ne peut pas répondre à la contestation."


class SecondConveningUnfounded(Conflict):
    """Review {ref} cannot be convened again: it takes one of the same body and gate that was held without quorum."""

    FR = (
        "Le point d’étape {ref} ne peut pas être convoqué à nouveau\u202f: il faut qu’il se soit tenu sans quorum, "
        "devant la même instance et au même passage."
    )


class GateOfAnotherBody(Conflict):
    """The gate of phase {ordinal} belongs to the body {body}: another one cannot judge it."""

    FR = "Le passage de la phase {ordinal} relève de l’instance {body}\u202f: une autre ne peut pas le juger."


class GateNeedsReview(Conflict):
    """The gate of phase {ordinal} belongs to the body {body}: only one of its reviews, once held, gives the verdict."""

    FR = (
        "Le passage de la phase {ordinal} relève de l’instance {body}\u202f: seul un de ses points d’étape, "
        "une fois tenu, en rend le verdict."
    )


class GateWithoutBody(Conflict):
    """The gate of phase {ordinal} belongs to no body: configure it first, or let the sponsor decide."""

    FR = (
        "Le passage de la phase {ordinal} ne relève d’aucune instance\u202f: "
        "configurez-le, ou laissez le commanditaire décider."
    )


class PackUnknown(NotFound):
    """Review {ref} has no frozen pack {number}."""

    FR = "Le point d’étape {ref} n’a pas de dossier figé {number}."


class EvidenceIncomplete(Invalid):
    """Evidence names an object by its kind and id, or a document."""

    FR = "Une preuve désigne un objet par son type et son identifiant, ou un document."


class GroundsNotHeld(Conflict):
    """Review {ref} does not ground an act: it has not been held yet."""

    FR = "Le point d’étape {ref} ne fonde aucun acte\u202f: il ne s’est pas encore tenu."


class GroundsOfAnotherBody(Conflict):
    """Review {ref} was not held by the body {body}: it does not ground an act in its name."""

    FR = "Le point d’étape {ref} n’a pas été tenu par l’instance {body}\u202f: il ne fonde pas un acte en son nom."
