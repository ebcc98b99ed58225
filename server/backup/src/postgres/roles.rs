//! Roles of a server: written down with a backup, and made where they are missing.

use sqlx::PgConnection;

use super::{
    Role, names,
    session::{json, run},
};
use crate::{Control, Error, Kind, Result};

/// All roles but those that every server has. Used is who owns something here, has privileges or settings, and each
/// group of such a role; what the first superuser owns stands in no dependency.
const ROLES: &str = "
    WITH RECURSIVE this AS (SELECT oid, datdba FROM pg_database WHERE datname = current_database()), named AS (
        SELECT s.refobjid AS role FROM pg_shdepend s, this
            WHERE s.refclassid = 'pg_authid'::regclass AND (s.dbid = this.oid OR s.classid = 'pg_database'::regclass AND s.objid = this.oid)
        UNION SELECT datdba FROM this
        UNION SELECT setrole FROM pg_db_role_setting, this WHERE setdatabase = this.oid
        UNION SELECT relowner FROM pg_class WHERE oid >= 16384
        UNION SELECT nspowner FROM pg_namespace WHERE oid >= 16384
        UNION SELECT proowner FROM pg_proc WHERE oid >= 16384
    ), used AS (
        SELECT role FROM named UNION SELECT m.roleid FROM used JOIN pg_auth_members m ON m.member = used.role
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object('name', r.rolname, 'is_used', r.oid IN (SELECT role FROM used),
        'attributes', concat_ws(' ',
            CASE WHEN r.rolsuper THEN 'SUPERUSER' ELSE 'NOSUPERUSER' END,
            CASE WHEN r.rolinherit THEN 'INHERIT' ELSE 'NOINHERIT' END,
            CASE WHEN r.rolcreaterole THEN 'CREATEROLE' ELSE 'NOCREATEROLE' END,
            CASE WHEN r.rolcreatedb THEN 'CREATEDB' ELSE 'NOCREATEDB' END,
            CASE WHEN r.rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END,
            CASE WHEN r.rolreplication THEN 'REPLICATION' ELSE 'NOREPLICATION' END,
            CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' ELSE 'NOBYPASSRLS' END,
            'CONNECTION LIMIT ' || r.rolconnlimit),
        'valid_until', r.rolvaliduntil::text, 'password', NULL,
        'settings', (SELECT coalesce(jsonb_agg(one), '[]') FROM pg_db_role_setting s, unnest(s.setconfig) one
            WHERE s.setdatabase = 0 AND s.setrole = r.oid),
        'comment', shobj_description(r.oid, 'pg_authid'),
        'groups', (SELECT coalesce(jsonb_agg(jsonb_build_object('group', g.rolname, 'is_admin', m.admin_option) ORDER BY g.rolname), '[]')
            FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid))
        ORDER BY r.rolname COLLATE \"C\"), '[]')::text
    FROM pg_roles r WHERE r.rolname !~ '^pg_'";

/// All roles; with their passwords where the user is a superuser.
pub(crate) async fn list(connection: &mut PgConnection) -> Result<(Vec<Role>, bool)> {
    let mut roles: Vec<Role> = json(connection, "list roles", ROLES).await?;
    let sees_passwords: bool = json(
        connection,
        "ask for its own rights",
        "SELECT rolsuper::text FROM pg_roles WHERE rolname = current_user",
    )
    .await?;
    if sees_passwords {
        let passwords: std::collections::BTreeMap<String, crate::Secret> = json(
            connection,
            "list roles",
            "SELECT coalesce(jsonb_object_agg(rolname, rolpassword) FILTER (WHERE rolpassword IS NOT NULL), '{}')::text FROM pg_authid",
        )
        .await?;
        for role in &mut roles {
            role.password = passwords.get(&role.name).cloned();
        }
    }
    Ok((roles, sees_passwords))
}

/// Makes the roles that the server does not have, as they were; never touches one that it has. Gives their names.
///
/// # Errors
/// [`Kind::Denied`] where the user may not; those of the server. All or none are made.
pub(crate) async fn create_missing(
    connection: &mut PgConnection,
    roles: &[Role],
    control: &Control,
) -> Result<Vec<String>> {
    let there: Vec<String> = json(
        connection,
        "list roles",
        "SELECT coalesce(jsonb_agg(rolname), '[]')::text FROM pg_roles",
    )
    .await?;
    let is_there = |name: &str| there.iter().any(|one| one == name);
    let missing: Vec<&Role> = roles
        .iter()
        .filter(|role| role.is_used && !is_there(&role.name))
        .collect();
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let mut statements = vec!["BEGIN".to_owned()];
    statements.extend(missing.iter().flat_map(|role| create(role)));
    // Once all are there, they join each other.
    for role in roles {
        for membership in &role.groups {
            let is_new = |name: &str| missing.iter().any(|one| one.name == name);
            let will_be = |name: &str| is_new(name) || is_there(name);
            if (is_new(&role.name) || is_new(&membership.group))
                && will_be(&role.name)
                && will_be(&membership.group)
            {
                statements.push(format!(
                    "GRANT {} TO {}{}",
                    names::ident(&membership.group),
                    names::ident(&role.name),
                    if membership.is_admin {
                        " WITH ADMIN OPTION"
                    } else {
                        ""
                    }
                ));
            }
        }
    }
    statements.push("COMMIT".to_owned());
    let result = run(connection, "create roles", &statements.join(";\n")).await;
    if let Err(error) = result {
        // The statements hold passwords: none of them is told.
        let _ = run(connection, "go on", "ROLLBACK").await;
        return Err(match error.kind {
            Kind::Denied => Error::new(
                Kind::Denied,
                "Roles of the backup are missing on the server, and the console's user may not create them. Restore as a superuser, or create them by hand from globals.sql.",
            ),
            _ => error,
        });
    }
    let made: Vec<String> = missing.iter().map(|role| role.name.clone()).collect();
    for name in &made {
        control.note(format!(
            "The role {} was missing and was created.",
            names::ident(name)
        ));
    }
    Ok(made)
}

/// An error of making a database; where the user may make none, the statement that lets it.
pub(crate) async fn may_not_create_databases(connection: &mut PgConnection, error: Error) -> Error {
    if error.kind != Kind::Denied {
        return error;
    }
    let asked = json::<(String, bool)>(
        connection,
        "ask for its own rights",
        "SELECT jsonb_build_array(rolname, rolcreatedb OR rolsuper)::text FROM pg_roles WHERE rolname = current_user",
    );
    match asked.await {
        Ok((user, false)) => Error::new(
            Kind::Denied,
            format!(
                "The database user {user} may not create databases, and a backup is restored, and drilled, into one beside the \
                 live one. A superuser of the server lets it: ALTER ROLE {} CREATEDB;",
                names::ident(&user)
            ),
        )
        .detail(error.detail),
        _ => error,
    }
}

fn create(role: &Role) -> Vec<String> {
    let name = names::ident(&role.name);
    let mut create = format!("CREATE ROLE {name} {}", role.attributes);
    if let Some(password) = &role.password {
        create.push_str(" PASSWORD ");
        create.push_str(&names::literal(password.reveal()));
    }
    if let Some(until) = &role.valid_until {
        create.push_str(" VALID UNTIL ");
        create.push_str(&names::literal(until));
    }
    let mut all = vec![create];
    all.extend(
        role.settings
            .iter()
            .filter_map(|setting| super::settings::set(&format!("ROLE {name}"), setting)),
    );
    if let Some(comment) = &role.comment {
        all.push(format!(
            "COMMENT ON ROLE {name} IS {}",
            names::literal(comment)
        ));
    }
    all
}
