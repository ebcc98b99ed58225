//! Waits that grow with failures, and whom they do not hold.

use futures::future::join_all;
use ops::identity::{
    self,
    waits::{ACCOUNT_WAIT, wait_after},
};
use sqlx::PgPool;
use time::Duration;
use types::{Error, Role};

use crate::world::{HOME, OTHER_PASSWORD, PASSWORD, World, told, waits};

const ADA: &str = "ada@example.com";

impl World {
    async fn fails(&self, email: &str, address: &str) {
        let error = told(self.sign_in(email, OTHER_PASSWORD, address).await);
        assert_eq!(error, Error::WrongCredentials);
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_whole_table(db: PgPool) {
    let world = World::new(db);
    world.user(ADA, Role::Viewer).await;
    for failures in 1..=25 {
        world.fails(ADA, HOME).await;
        let checks = world.ops.passwords.checks();
        let Some(wait) = wait_after(failures) else {
            continue;
        };
        // Even the right password waits, and nobody looks at it.
        let seconds = u64::try_from(wait.whole_seconds()).unwrap();
        assert_eq!(
            waits(world.sign_in(ADA, PASSWORD, HOME).await),
            seconds,
            "after {failures}"
        );
        world.pass(wait - Duration::milliseconds(1));
        assert_eq!(waits(world.sign_in(ADA, PASSWORD, HOME).await), 1);
        assert_eq!(world.ops.passwords.checks(), checks);
        world.pass(Duration::milliseconds(1));
    }
    world.sign_in(ADA, PASSWORD, HOME).await.unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_success_forgets_the_pair_and_not_the_address(db: PgPool) {
    let world = World::new(db);
    world.user(ADA, Role::Viewer).await;
    for _ in 0..6 {
        world.fails(ADA, HOME).await;
    }
    world.sign_in(ADA, PASSWORD, HOME).await.unwrap();
    assert_eq!(
        world
            .count("SELECT count(*) FROM sign_in_failure WHERE key LIKE 'pair:%'")
            .await,
        0
    );
    let address = "SELECT failures::bigint FROM sign_in_failure WHERE key = 'address:203.0.113.9'";
    assert_eq!(world.count(address).await, 6);
    world.fails("eve@example.com", HOME).await;
    assert_eq!(
        waits(world.sign_in("eve@example.com", PASSWORD, HOME).await),
        60
    );
    // Elsewhere nobody waits.
    world.sign_in(ADA, PASSWORD, "198.51.100.7").await.unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_address_waits_whatever_account_it_tries(db: PgPool) {
    let world = World::new(db);
    for n in 0..7 {
        world.fails(&format!("user{n}@example.com"), HOME).await;
    }
    assert_eq!(
        waits(world.sign_in("another@example.com", PASSWORD, HOME).await),
        60
    );
    world.pass(Duration::hours(24));
    world.fails("another@example.com", HOME).await;
    let address = "SELECT failures::bigint FROM sign_in_failure WHERE key = 'address:203.0.113.9'";
    assert_eq!(world.count(address).await, 1, "forgotten after a quiet day");
}

#[sqlx::test(migrations = "../../migrations")]
async fn of_a_burst_no_more_are_looked_at_than_the_table_allows(db: PgPool) {
    let world = World::new(db);
    world.user(ADA, Role::Viewer).await;
    let before = world.ops.passwords.checks();
    let tries = (0..50).map(|_| world.sign_in(ADA, OTHER_PASSWORD, HOME));
    let errors: Vec<Error> = join_all(tries).await.into_iter().map(told).collect();
    let looked_at = errors
        .iter()
        .filter(|error| **error == Error::WrongCredentials)
        .count();
    let blocked = errors
        .iter()
        .filter(|error| matches!(error, Error::TooManyTries { .. }))
        .count();
    assert_eq!((looked_at, blocked), (7, 43));
    assert_eq!(world.ops.passwords.checks() - before, 7);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_burst_of_right_ones_leaves_no_wait(db: PgPool) {
    let world = World::new(db);
    world.user(ADA, Role::Viewer).await;
    let tries = (0..6).map(|_| world.sign_in(ADA, PASSWORD, HOME));
    for outcome in join_all(tries).await {
        outcome.unwrap();
    }
    let left = world
        .count("SELECT coalesce(sum(failures), 0)::bigint FROM sign_in_failure")
        .await;
    assert_eq!(left, 0);
    world.sign_in(ADA, PASSWORD, HOME).await.unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_account_attacked_from_everywhere_lets_its_owner_in_from_a_known_device(db: PgPool) {
    let world = World::new(db);
    world.user(ADA, Role::Viewer).await;
    let at_home = world.sign_in(ADA, PASSWORD, HOME).await.unwrap();
    let device = at_home.device_token.clone().unwrap();
    let session = world.open(&at_home).await;
    for n in 0..51 {
        world.fails(ADA, &format!("198.51.100.{n}")).await;
    }
    let seconds = u64::try_from(ACCOUNT_WAIT.whole_seconds()).unwrap();
    assert_eq!(
        waits(world.sign_in(ADA, PASSWORD, "192.0.2.1").await),
        seconds
    );
    assert_eq!(waits(world.sign_in(ADA, PASSWORD, HOME).await), seconds);
    let stranger = "f".repeat(64);
    let outcome = world
        .sign_in_with(ADA, PASSWORD, None, Some(&stranger), HOME)
        .await;
    assert_eq!(waits(outcome), seconds);
    world
        .sign_in_with(ADA, PASSWORD, None, Some(&device), HOME)
        .await
        .unwrap();
    // The session that was open stays open, and its owner can prove their password in it.
    let actor = world.actor_of(session).await.unwrap();
    identity::prove(&world.ops, &actor, PASSWORD, None)
        .await
        .unwrap();
    world.pass(ACCOUNT_WAIT);
    world.sign_in(ADA, PASSWORD, "192.0.2.1").await.unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_unknown_account_waits_like_a_known_one(db: PgPool) {
    let world = World::new(db);
    for n in 0..51 {
        world
            .fails("nobody@example.com", &format!("198.51.100.{n}"))
            .await;
    }
    let wait = waits(world.sign_in("nobody@example.com", PASSWORD, HOME).await);
    assert_eq!(i64::try_from(wait).unwrap(), ACCOUNT_WAIT.whole_seconds());
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_known_device_is_counted_on_its_own(db: PgPool) {
    let world = World::new(db);
    world.user(ADA, Role::Viewer).await;
    world.user("bob@example.com", Role::Viewer).await;
    let signed_in = world.sign_in(ADA, PASSWORD, HOME).await.unwrap();
    let device = signed_in.device_token.unwrap();
    for _ in 0..7 {
        let outcome = world
            .sign_in_with(ADA, OTHER_PASSWORD, None, Some(&device), HOME)
            .await;
        assert_eq!(told(outcome), Error::WrongCredentials);
    }
    let outcome = world
        .sign_in_with(ADA, PASSWORD, None, Some(&device), HOME)
        .await;
    assert_eq!(waits(outcome), 60);
    world.sign_in(ADA, PASSWORD, HOME).await.unwrap();
    // Ada's device is a stranger to Bob's account: his tries count for the address.
    for _ in 0..7 {
        let outcome = world
            .sign_in_with("bob@example.com", OTHER_PASSWORD, None, Some(&device), HOME)
            .await;
        assert_eq!(told(outcome), Error::WrongCredentials);
    }
    assert_eq!(
        waits(world.sign_in("bob@example.com", PASSWORD, HOME).await),
        60
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn refused_tries_are_logged_once_a_minute(db: PgPool) {
    let world = World::new(db);
    for _ in 0..7 {
        world.fails(ADA, HOME).await;
    }
    for _ in 0..5 {
        waits(world.sign_in(ADA, PASSWORD, HOME).await);
    }
    let refusals = async || {
        let results = world.results("session.sign_in").await;
        results.iter().filter(|result| *result == "refused").count()
    };
    assert_eq!(refusals().await, 1);
    world.pass(Duration::seconds(59));
    waits(world.sign_in(ADA, PASSWORD, HOME).await);
    assert_eq!(refusals().await, 1);
    world.pass(Duration::seconds(1));
    world.fails(ADA, HOME).await;
    waits(world.sign_in(ADA, PASSWORD, HOME).await);
    assert_eq!(refusals().await, 2);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_proof_is_counted_and_holds_up_nobody_else(db: PgPool) {
    let world = World::new(db);
    world.user(ADA, Role::Viewer).await;
    let actor = world.actor(ADA).await;
    for _ in 0..7 {
        let error = told(identity::prove(&world.ops, &actor, OTHER_PASSWORD, None).await);
        assert!(error.of_field("password").is_some(), "{error:?}");
    }
    assert_eq!(
        waits(identity::prove(&world.ops, &actor, PASSWORD, None).await),
        60
    );
    world.sign_in(ADA, PASSWORD, HOME).await.unwrap();
    world.pass(Duration::minutes(1));
    identity::prove(&world.ops, &actor, PASSWORD, None)
        .await
        .unwrap();
    let results = world.results("session.prove").await;
    assert_eq!(
        results.iter().filter(|result| *result == "failure").count(),
        7
    );
    assert_eq!(results.last().unwrap(), "success");
}

#[sqlx::test(migrations = "../../migrations")]
async fn whoever_has_to_wait_leaves_nothing_behind(db: PgPool) {
    let world = World::new(db);
    for n in 0..7 {
        world.fails(&format!("user{n}@example.com"), HOME).await;
    }
    let rows = "SELECT count(*) FROM sign_in_failure";
    let before = world.count(rows).await;
    for n in 0..20 {
        waits(
            world
                .sign_in(&format!("random{n}@example.com"), PASSWORD, HOME)
                .await,
        );
    }
    assert_eq!(world.count(rows).await, before);
    // Nor does whoever gets in.
    world.user(ADA, Role::Viewer).await;
    world.sign_in(ADA, PASSWORD, "198.51.100.7").await.unwrap();
    assert_eq!(world.count(rows).await, before);
}

#[sqlx::test(migrations = "../../migrations")]
async fn successes_after_quiet_hours_fade_the_failures_of_an_address_once(db: PgPool) {
    let world = World::new(db);
    world.user(ADA, Role::Viewer).await;
    for n in 0..6 {
        world.fails(&format!("user{n}@example.com"), HOME).await;
    }
    world.pass(Duration::hours(3));
    for _ in 0..5 {
        world.sign_in(ADA, PASSWORD, HOME).await.unwrap();
    }
    world.fails("eve@example.com", HOME).await;
    let address = "SELECT failures::bigint FROM sign_in_failure WHERE key = 'address:203.0.113.9'";
    assert_eq!(
        world.count(address).await,
        4,
        "six, less three hours, and one"
    );
}
