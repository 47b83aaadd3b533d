"""A policy drawn as a flow chart, with the same in words.

    drawing = chart(policy, state)       # drawing.svg, drawing.outline

Made from the compiled policy alone, in three steps: what is shown (`flow`, `cards`, `stages`, `around`), where it stands (`letters`,
`placing`, `routing`), how it looks (`svg`) and reads (`outline`). Standard library only.
"""

from policies.charting.around import place_of
from policies.charting.drawing import Drawing, chart, timeline_chart

__all__ = ["Drawing", "chart", "place_of", "timeline_chart"]
