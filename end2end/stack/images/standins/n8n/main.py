"""Stand-in for the workflow engine: health check, metrics, and a database of
its own with workflows and their executions."""

import base64
import hmac
import os
import random
import threading
import time

import psycopg2

from database import Database
from http_service import Reply, serve
from json_log import JsonLog
from metrics import Value

PORT = 5678
EXECUTION_SECONDS = 5
KEPT_EXECUTIONS = 5_000
WORKFLOWS = ("Trend research", "Script to render", "Publish and report")

SCHEMA = """
CREATE TABLE IF NOT EXISTS workflow_entity (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE, active boolean NOT NULL);
CREATE TABLE IF NOT EXISTS execution_entity (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workflow_id int NOT NULL REFERENCES workflow_entity, status text NOT NULL,
    started_at timestamptz NOT NULL, stopped_at timestamptz NOT NULL);
INSERT INTO workflow_entity (name, active) SELECT unnest(%s::text[]), true ON CONFLICT DO NOTHING;
"""

EXECUTE = """
INSERT INTO execution_entity (workflow_id, status, started_at, stopped_at)
SELECT id, %s, now() - interval '3 seconds', now() FROM workflow_entity WHERE name = %s RETURNING id
"""

log = JsonLog("n8n")
database = Database(
    host=os.environ["DB_POSTGRESDB_HOST"], dbname=os.environ["DB_POSTGRESDB_DATABASE"],
    user=os.environ["DB_POSTGRESDB_USER"], password=os.environ["DB_POSTGRESDB_PASSWORD"], application_name="n8n")
active = Value("gauge", "n8n_active_workflow_count", "Workflows that are active.", 0)
executions = Value("counter", "n8n_workflow_executions_total", "Executions by result.")


def run_workflows():
    prepared = False
    while True:
        name = random.choice(WORKFLOWS)
        status = "success" if random.random() < 0.97 else "error"
        try:
            if not prepared:
                database.run(SCHEMA, (list(WORKFLOWS),))
                active.set(len(WORKFLOWS))
                prepared = True
            (execution,), = database.run(EXECUTE, (status, name))
            database.run("DELETE FROM execution_entity WHERE id <= %s", (execution - KEPT_EXECUTIONS,))
            executions.add(status=status)
            # The real one writes plain lines as well.
            log.plain(f"Execution {execution} of workflow \"{name}\" finished: {status}")
        except psycopg2.Error as error:
            log.error(f"database: {str(error).strip().splitlines()[0]}")
        time.sleep(EXECUTION_SECONDS)


def editor(request):
    """The page behind the basic authentication that the environment sets."""
    wanted = f"{os.environ.get('N8N_BASIC_AUTH_USER', '')}:{os.environ.get('N8N_BASIC_AUTH_PASSWORD', '')}"
    header = "Basic " + base64.b64encode(wanted.encode()).decode()
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), header.encode()):
        return Reply("sign in\n", 401, headers=[("WWW-Authenticate", 'Basic realm="n8n"')])
    return Reply("\n".join(WORKFLOWS) + "\n")


def metrics(_):
    return Reply(active.render() + executions.render(), kind="text/plain; version=0.0.4; charset=utf-8")


ROUTES = {
    ("GET", "/"): editor,
    ("GET", "/healthz"): lambda _: Reply({"status": "ok"}),
    ("GET", "/metrics"): metrics,
}

if __name__ == "__main__":
    log.info(f"n8n stand-in ready on port {PORT}")
    threading.Thread(target=run_workflows, daemon=True).start()
    serve(PORT, ROUTES)
