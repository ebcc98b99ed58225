//! What is in a database, counted.

use sqlx::PgConnection;

use super::{
    DatabaseFacts, Manifest, Relation, Sequence, SequenceState, Server,
    manifest::FORMAT,
    names,
    session::{Session, json, run},
};
use crate::{Control, Error, Kind, Result};

/// The database as a whole. Columns that not every version has are taken from the row as JSON.
const DATABASE: &str = "
    SELECT jsonb_build_object('name', d.datname, 'owner', pg_get_userbyid(d.datdba), 'size', pg_database_size(d.oid),
        'encoding', pg_encoding_to_char(d.encoding), 'collate', d.datcollate, 'ctype', d.datctype,
        'provider', coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'),
        'locale', coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale'),
        'tablespace', t.spcname, 'connection_limit', d.datconnlimit, 'allows_connections', d.datallowconn,
        'is_template', d.datistemplate, 'comment', shobj_description(d.oid, 'pg_database'),
        'settings', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'role', CASE WHEN s.setrole <> 0 THEN pg_get_userbyid(s.setrole) END, 'setting', one)
                ORDER BY s.setrole <> 0, pg_get_userbyid(s.setrole), place), '[]')
            FROM pg_db_role_setting s, unnest(s.setconfig) WITH ORDINALITY one (one, place) WHERE s.setdatabase = d.oid),
        'grants', CASE WHEN d.datacl IS NOT NULL THEN (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'grantee', CASE WHEN a.grantee <> 0 THEN pg_get_userbyid(a.grantee) END,
                'privilege', a.privilege_type, 'is_grantable', a.is_grantable)
                ORDER BY a.grantee <> 0, pg_get_userbyid(a.grantee), a.privilege_type), '[]')
            FROM aclexplode(d.datacl) a) END,
        'tablespaces', (SELECT coalesce(jsonb_agg(DISTINCT spcname), '[]') FROM pg_class c
            JOIN pg_tablespace s ON s.oid = c.reltablespace WHERE s.spcname <> 'pg_global'))::text
    FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname = current_database()";

const EXTENSIONS: &str = "
    SELECT coalesce(jsonb_agg(jsonb_build_object('name', e.extname, 'version', e.extversion, 'schema', n.nspname)
        ORDER BY e.extname), '[]')::text
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace";

/// All but what is the system's own, temporary, or hidden behind a table.
const RELATIONS: &str = "
    SELECT coalesce(jsonb_agg(jsonb_build_object('schema', n.nspname, 'name', c.relname, 'kind', c.relkind,
        'owner', pg_get_userbyid(c.relowner), 'extension', e.extname,
        'size', CASE WHEN c.relkind IN ('r', 'm', 'i') THEN pg_table_size(c.oid) ELSE 0 END,
        'rows', CASE WHEN c.relkind = 'r' OR c.relkind = 'm' AND c.relispopulated THEN 0 END)
        ORDER BY n.nspname COLLATE \"C\", c.relname COLLATE \"C\"), '[]')::text
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    LEFT JOIN pg_extension e ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND e.oid = d.refobjid
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relpersistence <> 't'
        AND c.relkind IN ('r', 'p', 'i', 'I', 'S', 'v', 'm', 'f', 'c')";

/// Measures a database in a snapshot of its own; `checksum_up_to` is the size in bytes up to which tables get a
/// checksum.
///
/// # Errors
/// Those of the server; [`Kind::Cancelled`].
pub async fn measure(
    server: &Server,
    database: &str,
    checksum_up_to: u64,
    control: &Control,
) -> Result<Manifest> {
    let work = async {
        let wait = std::time::Duration::from_mins(1);
        let mut session = Session::begin(server, database, wait).await?;
        let mut manifest = begin(&mut session, "").await?;
        count(
            &mut session.connection,
            &mut manifest.relations,
            checksum_up_to,
        )
        .await?;
        Ok(manifest)
    };
    control.unless_cancelled(work).await
}

/// All but what has to be counted.
pub(crate) async fn begin(session: &mut Session, backup: &str) -> Result<Manifest> {
    let server = session.server.clone();
    let connection = &mut session.connection;
    let taken_at: String = json(
        connection,
        "ask for the time",
        "SELECT to_json(to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'))::text",
    )
    .await?;
    let database: DatabaseFacts = json(connection, "describe the database", DATABASE).await?;
    let extensions = json(connection, "list extensions", EXTENSIONS).await?;
    let relations: Vec<Relation> = json(connection, "list relations", RELATIONS).await?;
    let sequences = sequences(connection, &relations).await?;
    let large_objects = json(
        connection,
        "count large objects",
        "SELECT count(*)::text FROM pg_largeobject_metadata",
    )
    .await?;
    Ok(Manifest {
        format: FORMAT,
        backup: backup.to_owned(),
        taken_at,
        server,
        database,
        extensions,
        relations,
        sequences,
        large_objects,
        dump: None,
    })
}

async fn sequences(connection: &mut PgConnection, relations: &[Relation]) -> Result<Vec<Sequence>> {
    let mut all = Vec::new();
    for one in relations
        .iter()
        .filter(|one| one.kind == "S" && one.extension.is_none())
    {
        let at = stands_at(connection, &one.schema, &one.name).await?;
        all.push(Sequence {
            schema: one.schema.clone(),
            name: one.name.clone(),
            before: at,
            after: at,
        });
    }
    Ok(all)
}

/// Takes down what sequences stand at once the dump is done.
pub(crate) async fn end(connection: &mut PgConnection, sequences: &mut [Sequence]) -> Result<()> {
    for one in sequences {
        one.after = stands_at(connection, &one.schema, &one.name).await?;
    }
    Ok(())
}

async fn stands_at(
    connection: &mut PgConnection,
    schema: &str,
    name: &str,
) -> Result<SequenceState> {
    let statement = format!(
        "SELECT jsonb_build_object('value', last_value, 'is_called', is_called)::text FROM {}",
        names::qualified(schema, name)
    );
    json(connection, "read a sequence", &statement).await
}

/// Counts rows of tables and materialized views, and sums hashes of those up to `checksum_up_to` bytes.
pub(crate) async fn count(
    connection: &mut PgConnection,
    relations: &mut [Relation],
    checksum_up_to: u64,
) -> Result<()> {
    for one in relations {
        // A dump has no rows of what belongs to an extension.
        if one.rows.is_none() || one.extension.is_some() {
            one.rows = None;
            continue;
        }
        let table = names::qualified(&one.schema, &one.name);
        if one.size <= checksum_up_to && one.kind == "r" {
            match checksum(connection, &table).await {
                Ok((rows, sum)) => {
                    one.rows = Some(rows);
                    one.checksum = Some(sum);
                    continue;
                }
                Err(error) if error.kind == Kind::Other => {
                    // Such as a row that is too large to be one text.
                    run(connection, "go on", "ROLLBACK TO SAVEPOINT counted").await?;
                    one.unchecked = Some(error.message);
                }
                Err(error) => return Err(error),
            }
        }
        let statement = format!("SELECT count(*)::text FROM ONLY {table}");
        one.rows = Some(
            json(
                connection,
                &format!("count the rows of {table}"),
                &statement,
            )
            .await?,
        );
    }
    Ok(())
}

async fn checksum(connection: &mut PgConnection, table: &str) -> Result<(u64, String)> {
    run(connection, "go on", "SAVEPOINT counted").await?;
    // Neither the rows' order nor how the work is shared out changes a sum.
    let statement = format!(
        "SELECT jsonb_build_array(count(*), coalesce(sum(hashtextextended((counted.*)::text COLLATE \"C\", 0)), 0)::text)::text
        FROM ONLY {table} AS counted"
    );
    let found = json(connection, &format!("read {table}"), &statement).await?;
    run(connection, "go on", "RELEASE SAVEPOINT counted").await?;
    Ok(found)
}

/// The manifest is not complete, or of a later version.
pub(crate) fn check_format(manifest: &Manifest) -> Result<()> {
    if manifest.format != FORMAT {
        return Err(Error::new(
            Kind::Invalid,
            format!(
                "The backup's manifest is of format {}; this console reads {FORMAT}.",
                manifest.format
            ),
        ));
    }
    Ok(())
}
