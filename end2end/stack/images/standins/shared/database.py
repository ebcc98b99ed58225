"""One Postgres connection that comes back by itself."""

import threading

import psycopg2


class Database:
    """Runs statements one at a time; reconnects on the call after a loss."""

    def __init__(self, **target):
        self._target = target
        self._lock = threading.Lock()
        self._connection = None
        self.reachable = False

    def run(self, statement, parameters=None):
        """Runs one statement in its own transaction and gives back its rows.

        Raises psycopg2.Error; after a lost connection, the next call reconnects.
        """
        with self._lock:
            try:
                if self._connection is None or self._connection.closed:
                    self._connection = psycopg2.connect(
                        connect_timeout=3, tcp_user_timeout=5000, options="-c statement_timeout=5000", **self._target)
                with self._connection, self._connection.cursor() as cursor:
                    cursor.execute(statement, parameters)
                    rows = cursor.fetchall() if cursor.description else []
                self.reachable = True
                return rows
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                self.reachable = False
                if self._connection is not None:
                    self._connection.close()
                    self._connection = None
                raise
