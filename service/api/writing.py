"""The one door of writes: idempotency, permission, precondition, decision, append, then the object as it now stands.

A write's answer is the object's own view as of its commit, so an idempotent replay gives the same bytes later.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import anyio.to_thread
from fastapi import Request
from fastapi.responses import Response

from service.acts.bodies import require_real
from service.api.answers import held_versions, object_etag
from service.api.at_hand import Access, AtHand
from service.api.fields import ActBody
from service.api.problems import IdempotencyKeyMissing, Malformed, PreconditionRequired
from service.api.reader import Present, can_see
from service.api.reading import render
from service.api.who import Caller, Membership, membership, named, role_of
from service.api.written import written
from service.domain.act import Act, Role
from service.domain.concept import Concept, State, concepts
from service.domain.event import Basis, Event, new_id
from service.domain.permissions import require, require_another, require_basis, scope_of
from service.domain.refusal import NotFound, StaleVersion
from service.domain.warning import Warning
from service.projections.as_of import AsOf
from service.store.database import MustWait
from service.store.idempotency import IdempotencyKey, fingerprint
from service.store.unit import Outcome, Target, Unit, expect
from service.store.writer import Overloaded

S = TypeVar("S", bound=State)
MAX_KEY = 255


class AsOfOnWrite(Malformed):
    """The past is not written: as_of belongs to reads."""

    FR = "On n’écrit pas le passé\u202f: as_of appartient aux lectures."


@dataclass(frozen=True, slots=True)
class Near:
    """Where an act takes place, as far as its address tells: enough to fetch, in one query, what it is judged by."""

    transformation: UUID | str
    object: UUID | None = None


@dataclass
class Writing:
    """A request that writes: who, with which key, holding which version.

    An act is done on the event loop where this process has at hand what it takes, else in a thread, by queries: the
    same decision either way, and the same answer.
    """

    request: Request
    caller: Caller
    access: Access | None = None
    """How the caller comes to the transformation, while the act is done on the event loop."""

    @property
    def service(self) -> Any:
        return self.request.app.state.service

    @property
    def present(self) -> dict[str, Present]:
        """How each concept is shown, by its name."""
        presenters: dict[str, Present] = self.request.app.state.presenters
        return presenters

    async def create(
        self,
        transformation: str | UUID,
        act_name: str,
        body: ActBody,
        decide: Callable[[Unit, Membership], State],
        concept: Concept[Any],
        warn: Callable[[Any, Membership], list[Warning]] | None = None,
        owners: Callable[[Unit], Collection[str]] = lambda unit: (),
    ) -> Response:
        """Create an object in a transformation: 201 with its `Location`. `decide` records and gives the new state.

        `owners` are the people for whom the new object is their own (those of the action it belongs to).
        """

        def work(unit: Unit) -> Target:
            member = self.member(transformation, act_name)
            self.permit(act_name, body, member, owners(unit))
            unit.require_open(member.transformation)
            unit.act = self._act(body, member)
            state = decide(unit, member)
            return Target(concept, state, created=True, extra=self._said(concept, warn, state, member))

        return await self._execute(body, act_name, work, near=Near(named(transformation)))

    async def act(
        self,
        concept: Concept[S],
        id: UUID,
        act_name: str,
        body: ActBody,
        decide: Callable[[S, Unit], Sequence[Event]],
        *,
        if_match: bool = True,
        warn: Callable[[Any, Membership], list[Warning]] | None = None,
        owners: Callable[[S, Unit], Collection[str]] = lambda state, unit: (),
    ) -> Response:
        """Act on one object; `decide` gives the events of its own stream and may record others through the unit.

        `if_match` is off for acts that only add a dated fact (CONTRACT 13). `owners` are people for whom this act is
        on what is their own, beside those for whom every act on the object is.
        """

        def work(unit: Unit) -> Target:
            state, member = self.locate(unit, concept, id, act_name)
            self.permit(act_name, body, member, self._owners(unit, concept, state) | {*owners(state, unit)})
            self._expect(state, if_match)
            if id != member.transformation.id:
                unit.require_open(member.transformation)
            unit.act = self._act(body, member)
            events = decide(state, unit)
            after = unit.record(concept, id, events) if events else unit.get(concept, id)
            return Target(concept, after, extra=self._said(concept, warn, after, member))

        known = self.service.log.states.get(id)
        near = Near(known.transformation_id or id, object=id) if known is not None else None
        try:
            return await self._execute(body, act_name, work, near=near)
        except StaleVersion as stale:
            stale.facts["etag"] = await anyio.to_thread.run_sync(self._etag, concept, id)
            raise

    def _etag(self, concept: Concept[Any], id: UUID) -> str:
        now = AsOf(self.service.clock())
        read = render(self.service, self.caller, concept, id, now, self.present[concept.name])
        return object_etag(read.version, read.body)

    async def mend(
        self, concept: Concept[S], id: UUID, act_name: str, body: ActBody, decide: Callable[[Unit], State]
    ) -> Response:
        """Correct or withdraw a fact of one object; `decide` records through the unit."""

        def work(state: S, unit: Unit) -> Sequence[Event]:
            decide(unit)
            return ()

        return await self.act(concept, id, act_name, body, work)

    async def execute(self, body: ActBody, act_name: str, work: Callable[[Unit], Target]) -> Response:
        """A write of another shape, through the same idempotency, append and answer."""
        return await self._execute(body, act_name, work)

    def locate(self, unit: Unit, concept: Concept[S], id: UUID, act: str = "read") -> tuple[S, Membership]:
        """An object and the caller's membership in its transformation; `NotFound` for who may not see it."""
        state = unit.get(concept, id)
        member, sees = self._reach(concept, id, state.transformation_id or id, act)
        # The restrictions that are projected hold for notes and reminders too; the state itself is never behind.
        if not sees or not member.viewer.sees(concept, state):
            raise NotFound(what=concept.name, id=id)
        return state, member

    def _reach(self, concept: Concept[Any], id: UUID, transformation_id: UUID, act: str) -> tuple[Membership, bool]:
        if self.access is not None:
            member = self.access.member
            return member, self.access.sees() and member.transformation.id == transformation_id
        with self.service.database.connection() as connection:
            try:
                member = membership(connection, self.caller, transformation_id, act)
            except NotFound:
                raise NotFound(what=concept.name, id=id) from None
            return member, can_see(connection, member.viewer, id)

    def member(self, transformation: str | UUID, act: str = "read") -> Membership:
        """The caller's membership in a transformation. Raises `NotFound`."""
        if self.access is not None:
            return self.access.member
        with self.service.database.connection() as connection:
            return membership(connection, self.caller, transformation, act)

    def permit(self, act_name: str, body: ActBody, member: Membership, owners: Collection[str] = ()) -> None:
        """Raises `NotAllowed`; `BasisMissing`, `OnBehalfOfOneself` for an act on behalf without ground or another."""
        behalf = body.on_behalf_of
        if behalf is None:
            require(act_name, member.role, own=self.caller.principal in owners)
            return
        require_basis(behalf)
        self._require_grounds(behalf.basis, member)
        role: Role = "governance"
        with self.service.database.connection() as connection:
            require_real(connection, behalf, member.transformation.id, AsOf(self.service.clock()))
            if behalf.kind == "person":
                role = role_of(connection, member.transformation.id, behalf.id)
        require(act_name, member.role, own=behalf.id in owners, on_behalf=True, authority_role=role)
        require_another(behalf, self.caller.principal)

    def _require_grounds(self, basis: Basis, member: Membership) -> None:
        """A decision or a review that grounds an act is of this transformation and seen by who names it."""
        if basis.kind == "document" or basis.id is None:
            return
        table = self.service.tables.get(basis.kind)
        with self.service.database.connection() as connection:
            found = table.find(connection, basis.id, AsOf(self.service.clock())) if table else None
        own = found is not None and found.transformation_id == member.transformation.id and not found.withdrawn
        if not own or not member.viewer.sees(table.concept, found):
            raise NotFound(what=basis.kind, id=basis.id)

    def _act(self, body: ActBody, member: Membership) -> Act:
        return self.base_act(body, member.transformation.id, member)

    def base_act(self, body: ActBody, transformation_id: UUID | None, member: Membership | None = None) -> Act:
        """The act of this request."""
        return Act(
            actor=self.caller.principal,
            now=self.service.clock(),
            role=member.role if member and member.role != "administrator" else None,
            channel="api",
            transformation_id=transformation_id,
            on_behalf_of=body.on_behalf_of,
            reason=body.reason,
            occurred_on=body.occurred_on,
            correlation_id=new_id(),
        )

    def _owners(self, unit: Unit, concept: Concept[S], state: S) -> set[str]:
        """The people for whom the object is their own; a milestone belongs to those of its action too."""
        owners = set(concept.owners(state))
        subject = getattr(state, "subject", None)
        return owners | owners_of_subject(unit, subject)

    def _expect(self, state: State, if_match: bool) -> None:
        if not if_match:
            return
        versions = held_versions(self.request)
        if versions is None:
            raise PreconditionRequired()
        expect(state, versions)

    def _said(
        self,
        concept: Concept[Any],
        warn: Callable[[Any, Membership], list[Warning]] | None,
        state: State,
        member: Membership,
    ) -> dict[str, Any]:
        """What the answer says beside the object: its reference (for `respond-async`) and the warnings."""
        ref = {"ref": concept.reference(state)} if concept.letter else {}
        found = warn(state, member) if warn else []
        return {**ref, "warnings": [w.model_dump() for w in found]} if found else ref

    def key(self, content: Any) -> IdempotencyKey:
        """The idempotency key of this request. Raises `IdempotencyKeyMissing`, `Malformed`."""
        given = self.request.headers.get("idempotency-key", "").strip()
        if len(given) >= 2 and given[0] == given[-1] == '"':  # quoted (an RFC 8941 string) and bare are equal
            given = given[1:-1].replace('\\"', '"').replace("\\\\", "\\")
        if not given:
            raise IdempotencyKeyMissing()
        if len(given) > MAX_KEY or not given.isprintable():
            raise Malformed(problem="Idempotency-Key")
        path = self.request.url.path
        return IdempotencyKey(self.caller.principal, given, fingerprint(self.request.method, path, content))

    async def _execute(
        self, body: ActBody, act_name: str, work: Callable[[Unit], Target], *, near: Near | None = None
    ) -> Response:
        if {"as_of", "as_of_position"} & self.request.query_params.keys():
            raise AsOfOnWrite()
        self.caller.require_scope(scope_of(act_name))
        key = self.key(body.model_dump(mode="json", exclude_unset=True))
        act = self.base_act(body, None)
        try:
            outcome = await self._at_once(act, work, key, near)
        except MustWait:
            self.access = None
            outcome = await anyio.to_thread.run_sync(self.service.recorder.execute, act, work, key)
        except Overloaded as refusal:
            outcome = await anyio.to_thread.run_sync(self.service.recorder.replayed_or, refusal, key)
        return await self.answer(outcome)

    async def _at_once(
        self, act: Act, work: Callable[[Unit], Target], key: IdempotencyKey, near: Near | None
    ) -> Outcome:
        """The act on the event loop. Raises `MustWait` where it takes a thread."""
        at_hand: AtHand = self.request.app.state.at_hand
        access = await at_hand.access(self.caller, near.transformation, near.object) if near else None
        if near is None or access is None or access.lacking:
            raise MustWait()
        self.access = access
        outcome: Outcome = await self.service.recorder.perform(act, work, key, at_hand.references)
        return outcome

    async def answer(self, outcome: Outcome) -> Response:
        """The answer to what was recorded."""
        return await written(self.request, self.caller, self.access, outcome)


def owners_of_subject(unit: Unit, subject: Any) -> set[str]:
    """The lead and the contributors of the action that something is about; nobody for other subjects."""
    if subject is None or subject.kind != "action":
        return set()
    action = concepts["action"]
    return set(action.owners(unit.get(action, subject.id)))


def require_seen(unit: Unit, member: Membership, concept: Concept[Any], ids: Iterable[UUID]) -> None:
    """What a write names must be what its author may see: the rest does not exist. Raises `NotFound`."""
    for id in ids:
        if not member.viewer.sees(concept, unit.get(concept, id)):
            raise NotFound(what=concept.name, id=id)
