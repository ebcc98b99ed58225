//! The two coverage tests: no way in is missing from the access table, and every row turns away who lacks it.
#![expect(clippy::expect_used, reason = "a test ends at the first surprise")]

use std::{collections::BTreeSet, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode, header},
};
use ops::{Actor, Caller, Ops, Who, identity, outside::Clock};
use server::{
    adapters::SystemClock,
    config::Config,
    http::{
        self,
        access::{ENTRIES, Gate},
    },
};
use sqlx::PgPool;
use tokio::sync::watch;
use tower::ServiceExt;
use types::{Capability, Role, access::Reach, identity::TokenRequest};

fn router(ops: &Ops) -> Router {
    let (_stop, stopped) = watch::channel(false);
    http::router_with_site(
        ops,
        &Config::default(),
        http::site::Sites::default(),
        stopped,
    )
}

fn tools(db: PgPool) -> Ops {
    Ops::new(db, Arc::new(SystemClock))
}

/// The secret of a token with this role, confined to the team with the id `team` or not.
async fn token(ops: &Ops, role: Role, team: Option<i64>) -> String {
    let request = TokenRequest {
        name: format!("{} {:x}", role.as_str(), rand::random::<u64>()),
        role,
        team,
        days: 1,
        host: None,
    };
    let made = identity::tokens::create(ops, &Actor::system(), &request).await;
    made.expect("a token").secret
}

/// Who tries to enter.
#[derive(Clone)]
enum Visitor {
    Stranger,
    SignedIn(Actor),
    Token(String),
}

fn actor(role: Role) -> Actor {
    Actor {
        who: Who::User {
            id: 1,
            session: vec![0; 32],
            proved_at: None,
            has_second_factor: false,
        },
        name: format!("{}@example.com", role.as_str()),
        role,
        teams: vec!["platform".to_owned()],
        caller: Caller::default(),
    }
}

/// The same, who just proved their password.
fn proved(actor: Actor) -> Actor {
    Actor {
        who: Who::User {
            id: 1,
            session: vec![0; 32],
            proved_at: Some(SystemClock.now()),
            has_second_factor: false,
        },
        ..actor
    }
}

/// A lead of a team that owns nothing.
fn other_lead() -> Actor {
    Actor {
        teams: vec!["other".to_owned()],
        ..actor(Role::TeamLead)
    }
}

/// A path that the pattern matches.
fn filled(pattern: &str) -> String {
    pattern
        .split('/')
        .map(|part| if part.starts_with('{') { "1" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

async fn status(router: &Router, method: &str, path: &str, visitor: Visitor) -> StatusCode {
    let mut request = Request::builder()
        .method(method)
        .uri(filled(path))
        .header(header::HOST, "127.0.0.1:3000")
        .header(header::ORIGIN, "http://127.0.0.1:3000")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::empty())
        .expect("a request");
    request
        .extensions_mut()
        .insert(ConnectInfo(SocketAddr::from(([203, 0, 113, 1], 9))));
    match visitor {
        Visitor::Stranger => {}
        Visitor::SignedIn(actor) => {
            request.extensions_mut().insert(actor);
        }
        Visitor::Token(secret) => {
            let value = format!("Bearer {secret}").parse().expect("a header");
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
    }
    router
        .clone()
        .oneshot(request)
        .await
        .expect("an answer")
        .status()
}

#[sqlx::test(migrations = "../migrations")]
async fn every_way_in_is_in_the_table(db: PgPool) {
    // Building the router registers the server functions.
    let _router = router(&tools(db));
    let in_table: BTreeSet<(String, String)> = ENTRIES
        .iter()
        .map(|entry| (entry.method.to_owned(), entry.path.to_owned()))
        .collect();
    let functions = server_fn::axum::server_fn_paths()
        .map(|(path, method)| (method.to_string(), path.to_owned()));
    let found: BTreeSet<(String, String)> = http::routes().into_iter().chain(functions).collect();
    let missing: Vec<_> = found.difference(&in_table).collect();
    let gone: Vec<_> = in_table.difference(&found).collect();
    assert!(missing.is_empty(), "not in the access table: {missing:?}");
    assert!(
        gone.is_empty(),
        "in the access table, but no way in: {gone:?}"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn every_row_turns_away_who_lacks_it(db: PgPool) {
    let ops = tools(db);
    let router = router(&ops);
    let mut tried = 0;
    for entry in ENTRIES {
        if entry.gate == Gate::Public {
            continue;
        }
        let unknown = status(&router, entry.method, entry.path, Visitor::Stranger).await;
        assert!(
            unknown == StatusCode::UNAUTHORIZED || unknown == StatusCode::SEE_OTHER,
            "{} {} answered a stranger with {unknown}",
            entry.method,
            entry.path
        );
        tried += 1;
        let is_api_call = entry.path.starts_with("/api/") && entry.method != "GET";
        let Gate::May(capability) = entry.gate else {
            // Whoever is signed in gets in, whatever their role; what is one's own is found by the use-case.
            for who in Role::OF_USERS
                .map(actor)
                .into_iter()
                .chain([other_lead()])
                .map(proved)
            {
                let told = format!("{} {} by {}", entry.method, entry.path, who.name);
                let answer =
                    status(&router, entry.method, entry.path, Visitor::SignedIn(who)).await;
                // No session stands behind these actors, and the API's users are a CTO's to read.
                let reads_users = entry.path == "/api/v1/users";
                assert!(
                    answer != StatusCode::FORBIDDEN || reads_users,
                    "{told}: {answer}"
                );
                tried += 1;
            }
            continue;
        };
        for role in Role::ALL {
            let reach = capability.reach(role);
            // A cookie changes nothing through the API.
            let visitor = if is_api_call {
                Visitor::Token(token(&ops, role, None).await)
            } else {
                // What is refused is refused for the role, not for a proof that lacks.
                Visitor::SignedIn(proved(actor(role)))
            };
            let answer = status(&router, entry.method, entry.path, visitor).await;
            // Whoever acts only during an incident of theirs is let in here and turned away by the use-case, which
            // looks for the service first.
            let verifies = (entry.method, entry.path) == ("POST", "/api/v1/verification")
                || entry.path == "/fn/verify";
            let refused = match reach {
                Reach::OwnIncident => verifies,
                // These tokens lead no team.
                Reach::OwnTeam => verifies && is_api_call,
                reach => reach == Reach::None,
            };
            assert_eq!(
                answer == StatusCode::FORBIDDEN,
                refused,
                "{} {} answered {role:?} with {answer}",
                entry.method,
                entry.path
            );
            assert!(
                reach != Reach::OwnIncident || !answer.is_success(),
                "{} {answer}",
                entry.path
            );
            tried += 1;
        }
        let lead = if is_api_call {
            Visitor::Token(token(&ops, Role::TeamLead, None).await)
        } else {
            Visitor::SignedIn(other_lead())
        };
        let answer = status(&router, entry.method, entry.path, lead).await;
        let refused = capability.reach(Role::TeamLead) == Reach::None
            || (entry.method, entry.path) == ("POST", "/api/v1/verification");
        assert_eq!(
            answer == StatusCode::FORBIDDEN,
            refused,
            "{} {answer}",
            entry.path
        );
        tried += 1;
    }
    assert!(tried > 100, "the table was walked: {tried}");
}

/// The token of a CTO, confined to a team: it never manages, and what is of the whole platform, or an agent's, is not for it.
#[sqlx::test(migrations = "../migrations")]
async fn a_confined_token_is_turned_away_from_the_whole(db: PgPool) {
    let ops = tools(db);
    let router = router(&ops);
    let confined = token(&ops, Role::Cto, Some(1)).await;
    let of_others = [
        "/api/v1/verification",
        "/api/v1/users",
        "/api/v1/samples",
        "/api/v1/backup-targets",
        "/api/v1/backup-targets/{id}/verify",
    ];
    let mut tried = 0;
    for entry in ENTRIES.iter().filter(|entry| entry.gate != Gate::Public) {
        let visitor = Visitor::Token(confined.clone());
        let answer = status(&router, entry.method, entry.path, visitor).await;
        let told = format!("{} {} answered with {answer}", entry.method, entry.path);
        if entry.path.starts_with("/api/") {
            let refused = of_others.contains(&entry.path);
            assert_eq!(answer == StatusCode::FORBIDDEN, refused, "{told}");
        } else {
            // No token gets in where people do.
            assert!(
                answer == StatusCode::UNAUTHORIZED || answer == StatusCode::SEE_OTHER,
                "{told}"
            );
        }
        tried += 1;
    }
    assert!(tried > 60, "{tried}");
}

/// Whoever finds an agent's token can send samples of its host, and sees nothing.
#[sqlx::test(migrations = "../migrations")]
async fn an_agents_token_gets_in_at_one_place(db: PgPool) {
    let ops = tools(db);
    let router = router(&ops);
    let agent = token(&ops, Role::Agent, None).await;
    let mut let_in = Vec::new();
    for entry in ENTRIES.iter().filter(|entry| entry.gate != Gate::Public) {
        let visitor = Visitor::Token(agent.clone());
        let answer = status(&router, entry.method, entry.path, visitor).await;
        let refused = [
            StatusCode::FORBIDDEN,
            StatusCode::UNAUTHORIZED,
            StatusCode::SEE_OTHER,
        ];
        if !refused.contains(&answer) {
            let_in.push(entry.path);
        }
    }
    assert_eq!(let_in, ["/api/v1/samples"]);
}

#[test]
fn roles_differ_in_the_table() {
    // A table that lets everyone through would pass the walk above.
    let guarded = |capability| {
        ENTRIES
            .iter()
            .any(|entry| entry.gate == Gate::May(capability))
    };
    assert!(
        guarded(Capability::Manage)
            && guarded(Capability::OperateServices)
            && guarded(Capability::SeeAudit)
    );
}

/// The page of roles lists what is used.
#[test]
fn what_is_used_is_what_an_entry_asks_for() {
    for capability in Capability::ALL {
        let is_asked_for = ENTRIES
            .iter()
            .any(|entry| entry.gate == Gate::May(capability));
        assert_eq!(capability.is_used(), is_asked_for, "{capability:?}");
    }
}
