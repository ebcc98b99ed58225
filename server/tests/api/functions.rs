//! Whatever a form holds: never a 500, never a stored change, and what is none of its type is named.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    body::Body,
    http::{HeaderValue, Request, StatusCode, header::CONTENT_TYPE},
};
use ops::{Actor, Caller, Ops, Who, identity::Passwords};
use server::{adapters::SystemClock, config::Config, http::access::ENTRIES};
use sqlx::PgPool;
use types::{Role, identity::NewUser};

use crate::console::{Answer, Console, form};

/// The fields of every server function, each with a value that its decoder takes; together they are refused, and with
/// one of them changed still are.
const FORMS: [(&str, &str); 75] = [
    ("setup_link", "token=x"),
    ("set_up", "token=none&name=&email=none&password=short"),
    (
        "sign_in",
        "email=none@example.com&password=wrong&code=&next=",
    ),
    ("set_theme", "theme=none"),
    ("sign_out", ""),
    ("me", ""),
    ("change_password", "current=wrong&new=short"),
    ("sessions", "user=999999"),
    ("end_session", "handle=00"),
    ("end_other_sessions", ""),
    ("begin_totp", "password=wrong&code="),
    ("confirm_totp", "code=000000"),
    ("regenerate_codes", "password=wrong&code="),
    ("disable_totp", "password=wrong&code="),
    ("tokens", ""),
    (
        "create_token",
        "name=&role=viewer&team=999999&host=&days=0&password=&code=",
    ),
    ("revoke_token", "id=999999"),
    ("users", ""),
    ("user", "id=999999"),
    (
        "create_user",
        "name=&email=none&role=viewer&teams[]=999999&new_password=short&password=&code=",
    ),
    (
        "update_user",
        "id=999999&name=&email=none&role=viewer&teams[]=999999&password=&code=",
    ),
    (
        "set_user_disabled",
        "id=999999&disabled=true&password=&code=",
    ),
    (
        "reset_password",
        "id=999999&new_password=short&password=&code=",
    ),
    ("remove_totp", "id=999999&password=&code="),
    ("teams", ""),
    ("named_teams", ""),
    ("create_team", "name="),
    ("rename_team", "id=999999&new_name="),
    ("delete_team", "id=999999&password=&code="),
    ("set_service_team", "project=none&service=none&team=999999"),
    ("thresholds", ""),
    (
        "set_thresholds",
        "min_cores=x&min_memory_gib=x&min_storage_tb=1&max_response_ms=1&max_error_rate=1&max_disk_usage=1\
         &max_cpu_usage=1&max_memory_usage=1&expect_gpu=",
    ),
    ("targets", ""),
    ("set_target", "name=none&url=none"),
    ("overview", ""),
    ("health", ""),
    ("preflight", ""),
    ("stack", ""),
    ("service", "project=none&service=none"),
    ("events", "before=1"),
    ("verify", ""),
    (
        "operate",
        "project=none&service=none&operation=stop&typed_name=&password=&code=",
    ),
    (
        "audit",
        "filter[actor]=&filter[action]=&filter[target]=&filter[result]=&filter[since]=&filter[until]=&filter[before]=1",
    ),
    ("end_session", "handle=zz"),
    (
        "charts",
        "host=none&view=overview&project=&service=&range=1200s&points=1&before_s=0",
    ),
    ("retention", ""),
    ("set_retention", "second_days=x&minute_days=1&hour_days=1"),
    ("sample_sizes", ""),
    ("backup_sets", ""),
    ("backup_set", "id=999999"),
    ("backup_trend", "id=999999"),
    ("backups", "before=1"),
    ("run_backup", "id=999999"),
    ("run_drill", "id=999999"),
    ("operation", "id=999999"),
    ("cancel_operation", "id=999999"),
    ("next_runs", "schedule=none&time_zone=none"),
    (
        "create_backup_set",
        "name=&team=none&enabled=true&schedule=none&time_zone=none&within_days=x&daily=1&weekly=1&monthly=1&rpo_minutes=1&rto_minutes=1\
         &checksum_mib=1&paths=none&excludes=&targets[]=999999",
    ),
    (
        "update_backup_set",
        "id=999999&name=&team=none&enabled=true&schedule=none&time_zone=none&within_days=x&daily=1&weekly=1&monthly=1&rpo_minutes=1&rto_minutes=1\
         &checksum_mib=1&paths=none&excludes=&targets[]=999999",
    ),
    ("backup_targets", ""),
    ("create_backup_target", "name=&location=none"),
    ("remove_backup_target", "id=999999"),
    ("check_backup_target", "id=999999"),
    ("recovery_sheet", "password=wrong&code="),
    ("restore_plan", "id=999999&only[]=none"),
    (
        "restore_backup",
        "id=999999&typed_name=none&way=beside&to=none&only[]=none&password=&code=",
    ),
    ("undo_restore", "id=999999&typed_name=none&password=&code="),
    ("backup_files", "id=999999&path=none"),
    (
        "unlock_download",
        "id=999999&path=none&password=wrong&code=",
    ),
    ("runbooks", ""),
    ("runbook_run", "id=999999"),
    (
        "start_runbook",
        "plan=data_loss&of=none&typed_name=none&password=&code=",
    ),
    ("rehearse_runbook", "plan=data_loss&of=none"),
    (
        "runbook_step",
        "id=999999&place=1&act=skip&note=none&password=&code=",
    ),
    ("abandon_runbook", "id=999999&reason=none"),
];

/// Values that are none of the type of a field of this name.
fn wrong_types(field: &str) -> &'static [&'static str] {
    match field {
        "id" | "teams[]" | "targets[]" => {
            &["abc", "", "1.5", "99999999999999999999", "0x1", "null"]
        }
        "user" | "before" | "filter[before]" => &["abc", "1.5", "99999999999999999999"],
        "role" => &["boss", "", "Cto", "0"],
        "disabled" => &["maybe", "", "1"],
        "way" => &["elsewhere", "", "InPlace"],
        "operation" => &["x", "", "Stop"],
        "plan" => &["x", "", "DataLoss"],
        "place" => &["abc", "", "1.5", "99999"],
        "act" => &["x", "", "Begin"],
        "view" => &["x", "", "Cpu"],
        "points" => &["abc", "-1", "70000", ""],
        "before_s" => &["abc", "-1", "4294967296"],
        _ => &[],
    }
}

/// The largest id that there could be.
const LARGEST: &str = "9223372036854775807";

fn hostile() -> Vec<String> {
    let mut values: Vec<String> = [
        "%FF",
        "a%00b",
        "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "x'%3B%20DROP%20TABLE%20users%3B--",
        "%E2%80%AE",
        "..%2F..%2Fetc%2Fpasswd",
        "-1",
        LARGEST,
    ]
    .map(str::to_owned)
    .to_vec();
    values.push("x".repeat(1_001));
    values.push("x".repeat(30_000));
    values
}

struct Walk {
    console: Console,
    actor: Actor,
}

impl Walk {
    async fn new(db: PgPool) -> Self {
        let passwords = Passwords::with_cost(8, 1, 1).unwrap();
        let ops = Ops::new(db.clone(), Arc::new(SystemClock)).with_passwords(passwords);
        let new = NewUser {
            email: "cto@example.com".to_owned(),
            name: "Cto".to_owned(),
            role: Role::Cto,
            teams: Vec::new(),
            password: "a-quiet-harbour".to_owned(),
        };
        let user = ops::identity::users::create(&ops, &Actor::system(), &new)
            .await
            .unwrap();
        let actor = Actor {
            who: Who::User {
                id: user.id,
                session: vec![0; 32],
                // The walk takes longer than a proof counts.
                proved_at: Some(ops.clock.now() + time::Duration::hours(1)),
                has_second_factor: false,
            },
            name: user.email,
            role: Role::Cto,
            teams: Vec::new(),
            caller: Caller::default(),
        };
        let console = Console::over(db, ops, &Config::default());
        Self { console, actor }
    }

    async fn send(&self, function: &str, body: String) -> Answer {
        let mut asked: Request<Body> = form(&format!("/fn/{function}"), &body, "*/*");
        asked.extensions_mut().insert(self.actor.clone());
        let answer = self.console.ask(asked).await;
        let shown: String = body.chars().take(200).collect();
        let told = format!("{function} {shown}: {}", answer.text());
        assert!(answer.status.as_u16() < 500, "{told}");
        assert!(answer.body.len() < 16 * 1024, "{told}");
        if answer.status.is_client_error() {
            answer.problem();
        }
        answer
    }

    /// All that the forms could have changed; tries of a password are counted elsewhere.
    async fn facts(&self) -> BTreeMap<String, i64> {
        let mut counts: BTreeMap<_, _> = self.console.row_counts().await.into_iter().collect();
        counts.remove("sign_in_failure");
        // `verify` without a wrong word runs the checks, which are kept.
        counts.retain(|table, _| !table.starts_with("health_"));
        counts
    }
}

fn with(body: &str, field: &str, value: &str) -> String {
    let pairs = body.split('&').map(|pair| {
        let (name, old) = pair.split_once('=').unwrap();
        format!("{name}={}", if name == field { value } else { old })
    });
    pairs.collect::<Vec<_>>().join("&")
}

#[test]
fn every_function_is_walked() {
    let walked: std::collections::BTreeSet<String> = FORMS
        .iter()
        .map(|(name, _)| format!("/fn/{name}"))
        .collect();
    let all = ENTRIES
        .iter()
        .map(|entry| entry.path.to_owned())
        .filter(|path| path.starts_with("/fn/"))
        .collect();
    assert_eq!(walked, all);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_wrong_type_is_named_and_nothing_is_stored(db: PgPool) {
    let walk = Walk::new(db).await;
    let before = walk.facts().await;
    let mut named = 0;
    for (function, body) in FORMS {
        for field in body.split('&').filter_map(|pair| pair.split('=').next()) {
            for value in wrong_types(field) {
                let answer = walk.send(function, with(body, field, value)).await;
                let bare = field.trim_end_matches("[]");
                let bare = bare
                    .strip_prefix("filter[")
                    .map_or(bare, |part| part.trim_end_matches(']'));
                assert_eq!(
                    answer.status,
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "{function} {field}={value}"
                );
                assert_eq!(answer.fields(), [bare], "{function} {field}={value}");
                named += 1;
            }
        }
    }
    assert!(named > 60, "{named}");
    assert_eq!(walk.facts().await, before);
}

#[sqlx::test(migrations = "../migrations")]
async fn hostile_values_are_never_a_fault_and_never_stored(db: PgPool) {
    let walk = Walk::new(db).await;
    let before = walk.facts().await;
    let hostile = hostile();
    for (function, body) in FORMS {
        for value in &hostile {
            for field in body.split('&').filter_map(|pair| pair.split('=').next()) {
                // A number is a name that a team may have.
                if field.is_empty() || function == "create_team" && value == LARGEST {
                    continue;
                }
                let answer = walk.send(function, with(body, field, value)).await;
                let text = answer.text();
                assert!(
                    !(text.contains("<script>") && answer.header("content-type").contains("html")),
                    "{function} {field}: {text}"
                );
            }
        }
        let nothing = walk.send(function, "none%00=%00".to_owned()).await;
        assert_eq!(
            nothing.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{function}"
        );
        assert_eq!(nothing.fields(), ["none"], "{function}");
        let large = walk
            .send(function, format!("x={}", "x".repeat(64 * 1024)))
            .await;
        assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE, "{function}");
        assert_eq!(large.problem()["limit_bytes"], 64 * 1024);
    }
    assert_eq!(walk.facts().await, before);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_form_is_looked_at_whatever_type_it_says_it_is_of(db: PgPool) {
    let walk = Walk::new(db).await;
    for kind in [
        Some("Application/X-WWW-Form-URLEncoded"),
        Some("text/plain"),
        Some("multipart/form-data; boundary=x"),
        None,
    ] {
        let mut asked = form("/fn/revoke_token", "id=abc", "*/*");
        asked.extensions_mut().insert(walk.actor.clone());
        asked.headers_mut().remove(CONTENT_TYPE);
        if let Some(kind) = kind {
            asked
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        let answer = walk.console.ask(asked).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{kind:?}: {}",
            answer.text()
        );
        assert_eq!(answer.fields(), ["id"], "{kind:?}");
    }
}

/// A mebibyte of NULs costs nobody the memory of an answer that names each.
#[sqlx::test(migrations = "../migrations")]
async fn answers_have_a_bound_whatever_is_wrong(db: PgPool) {
    let console = Console::new(db);
    let token = console.token(Role::Viewer).await;
    let nuls = "%00&".repeat(16 * 1024);
    assert_eq!(nuls.len(), 64 * 1024);
    let answer = console.ask(form("/fn/sign_in", &nuls, "*/*")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.fields().len(), 20);
    assert!(answer.body.len() < 8 * 1024, "{}", answer.body.len());
    let plain = console.ask(form("/fn/sign_in", &nuls, "text/html")).await;
    assert_eq!(plain.status, StatusCode::FOUND);
    assert!(plain.header("location").len() < 8 * 1024);
    let long = format!("{}=%00&", "n".repeat(2_000)).repeat(10);
    let answer = console.ask(form("/fn/sign_in", &long, "*/*")).await;
    assert!(answer.body.len() < 8 * 1024, "{}", answer.body.len());
    for flood in ["%00&".repeat(8_000), "nobody=1&".repeat(4_000)] {
        let answer = console.get(&format!("/api/v1/stack?{flood}"), &token).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.len() < 8 * 1024, "{}", answer.body.len());
    }
}
