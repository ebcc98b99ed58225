//! `ytops agent` as it is started, against a console as it is started: refused, cut off, and back.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test ends at the first surprise"
)]

mod namespaces;
#[path = "../nginx/mod.rs"]
mod nginx;
mod pieces;
#[path = "../process/program.rs"]
#[expect(dead_code, reason = "the tests of the program use all of it")]
mod program;

use std::time::Duration;

use sqlx::PgPool;

use namespaces::Namespace;
use nginx::{Nginx, find_nginx, free_port};
use pieces::{Agent, Console, hosts, largest_gap, passed_over, token, until};

/// A second and what a busy machine makes of it.
const FEW_MS: i64 = 5_000;

/// For so long a host is cut off: longer than a flush, so that it is seen to stand still.
const CUT_MS: i64 = 15_000;

/// Three hosts, which are network namespaces here, send over TLS through nginx. One is cut off: it stands still, and the
/// others go on. Back again, it sends what it held.
#[sqlx::test(migrations = "../migrations")]
async fn of_three_hosts_one_is_cut_off_and_loses_nothing(db: PgPool) {
    let Some(program) = find_nginx() else {
        return passed_over(
            "three agents in network namespaces",
            "nginx is not installed",
        );
    };
    let mut spaces = Vec::new();
    for number in 0..3 {
        match Namespace::new(number) {
            Ok(space) => spaces.push(space),
            Err(why) => return passed_over("three agents in network namespaces", &why),
        }
    }
    let console = Console::start(&db, free_port());
    let names: Vec<String> = spaces
        .iter()
        .map(|space| format!("IP:{}", space.outside))
        .collect();
    let nginx = Nginx::start(&program, console.address(), &names);
    let ca = nginx.folder.join("ca.pem").display().to_string();
    let _agents: Vec<Agent> = (spaces.iter().enumerate())
        .map(|(number, space)| {
            let (name, url) = (format!("host-{number}"), space.url(nginx.https));
            let token = token(&db, Some(&name));
            Agent::start(
                Some(space),
                &token,
                &["--join", &url, "--host", &name, "--ca", &ca],
            )
        })
        .collect();
    let newest = async |number: usize| hosts(&db).await[number].1;
    until("all three are stored", async || {
        let hosts = hosts(&db).await;
        hosts.len() == 3 && hosts.iter().all(|(_, until)| *until > 0)
    })
    .await;
    let first = newest(0).await;

    spaces[0].link(false);
    let cut = newest(1).await;
    let others_at = async |at: i64| newest(1).await > at && newest(2).await > at;
    // What was on its way when the cable was pulled may yet be stored.
    until("the others go on", async || others_at(cut + CUT_MS).await).await;
    let stands_at = newest(0).await;
    until("they still do", async || others_at(cut + 2 * CUT_MS).await).await;
    assert_eq!(
        newest(0).await,
        stands_at,
        "a host that is cut off stands still"
    );

    spaces[0].link(true);
    let back = cut + 2 * CUT_MS;
    until("it is back", async || newest(0).await > back).await;
    for number in 0..3 {
        let name = format!("host-{number}");
        let gap = largest_gap(&db, &name, first, back).await;
        assert!(gap < FEW_MS, "{name} has a gap of {gap} ms");
    }
}

/// A console that is killed takes what it had not stored along; the agent has it yet. An agent that is told to end sends
/// what it read last.
#[sqlx::test(migrations = "../migrations")]
async fn a_console_that_is_killed_loses_nothing_of_other_hosts(db: PgPool) {
    let port = free_port();
    let console = Console::start(&db, port);
    // The first that it is used for: nobody has to name the host.
    let token = token(&db, None);
    let url = format!("http://127.0.0.1:{port}");
    let mut agent = Agent::start(None, &token, &["--join", &url, "--host", "host-1"]);
    let newest = async || hosts(&db).await.first().map_or(0, |(_, until)| *until);
    until("it is stored", async || newest().await > 0).await;
    let first = newest().await;
    // Some seconds after a flush and before the next one.
    until("it is stored again", async || newest().await > first).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    drop(console);
    agent.wait_for("The console can't be reached").await;
    let console = Console::start(&db, port);
    agent.wait_for("The console answers again").await;
    let killed = newest().await;
    until("it goes on", async || newest().await > killed + CUT_MS).await;
    let gap = largest_gap(&db, "host-1", first, killed + CUT_MS).await;
    assert!(gap < FEW_MS, "a gap of {gap} ms");

    let (took, well) = agent.stop();
    assert!(well, "{:?}", agent.heard());
    assert!(took < Duration::from_secs(2), "{took:?}");
    console.stop();
    // It was read until the end and stored at the console's.
    assert!(newest().await > killed + CUT_MS);
}

#[sqlx::test(migrations = "../migrations")]
async fn what_is_refused_is_said_with_what_to_do(db: PgPool) {
    let port = free_port();
    let console = Console::start(&db, port);
    let url = format!("http://127.0.0.1:{port}");
    let own = token(&db, Some("host-1"));
    for (token, args, told) in [
        (
            "ytops_none",
            ["--join", &url, "--host", "host-1"],
            "Make one on the console's host: ytops token add --role agent",
        ),
        (
            &own,
            ["--join", &url, "--host", "host-2"],
            "sends for host-1 alone",
        ),
        (
            &own,
            ["--join", &format!("{url}/elsewhere"), "--host", "host-1"],
            "See to --join",
        ),
    ] {
        let mut agent = Agent::start(None, token, &args);
        agent.wait_for(told).await;
        let (_, well) = agent.stop();
        assert!(well, "it went on: {:?}", agent.heard());
        let secret = agent.heard().iter().any(|line| line.contains(&own));
        assert!(!secret, "{:?}", agent.heard());
    }
    for (args, told) in [
        (
            &["--join", "http://192.0.2.1"][..],
            "whoever is on the way could read the token",
        ),
        (
            &["--join", "ops.example.com"],
            "takes the console's address",
        ),
        (
            &["--join", "https://192.0.2.1", "--ca", "/nowhere"],
            "holds no certificate",
        ),
        (&["--join", &url, "--host", "a b"], "--host takes a name"),
    ] {
        let mut agent = Agent::start(None, &own, args);
        agent.wait_for(told).await;
        assert!(!agent.ended().await, "it does not go on: {args:?}");
    }
    let mut agent = Agent::start(None, "", &["--join", &url]);
    agent.wait_for("YTOPS_TOKEN_FILE").await;
    let Some(program) = find_nginx() else {
        return passed_over("an agent and TLS", "nginx is not installed");
    };
    let nginx = Nginx::start(&program, console.address(), &["IP:127.0.0.1".to_owned()]);
    let ca = nginx.folder.join("ca.pem").display().to_string();
    let (https, http) = (nginx.https, nginx.http);
    for (url, args, told) in [
        (
            format!("https://127.0.0.1:{https}"),
            &[][..],
            "an authority that is not trusted",
        ),
        (
            format!("https://localhost:{https}"),
            &["--ca", &ca],
            "its certificate is for another name",
        ),
        (
            format!("http://127.0.0.1:{http}"),
            &[],
            "Give that address to --join",
        ),
    ] {
        let args = [&["--join", &url, "--host", "host-1"], args].concat();
        Agent::start(None, &own, &args).wait_for(told).await;
    }
}
