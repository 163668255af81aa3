import cProfile,pstats,time
from datetime import date
def test_try(fresh_database, tmp_path):
    from service.bootstrap import Service
    from service.settings import Settings
    s=Service(Settings(data_dir=tmp_path, environment="demo"), fresh_database)
    s.start(worker=False)
    from service.demonstration import tell
    t=time.time(); c=time.process_time()
    p=cProfile.Profile(); p.enable()
    keys=tell(s, date(2026,11,23))
    p.disable()
    print("TOOK", time.time()-t, "cpu", time.process_time()-c)
    pstats.Stats(p).sort_stats("cumtime").print_stats(45)
    s.stop()
