"""The table at the end of `make faults`."""

from tests.faults import table


def test_each_fault_is_a_row_and_all_are_summed(monkeypatch, capsys):
    monkeypatch.setattr(table, "FAULTS", [])
    assert table.lines() == []
    table.tell("Postgres is killed", 8, 7, 1, 1.26, "refused 3")
    table.tell("mails", 2, 2, 0)

    assert table.lines()[2:] == [
        "| Postgres is killed | 8 | 7 | 1 | 1.3 s | refused 3 |",
        "| mails | 2 | 2 | 0 |  |  |",
        "| all | 10 | 9 | 1 |  |  |",
    ]
    assert "fault Postgres is killed; acknowledged 8; stored once 7; lost 1" in capsys.readouterr().out
