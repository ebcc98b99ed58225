//! How the database is entered, for programs that enter it beside this one.

use sqlx::{ConnectOptions, PgPool};

/// Where the database is and as whom it is entered.
#[derive(Clone, PartialEq, Eq)]
pub struct Entered {
    /// A host name, an address, or the folder of a Unix socket.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The user.
    pub user: String,
    /// The password, where there is one.
    pub password: Option<String>,
    /// The database.
    pub database: String,
}

impl Entered {
    /// Where it is, for people.
    pub fn place(&self) -> String {
        if self.host.starts_with('/') {
            format!("{}/.s.PGSQL.{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// How the pool enters its database.
pub fn entered(db: &PgPool) -> Entered {
    let options = db.connect_options();
    let host = options.get_socket().map_or_else(
        || options.get_host().to_owned(),
        |socket| socket.display().to_string(),
    );
    let user = options.get_username().to_owned();
    // The options hand out no password, their address does.
    let password = options.to_url_lossy().password().map(|password| {
        percent_encoding::percent_decode_str(password)
            .decode_utf8_lossy()
            .into_owned()
    });
    Entered {
        host,
        port: options.get_port(),
        database: options.get_database().unwrap_or(&user).to_owned(),
        user,
        password: password.filter(|password| !password.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Option<Entered> {
        crate::connect(url).ok().map(|db| entered(&db))
    }

    #[tokio::test]
    async fn a_pool_tells_how_it_is_entered() {
        let by_host = of("postgres://ytops:a%40b%2Fc%25@db.example:5433/console");
        assert!(by_host.is_some_and(|entered| {
            entered.host == "db.example"
                && entered.port == 5_433
                && entered.user == "ytops"
                && entered.password.as_deref() == Some("a@b/c%")
                && entered.database == "console"
                && entered.place() == "db.example:5433"
        }));
        let by_socket = of("postgres://ytops@localhost/console?host=/run/pg");
        assert!(by_socket.is_some_and(|entered| {
            entered.host == "/run/pg"
                && entered.password.is_none()
                && entered.place() == "/run/pg/.s.PGSQL.5432"
        }));
    }
}
