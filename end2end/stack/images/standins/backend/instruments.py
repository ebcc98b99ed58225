"""The backend's metrics, under the names that the handbook's alerts use."""

import psycopg2

from metrics import Histogram, Value

VIDEOS_GENERATED = Value("counter", "videos_generated_total", "Videos generated.", 0)
VIDEO_COST = Value("gauge", "video_cost_dollars", "Cost of the latest video of each channel, in US dollars.")
REQUEST_DURATION = Histogram("api_request_duration_seconds", "Time to answer an API request, in seconds.")
API_ERRORS = Value("counter", "api_errors_total", "API requests answered with a server error.", 0)
UPLOADS_SUCCEEDED = Value("counter", "youtube_uploads_success", "Uploads that YouTube accepted.", 0)
UPLOADS = Value("counter", "youtube_uploads_total", "Uploads tried.", 0)
BACKENDS = Value("gauge", "pg_stat_database_numbackends", "Connections to each database.")
MAX_CONNECTIONS = Value("gauge", "pg_settings_max_connections", "Connections that Postgres allows.")

_ALL = (VIDEOS_GENERATED, VIDEO_COST, REQUEST_DURATION, API_ERRORS, UPLOADS_SUCCEEDED, UPLOADS)


def render(database):
    """All metrics as text; Postgres' own only where it answers."""
    instruments = list(_ALL)
    try:
        for name, count in database.run("SELECT datname, numbackends FROM pg_stat_database WHERE datname IN ('ytempire', 'n8n')"):
            BACKENDS.set(count, datname=name)
        (limit,), = database.run("SELECT setting::int FROM pg_settings WHERE name = 'max_connections'")
        MAX_CONNECTIONS.set(limit)
        instruments += [BACKENDS, MAX_CONNECTIONS]
    except psycopg2.Error:
        pass
    return "".join(instrument.render() for instrument in instruments)
