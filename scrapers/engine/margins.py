"""What a page shows of its characters, and what lies beyond its edges."""

from scrapers.engine.stretches import Stretch


def parted(
    stretches: list[Stretch], width: float, height: float
) -> tuple[list[Stretch], list[Stretch]]:
    """Part characters by whether their middles are within the page's edges.

    Returns:
        What the page shows, and what it draws and does not show.
    """
    shown, beyond = [], []
    for stretch in stretches:
        if not 0 <= stretch.top + stretch.bottom <= 2 * height:
            beyond.append(stretch)
            continue
        if stretch.right <= width and min(stretch.x0s) >= 0:
            shown.append(stretch)
            continue
        pairs = zip(stretch.x0s, stretch.x1s, strict=True)
        kept = [0 <= x0 + x1 <= 2 * width for x0, x1 in pairs]
        if any(kept):
            shown.append(stretch.only(kept))
        if not all(kept):
            beyond.append(stretch.only([not is_kept for is_kept in kept]))
    return shown, beyond
