"""From a source of the scrapers to what storage says of it in datasets and pages."""

from scrapers.source import Source
from storage.about import About


def about(series: Source) -> About:
    """Describe a series for titles, citations and data dictionaries."""
    return About(
        source=series.name,
        agency=series.agency,
        title=series.title,
        url=series.addresses[-1].url,
        keys=series.keys,
        fields=series.fields,
    )
