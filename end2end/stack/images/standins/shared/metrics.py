"""Counters, gauges and histograms in Prometheus' text format 0.0.4."""

import threading

_LOCK = threading.Lock()
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def _labels(pairs):
    if not pairs:
        return ""
    return "{" + ",".join(f'{name}="{value}"' for name, value in pairs) + "}"


class Value:
    """A counter or gauge; a series for each set of labels."""

    def __init__(self, kind, name, text, start=None):
        self._head = f"# HELP {name} {text}\n# TYPE {name} {kind}\n"
        self._name = name
        self._series = {} if start is None else {(): start}

    def add(self, amount=1, **labels):
        key = tuple(sorted(labels.items()))
        with _LOCK:
            self._series[key] = self._series.get(key, 0) + amount

    def set(self, value, **labels):
        with _LOCK:
            self._series[tuple(sorted(labels.items()))] = value

    def render(self):
        with _LOCK:
            lines = [f"{self._name}{_labels(key)} {value}\n" for key, value in sorted(self._series.items())]
        return self._head + "".join(lines)


class Histogram:
    """Observed durations in seconds, by labels."""

    def __init__(self, name, text):
        self._head = f"# HELP {name} {text}\n# TYPE {name} histogram\n"
        self._name = name
        self._series = {}

    def observe(self, seconds, **labels):
        key = tuple(sorted(labels.items()))
        with _LOCK:
            counts, _ = self._series.setdefault(key, ([0] * (len(BUCKETS) + 1), 0.0))
            for index, bound in enumerate(BUCKETS):
                counts[index] += seconds <= bound
            counts[-1] += 1
            self._series[key] = (counts, self._series[key][1] + seconds)

    def render(self):
        out = [self._head]
        with _LOCK:
            for key, (counts, total) in sorted(self._series.items()):
                for bound, count in zip((*BUCKETS, "+Inf"), counts):
                    out.append(f"{self._name}_bucket{_labels((*key, ('le', bound)))} {count}\n")
                out.append(f"{self._name}_sum{_labels(key)} {total}\n")
                out.append(f"{self._name}_count{_labels(key)} {counts[-1]}\n")
        return "".join(out)
