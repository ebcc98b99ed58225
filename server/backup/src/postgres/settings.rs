//! Settings, privileges and comment of a database or a role, as SQL that gives them back.

use super::{DatabaseFacts, names};

/// Settings that are lists of names: the catalog has each name quoted where it has to be.
const LISTS: [&str; 7] = [
    "search_path",
    "temp_tablespaces",
    "session_preload_libraries",
    "shared_preload_libraries",
    "local_preload_libraries",
    "unix_socket_directories",
    "synchronous_standby_names",
];

/// `ALTER <whom> SET …` for a `name=value` of the catalog.
pub(crate) fn set(whom: &str, setting: &str) -> Option<String> {
    let (name, value) = setting.split_once('=')?;
    // An extension's setting has a point in its name, each part of which is a name.
    let quoted: Vec<String> = name.split('.').map(names::ident).collect();
    let value = if LISTS.contains(&name.to_lowercase().as_str()) {
        let all: Vec<String> = list(value).iter().map(|one| names::literal(one)).collect();
        if all.is_empty() {
            "''".to_owned()
        } else {
            all.join(", ")
        }
    } else {
        names::literal(value)
    };
    Some(format!("ALTER {whom} SET {} TO {value}", quoted.join(".")))
}

/// The names of a list: bare ones up to a comma, quoted ones with quotes doubled.
fn list(value: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut letters = value.chars().peekable();
    loop {
        while letters
            .peek()
            .is_some_and(|c| c.is_whitespace() || *c == ',')
        {
            letters.next();
        }
        let Some(first) = letters.next() else {
            return all;
        };
        let mut name = String::new();
        if first == '"' {
            while let Some(c) = letters.next() {
                if c == '"' && letters.next_if_eq(&'"').is_none() {
                    break;
                }
                name.push(c);
            }
        } else {
            name.push(first);
            while let Some(c) = letters.next_if(|c| *c != ',') {
                name.push(c);
            }
            name.truncate(name.trim_end().len());
        }
        all.push(name);
    }
}

/// What gives the database `name` the owner, settings, privileges and connection limit that `facts` have.
pub(crate) fn database(name: &str, facts: &DatabaseFacts) -> Vec<String> {
    let name = names::ident(name);
    let whom = format!("DATABASE {name}");
    let mut all = vec![format!(
        "ALTER {whom} CONNECTION LIMIT {}",
        facts.connection_limit
    )];
    if facts.is_template {
        all.push(format!("ALTER {whom} IS_TEMPLATE true"));
    }
    for one in &facts.settings {
        let whom = match &one.role {
            Some(role) => format!("ROLE {} IN {whom}", names::ident(role)),
            None => whom.clone(),
        };
        all.extend(set(&whom, &one.setting));
    }
    if let Some(grants) = &facts.grants {
        all.push(format!("REVOKE ALL ON {whom} FROM PUBLIC"));
        all.push(format!(
            "REVOKE ALL ON {whom} FROM {}",
            names::ident(&facts.owner)
        ));
        for grant in grants {
            let grantee = grant
                .grantee
                .as_deref()
                .map_or_else(|| "PUBLIC".to_owned(), names::ident);
            let option = if grant.is_grantable {
                " WITH GRANT OPTION"
            } else {
                ""
            };
            all.push(format!(
                "GRANT {} ON {whom} TO {grantee}{option}",
                grant.privilege
            ));
        }
    }
    all
}

/// What gives the database its comment, or none.
pub(crate) fn comment(name: &str, comment: Option<&str>) -> String {
    let text = comment.map_or_else(|| "NULL".to_owned(), names::literal);
    format!("COMMENT ON DATABASE {} IS {text}", names::ident(name))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use super::*;

    #[test]
    fn settings_keep_their_value() {
        let set = |setting| set("DATABASE x", setting).unwrap();
        assert_eq!(
            set("work_mem=64MB"),
            "ALTER DATABASE x SET \"work_mem\" TO '64MB'"
        );
        assert_eq!(
            set("app.name=it's = odd"),
            "ALTER DATABASE x SET \"app\".\"name\" TO 'it''s = odd'"
        );
        assert_eq!(
            set(r#"search_path="$user", public,"a, ""b""#),
            r#"ALTER DATABASE x SET "search_path" TO '$user', 'public', 'a, "b'"#
        );
        assert_eq!(
            set("search_path="),
            "ALTER DATABASE x SET \"search_path\" TO ''"
        );
    }
}
