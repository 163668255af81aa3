import time, sys
from datetime import date
from tests.running import Running
def test_try(fresh_database, tmp_path):
    from service.bootstrap import Service
    from service.settings import Settings
    s=Service(Settings(data_dir=tmp_path, environment="demo"), fresh_database)
    s.start(worker=False)
    from service.demonstration import tell
    t=time.time()
    keys=tell(s, date(2026,11,23))
    print("TOOK", time.time()-t, "head", s.log.head())
    for r in s.database.all("select topic, count(*) n from events group by 1 order by 2 desc"): print(r["topic"], r["n"])
    s.stop()
