import pytest

from ems_twin.errors import InputError
from ems_twin.faults import ModelError
from ems_twin.world import Rules


def test_all_faults_of_a_rules_file_are_one_error(tmp_path):
    file = tmp_path / "rules.toml"
    file.write_text(
        "preemt = [[3, 1]]\npreempt = [[1, 2], [2, 1]]\nqueue_limit = 1.5\nexpected_turnout_s = -1\ncount_bays = 1\n"
        "expected_stay_s = nan\n",
        "utf-8",
    )
    with pytest.raises(ModelError) as caught:
        Rules.from_toml(file)
    assert {fault.field for fault in caught.value.faults} == {
        "preemt", "preempt", "queue_limit", "expected_turnout_s", "count_bays", "expected_stay_s",
    }  # fmt: skip
    assert all(fault.file == str(file) and fault.remedy for fault in caught.value.faults)
    assert "6 faults" in str(caught.value).splitlines()[0]


def test_good_rules_are_read(tmp_path):
    file = tmp_path / "rules.toml"
    file.write_text("preempt = [[3, 1], [2, 1]]\nqueue_limit = 4\nsoon_free = true\n", "utf-8")
    rules = Rules.from_toml(file)
    assert (rules.preempt, rules.queue_limit, rules.soon_free) == (((3, 1), (2, 1)), 4, True)


def test_rules_in_memory_tell_all_their_faults():
    with pytest.raises(InputError, match=r"field 'queue_limit': is -1\. It must be a number") as caught:
        Rules(queue_limit=-1, divert_above=-0.5)
    assert len(caught.value.faults) == 2
