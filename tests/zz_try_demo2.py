import json
from datetime import date, datetime, UTC
from tests.running import Running
def test_try(fresh_database, tmp_path):
    from service.demonstration import tell
    r=Running(fresh_database, tmp_path)
    r.now=datetime(2025,1,1,tzinfo=UTC)
    with r:
        keys=tell(r.service, date(2026,11,23))
        r.now=datetime(2026,11,23,17,0,tzinfo=UTC)
        for role,(name,key) in keys.items(): r.keys[role]=key
        def g(path, who="lead", **p):
            a=r.get(path, who, params=p)
            print("==", path, p, a.status_code, len(a.content)); return a
        t="/transformations/DIR-CR"
        print(json.dumps(g(t).json(), ensure_ascii=False)[:1500])
        x=g(t+"/action-plan"); print(x.text[:6000])
        x=g(t+"/freshness"); print(x.text[:500])
        x=g(t+"/changes", **{"from":"2026-10-23T00:00:00+02:00"}); print(x.text[:1500])
        x=g(t+"/obstacles"); print(x.text[:2500])
        x=g(t+"/decisions"); print(x.text[:2500])
        x=g(t+"/indicators"); print(x.text[:2000])
        x=g(t+"/actions"); print(x.text[:1500])
        x=g(t+"/status-reports"); print(x.text[:800])
        x=g("/audit/events", transformation="DIR-CR"); print(x.text[:1500])
