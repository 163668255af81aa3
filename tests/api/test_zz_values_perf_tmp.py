import time
from datetime import date, timedelta
from tests.api.test_indicator_values import *
def test_perf(running, plan):
    for n in range(30): define(running, plan, external_id=f"P-{n}")
    days=[(date(2025,1,1)+timedelta(days=4*i)).isoformat() for i in range(100)]
    rows=[row("va",d,i+n,f"P-{n}") for n in range(30) for i,d in enumerate(days)]
    for k in range(2):
        t=time.time(); print("apply", apply(running,plan,*rows), time.time()-t)
        rows=[[*r[:5], r[5]+1 if j%2 else r[5]] for j,r in enumerate(rows)]
    d=running.client.get("/api/v1/openapi.json").json()
    ids=[o["operationId"] for p in d["paths"].values() for o in p.values()]
    assert len(ids)==len(set(ids)); print(d["components"]["schemas"]["ReviseIndicator"]["properties"]["weight"], d["components"]["schemas"]["MeasureIndicator"]["properties"]["value"])
