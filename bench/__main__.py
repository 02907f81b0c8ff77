"""``python -m bench [NAME …]``: measure, print a line a figure, exit 1 when a budget is broken."""

from __future__ import annotations

import sys

from bench import dashboard, drawing, gallery, hall, painting, quota, starting

MEASURES = {
    "start": starting.starts,
    "memory": starting.memory,
    "page": starting.page_weight,
    "card": painting.post_to_card,
    "tab": painting.result_to_second_tab,
    "cost": painting.cost_of_a_generation,
    "lag": painting.loop_lag,
    "drawing": drawing.drawing,
    "quota": quota.quota,
    "dashboard": dashboard.dashboard,
    "thumbnails": hall.thumbnails,
    "hall": hall.hall,
    "gallery": gallery.gallery,
    "million": gallery.million,
}
ASKED_FOR = {"million"}  # takes minutes and gigabytes: only by its name


def main() -> int:
    names = sys.argv[1:] or [name for name in MEASURES if name not in ASKED_FOR]
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        print(f"There is no measure {unknown[0]}. There are: {', '.join(MEASURES)}.", file=sys.stderr)
        return 2
    broken = 0
    for name in names:
        for figure in MEASURES[name]():
            print(figure.line(), flush=True)
            broken += figure.ok is False
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
