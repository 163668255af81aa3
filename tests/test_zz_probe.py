import json, pytest
from tests.running import Running
def test_probe(running: Running):
    t = running.transformation()
    app = running.client.app
    for r in app.routes: print(type(r).__name__, getattr(r,'path',None), getattr(r,'methods',None))
    phase = running.service.database.one("select id from phases where valid_to is null and transformation_id=%s order by ref limit 1",(t,))["id"]
    body={"subject":{"kind":"phase","id":str(phase)},"title":"R","due_on":"2026-06-01"}
    P=f"/transformations/{t}/milestones"
    m=running.post(P,body); print(m.status_code,m.headers,m.json())
    mid=m.json()["id"]
    c=running.client
    H=lambda **k: running.headers("lead",{"Idempotency-Key":"k"+__import__('uuid').uuid4().hex,**{a.replace('_','-'):b for a,b in k.items()}})
    def show(name,r): print("=====",name,r.status_code,dict(r.headers),r.text[:600])
    def raw(name,content,ct="application/json",path=P,**k):
        try: show(name,c.post("/api/v1"+path,content=content,headers=H(content_type=ct,**k)))
        except Exception as e: print("!!!!!",name,type(e),str(e)[:300])
    raw("malformed",b"{")
    raw("malformed-bytes",b"\xff\xfe{")
    raw("badutf8",b'{"title":"\xff"}')
    raw("empty",b"")
    raw("null",b"null")
    raw("list",b"[]")
    raw("string",b'"x"')
    raw("text",json.dumps(body),"text/plain")
    raw("form",b"a=1","application/x-www-form-urlencoded")
    raw("multipart",b"a=1","multipart/form-data; boundary=x")
    raw("noct",json.dumps(body),"")
    raw("ldjson",json.dumps(body),"application/merge-patch+json")
    raw("charset",json.dumps(body),"application/json; charset=latin-1")
    raw("nan",b'{"subject":{"kind":"phase","id":"x"},"title":"R","due_on":"2026-06-01","weight":NaN}')
    raw("inf",json.dumps({**body,"weight":float("inf")}).encode())
    raw("1e999",json.dumps(body)[:-1]+',"weight":1e999}')
    raw("hugeint",json.dumps(body)[:-1]+',"weight":'+"9"*5000+'}')
    raw("hugeint2",json.dumps(body)[:-1]+',"weight":'+"9"*400+'}')
    raw("hugestr",json.dumps({**body,"weight":"9"*400}))
    raw("1e-400",json.dumps(body)[:-1]+',"weight":"1e-400"}')
    raw("1e-400",json.dumps(body)[:-1]+',"weight":"1e-4000000000000000000000"}')
    raw("surrogate",json.dumps(body)[:-1].replace('"R"','"\\ud800"')+'}')
    raw("surrogatekey",json.dumps(body)[:-1]+',"\\ud800":1}')
    raw("nul",json.dumps({**body,"title":"a\0b"}))
    raw("nulkey",json.dumps({**body,"a\0b":"a"}))
    raw("deep",b'['*200000)
    raw("deep2",b'{"title":'+b'['*20000+b']'*20000+b'}')
    raw("deep3",b'{"title":'+b'['*900+b']'*900+b'}')
    raw("deep4",b'{"title":'+b'{"a":'*900+b'1'+b'}'*900+b'}')
    raw("big",json.dumps({**body,"title":"x"*10_000_000}))
    raw("medium",json.dumps({**body,"title":"x"*100_000}))
    raw("unknown",json.dumps({**body,"zz/~a":1}))
    raw("unknown-nested",json.dumps({**body,"subject":{"kind":"phase","id":str(phase),"x y":1}}))
    raw("badtag",json.dumps({**body,"subject":{"kind":"zzz","id":str(phase)}}))
    raw("behalf",json.dumps({**body,"on_behalf_of":{"kind":"person","id":"zz","basis":{"kind":"document","document":{"title":""}}}}))
    raw("dup",json.dumps(body)[:-1]+',"title":"B"}')
    raw("queryunknown",json.dumps(body),path=P+"?zz=1")
    raw("as_of",json.dumps(body),path=P+"?as_of=2026-01-01T00:00:00Z")
    raw("reach evidence","{\"evidence\":[{\"title\":\"ok\"},{\"title\":1,\"zz\":2}]}",path=f"/milestones/{mid}/reach",If_Match=m.headers["etag"])
    raw("nomatch","{}",path=f"/milestones/{mid}/reach")
    raw("weak","{}",path=f"/milestones/{mid}/reach",If_Match="W/"+m.headers["etag"])
    raw("bad","{}",path=f"/milestones/{mid}/reach",If_Match='zzz')
    raw("star","{}",path=f"/milestones/{mid}/reach",If_Match='*')
    raw("list","{}",path=f"/milestones/{mid}/confirm",If_Match='"99", '+m.headers["etag"])
    raw("baduuid","{}",path=f"/milestones/zzz/reach")
    raw("correct",json.dumps({"reason":"x","changes":{"a\ud800":1}}) ,path=f"/milestones/{mid}/events/{mid}/correct",If_Match=m.headers["etag"])
    raw("correct0",json.dumps({"reason":"x","changes":{}}) ,path=f"/milestones/{mid}/events/{mid}/correct",If_Match=m.headers["etag"])
    for k in ['""','"','é','a'*256,'"a"b"','a,b','\t','x\x01']:
        try:
            show("key "+repr(k), c.post("/api/v1"+P,json=body,headers=running.headers("lead",{"Idempotency-Key":k.encode("latin-1")})))
        except Exception as e: print("!!!!! key",repr(k),e)
    for q in ["limit=0","limit=201","limit=x","zz=1","sort=zz","fields=zz","as_of=2026-01-01","as_of=2026-01-01T00:00:00","as_of=2026-01-01T00:00:00Z","as_of=2026-01-01T00:00:00%2B01:00","as_of=2099-01-01T00:00:00Z","as_of_position=0","as_of_position=999999999","as_of_position=99999999999999999999","cursor=abc","cursor=%00","q=%00","q=%ff","q=a&q=b","status=%00","status=zz","ref=J-1","ref=J-99999999999","due_on[gte]=2026-01-01","due_on%5Bgte%5D=x","due_on=0001-01-01","limit=1&limit=2","sort=-due_on","sort=title","as_of=9999999999999999","as_of=1e10","as_of=NaN","subject_id=zz","weight=1","q=%ed%a0%80", "due_on_gte=2026-01-01","confirmed_at=2026-01-01T00:00:00","lead=me", "changed_at[gte]=2026-01-01T00:00:00"]:
        try: show("GET ?"+q, c.get("/api/v1"+P+"?"+q,headers=running.headers("lead",{})))
        except Exception as e: print("!!!!! q",q,type(e),str(e)[:300])
    for method,path in [("HEAD",P),("DELETE",P),("PUT",f"/milestones/{mid}"),("HEAD",f"/milestones/{mid}"),("GET","/nope"),("GET",f"/milestones/{mid}/reach"),("OPTIONS",P),("TRACE",P),("FOO",P),("DELETE","/people"),("DELETE","/me"),("HEAD","/openapi.json"),("POST","/openapi.json"),("GET","/milestones/"),("GET",f"/milestones/{mid}?zz=1"),("GET","/problems/zz"),("GET","/problems?zz=1"),("GET","/transformations/%00"),("GET","/people/%00"),("GET","/transformations/"+"A"*61),("GET","/me/"), ("GET", "//me")]:
        try: show(method+" "+path, c.request(method,"/api/v1"+path,headers=running.headers("lead",{})))
        except Exception as e: print("!!!!! m",method,path,type(e),str(e)[:300])
    for h in [{"X-Request-ID":"abc"},{"X-Request-ID":"a"*129},{"X-Request-ID":"a b\"<script>"},{"X-Request-ID":"é".encode()},{"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},{"traceparent":"<b>"},{"traceparent":"zz"},{"Accept-Language":"en;q=zz"},{"Accept-Language":"en"},{"Accept-Language":"*"},{"Accept-Language":"en;q=nan"},{"Accept-Language":"fr;q=0, en;q=0.1"},{"Accept-Language":"en ; q=0.9, fr ; q=0.1"}]:
        show(str(h), c.get("/api/v1/nope",headers={**h}))
    for a in ["","Basic abc","Bearer","Bearer x","Bearer trj_test_a_b","Bearer trj_test_\u00e9_b".encode("latin-1"), "Bearer trj_%00_a_b", "bearer "+running.keys["lead"], "Bearer  "+running.keys["lead"], "Bearer "+running.keys["lead"]+"x"]:
        show(repr(a)[:30], c.get("/api/v1/me",headers={"Authorization":a}))
