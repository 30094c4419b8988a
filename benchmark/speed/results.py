"""What a run of the benchmark has found, section by section."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from speed.findings import Finding, Point, Unmeasured, Value
from speed.other_work import OtherWork
from speed.tables import Section


@dataclass
class Results:
    """What was found of a section.

    :param numbers: by the names of case and figure
    :param points: by the name of the curve
    :param seconds: that it took
    :param others: cores that were busy with other work meanwhile
    :param broken: whether it ended before it had measured all
    """

    section: Section
    numbers: dict[tuple[str, str], float] = field(default_factory=dict)
    points: dict[str, list[Point]] = field(default_factory=dict)
    unmeasured: list[Unmeasured] = field(default_factory=list)
    seconds: float = 0.0
    others: float = 0.0
    broken: bool = False

    def collect(self, findings: Iterable[Finding]) -> None:
        """Take what is found, as long as more comes."""
        work = OtherWork()
        try:
            for finding in findings:
                self._take(finding)
        finally:
            self.seconds, self.others = work.seconds(), work.cores()

    def goals(self) -> list[tuple[str, str, bool | None]]:
        """Return case, figure and whether its goal is met, None where it was not measured; for all that have a goal."""
        return [
            (case.name, figure.name, self._met(case.name, figure.name))
            for case in self.section.cases
            for figure in self.section.figures
            if figure.name in case.goals
        ]

    def _met(self, case: str, figure: str) -> bool | None:
        number = self.numbers.get((case, figure))
        if number is None:
            return None
        row = next(each for each in self.section.cases if each.name == case)
        column = next(each for each in self.section.figures if each.name == figure)
        return column.met(number, row.goals[figure])

    def _take(self, finding: Finding) -> None:
        match finding:
            case Value():
                self.numbers[finding.case, finding.figure] = float(finding.number)  # NumPy has other bools
            case Point():
                self.points.setdefault(finding.curve, []).append(finding)
            case Unmeasured():
                self.unmeasured.append(finding)
