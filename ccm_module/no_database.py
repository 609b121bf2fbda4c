"""What a browser is told while PostgreSQL is out of reach: what happened, what is safe, whom to call.

Odoo answers such a request without any database: it shows its list of databases, and signs out whoever
asked. No model can help there, since there is none; so this is put in place when Odoo loads the addon.
"""

import functools

import psycopg2

from odoo.http import Request, Response
from odoo.sql_db import db_connect

ASK_AGAIN = 15  # seconds
# asked by machines, which want Odoo's own answer
UNTOUCHED = ("/web/health",)

# In both languages of the practices: nobody's own is known here.
PAGE = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta http-equiv="refresh" content="{ASK_AGAIN}"/>
<title>The database is out of reach</title>
<style>body {{ font: 1.1rem/1.5 sans-serif; max-width: 36rem; margin: 3rem auto; padding: 0 1rem }}</style>
</head>
<body>
<main>
<h1>The database is out of reach</h1>
<p>What was saved before is safe. A timer that runs goes on, and a stop that was clicked is kept in
that browser until it can be sent: leave the page with the timer open.</p>
<p>This page asks again by itself. If it lasts longer than a minute, call whoever looks after the
server: is PostgreSQL running, and is its disk full?</p>
<section lang="es">
<h2>No se puede acceder a la base de datos</h2>
<p>Lo que ya estaba guardado está a salvo. Un cronómetro en marcha continúa. Deje abierta la página
del cronómetro.</p>
<p>Esta página lo intenta de nuevo por sí misma. Si dura más de un minuto, llame a quien cuida del
servidor: ¿funciona PostgreSQL?, ¿está lleno su disco?</p>
</section>
</main>
</body>
</html>
"""


def post_load():
    serve_db, serve_nodb = Request._serve_db, Request._serve_nodb

    @functools.wraps(serve_db)
    def _serve_db(self):
        try:
            return serve_db(self)
        except psycopg2.DatabaseError as error:
            if _is_broken_off(error):
                return _answer()
            raise

    @functools.wraps(serve_nodb)
    def _serve_nodb(self):
        if self.httprequest.path in UNTOUCHED or _is_in_reach():
            return serve_nodb(self)
        return _answer()

    Request._serve_db, Request._serve_nodb = _serve_db, _serve_nodb


def _answer():
    """Return the page to whoever asks.

    The web client takes what is no JSON for a lost connection, and tries again. The session is left
    as it is on the disk: nobody has to sign in again.
    """
    return Response(
        PAGE,
        status=503,
        content_type="text/html; charset=utf-8",
        headers={"Retry-After": str(ASK_AGAIN), "Cache-Control": "no-store"},
    )


def _is_broken_off(error):
    """Tell whether the connection broke; what PostgreSQL itself says has a code."""
    is_of_connection = (
        isinstance(error, psycopg2.OperationalError) or type(error) is psycopg2.DatabaseError
    )
    return is_of_connection and not error.pgcode


def _is_in_reach():
    try:
        with db_connect("postgres").cursor():
            return True
    except psycopg2.DatabaseError:
        return False
