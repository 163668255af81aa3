"""What an import leaves behind: which file, and what became of its rows."""

from service.domain.import_run import IMPORT_RUN, ImportApplied, ImportCounts, apply
from service.domain.text import personal_fields
from tests.domain.given import LEAD, TODAY, given

COUNTS = ImportCounts(created=29, changed=2, unchanged=4)


def test_an_applied_import_keeps_its_file_and_its_counts() -> None:
    state = (
        given(IMPORT_RUN)
        .when(lambda: apply(file_name="plan.xlsx", sha256="ab" * 32, format="plan", sheet="Actions", counts=COUNTS))
        .then(ImportApplied(file_name="plan.xlsx", sha256="ab" * 32, format="plan", sheet="Actions", counts=COUNTS))
    )
    assert (state.status, state.applied_by, state.applied_on, state.counts) == ("applied", LEAD, TODAY, COUNTS)
    assert IMPORT_RUN.creation.TOPIC == "import.applied"


def test_the_name_of_a_file_is_personal_text() -> None:
    assert personal_fields(ImportApplied) == {"file_name"}
