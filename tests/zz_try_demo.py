import time
from datetime import date
from service.domain.concept import concept_of, advance
from service.domain.permissions import PERMISSIONS, permits, sees_restricted
WORDS = {
 "taken":"take","communicated":"communicate","applied":"apply","superseded":None,"revoked":"revoke","contested":"contest",
 "baseline_set":None,"reported":"report","acknowledged":"acknowledge","written":"write","granted":"grant","raised":"raise",
 "proposed":"propose","planned":"plan","started":"start","progress_declared":"declare_progress","completed":"complete","reached":"reach",
 "rescheduled":"revise","described":"revise","reassigned":"revise","prioritised":"revise","confirmed":"confirm","looked_at":"look_at","measured":"measure","defined":"define",
 "opened":"open","placed":"place","closed":"verify","activated":"activate","spoken":"speak","escalated":"escalate","escalation_answered":"answer","resolved":"resolve",
 "assessed":"assess","assigned":"assign","postponed":"postpone","resumed":"resume","rejected":"reject","reopened":"reopen","value_proposed":"propose_value","value_accepted":"accept_value","value_refused":"refuse_value","retargeted":"revise","corrected":"correct","withdrawn":"withdraw","cancelled":"cancel","abandoned":"abandon","paused":"pause","launched":"launch"}
def test_try(fresh_database, tmp_path):
    from service.bootstrap import Service
    from service.settings import Settings
    s=Service(Settings(data_dir=tmp_path, environment="demo"), fresh_database)
    s.start(worker=False)
    from service.demonstration import tell
    t=time.time()
    keys=tell(s, date(2026,11,23))
    print("TOOK", time.time()-t, "head", s.log.head())
    role={}; states={}; seen=set()
    names={r["id"]:r["display_name"] for r in s.directory.people()}
    tr=next(r["transformation_id"] for r in s.database.all("select transformation_id from events where transformation_id is not null limit 1"))
    rec=s.log.recorder
    with s.database.connection() as c:
        facts=[s.log.mapper.to_domain_event(r) for r in rec.select_after(c,0,5000)]
    hist={}
    for f in facts:
        concept=concept_of(f.topic); st=states.get(f.originator_id)
        h=hist.setdefault(f.originator_id,[])
        after=advance(concept, st, f, lambda: h); h.append(f); states[f.originator_id]=after
        if concept.name=="member": role[after.person_id]=after.role if after.status=="granted" else None
        who=f.envelope.actor
        if f.envelope.correlation_id!=f.envelope.event_id: continue
        verb=f.topic.split(".")[1]; name=concept.name
        act=f"{name}.{WORDS.get(verb,verb)}"
        if f.topic=="contestation.answered": act="decision.answer_contestation"
        if f.topic=="decision.taken" and f.event.kind in ("gate_verdict","plan_validation","replan"): act="decision.take_"+f.event.kind
        if f.topic=="workstream.prioritised": act="workstream.prioritise"
        if f.topic=="workstream.closed": act="workstream.close"
        if act not in PERMISSIONS: seen.add(act); continue
        st0=st or after
        own=who in concept.owners(st0)
        if name=="milestone": 
            sub=states.get(st0.subject.id); own = hasattr(sub,"lead") and who in (sub.lead,*sub.contributors)
        if name=="note" and not st:
            sub=states.get(st0.subject.id); own= hasattr(sub,"lead") and who in (sub.lead,*sub.contributors) or getattr(sub,"owner",None)==who
        r=role.get(who)
        ok=permits(act,r,own=own)
        if f.envelope.on_behalf_of: ok = r in ("lead","facilitator")
        if not ok: print("NOT PERMITTED", act, names.get(who), r, own, f.recorded_at.date())
    print(seen)
    s.stop()
