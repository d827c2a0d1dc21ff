from tests.faults import table


def pytest_terminal_summary(terminalreporter):
    if lines := table.lines():
        terminalreporter.section("what was acknowledged, and what became of it")
        for line in lines:
            terminalreporter.write_line(line)
