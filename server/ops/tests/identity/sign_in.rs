//! Signing in.

use ops::identity::{self, Passwords, users};
use sqlx::PgPool;
use types::{Error, Role};

use crate::world::{HOME, OTHER_PASSWORD, PASSWORD, World, refused, told};

#[sqlx::test(migrations = "../../migrations")]
async fn the_right_password_signs_in_whatever_the_case_of_the_address(db: PgPool) {
    let world = World::new(db);
    let ada = world.user("ada@example.com", Role::Engineer).await;
    let signed_in = world
        .sign_in(" Ada@Example.COM ", PASSWORD, HOME)
        .await
        .unwrap();
    assert_eq!(signed_in.user_id, ada.id);
    let session = world.open(&signed_in).await;
    let actor = world.actor_of(session).await.unwrap();
    assert_eq!(
        (actor.user_id(), actor.role),
        (Some(ada.id), Role::Engineer)
    );
    let log = world.log("session.sign_in").await;
    let expected = ["ada@example.com", "ada@example.com", "success"].map(str::to_owned);
    assert_eq!(log, [expected.into()]);
    let me = users::me(&world.ops, &actor).await.unwrap();
    assert!(me.user.last_sign_in_at.is_some());
}

#[sqlx::test(migrations = "../../migrations")]
async fn unknown_wrong_and_disabled_answer_alike_after_the_same_work(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    world.user("ada@example.com", Role::Viewer).await;
    let gone = world.user("gone@example.com", Role::Viewer).await;
    users::disable(&world.ops, &cto, gone.id).await.unwrap();
    let mut work = Vec::new();
    for (email, password) in [
        ("ada@example.com", OTHER_PASSWORD),
        ("nobody@example.com", PASSWORD),
        ("gone@example.com", PASSWORD),
    ] {
        let before = world.ops.passwords.checks();
        let error = told(world.sign_in(email, password, HOME).await);
        assert_eq!(error, Error::WrongCredentials, "{email}");
        work.push(world.ops.passwords.checks() - before);
    }
    assert_eq!(work, [1, 1, 1]);
    let results = world.results("session.sign_in").await;
    assert_eq!(results, ["success", "failure", "failure", "failure"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_cannot_be_right_is_refused_by_its_field(db: PgPool) {
    let world = World::new(db);
    let long_email = format!("{}@example.com", "a".repeat(300));
    for email in [
        "",
        "ada",
        "a\0@example.com",
        "ada@example.com\0",
        &long_email,
        "' OR 1=1 --",
    ] {
        refused(world.sign_in(email, PASSWORD, HOME).await, "email");
    }
    let long = "x".repeat(201);
    for password in ["", &long] {
        refused(
            world.sign_in("ada@example.com", password, HOME).await,
            "password",
        );
    }
    let code = "1".repeat(65);
    let outcome = world
        .sign_in_with("ada@example.com", PASSWORD, Some(&code), None, HOME)
        .await;
    refused(outcome, "code");
    assert_eq!(world.count("SELECT count(*) FROM sign_in_failure").await, 0);
    assert_eq!(world.ops.passwords.checks(), 0);
    // What looks odd but could be right is looked at.
    for password in ["a\0b", "'; DROP TABLE users; --"] {
        let error = told(world.sign_in("ada@example.com", password, HOME).await);
        assert_eq!(error, Error::WrongCredentials);
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_hash_is_made_again_when_the_cost_rises(db: PgPool) {
    let mut world = World::new(db);
    world.user("ada@example.com", Role::Viewer).await;
    world.ops = world
        .ops
        .clone()
        .with_passwords(Passwords::with_cost(16, 2, 1).unwrap());
    let dear =
        "SELECT count(*) FROM users WHERE password_hash LIKE '$argon2id$v=19$m=16,t=2,p=1$%'";
    assert_eq!(world.count(dear).await, 0);
    world
        .sign_in("ada@example.com", OTHER_PASSWORD, HOME)
        .await
        .err()
        .unwrap();
    assert_eq!(world.count(dear).await, 0);
    let signed_in = world
        .sign_in("ada@example.com", PASSWORD, HOME)
        .await
        .unwrap();
    assert_eq!(world.count(dear).await, 1);
    // It is the same password: the sign-in still opens a session, and the next one works.
    world.open(&signed_in).await;
    world
        .sign_in("ada@example.com", PASSWORD, HOME)
        .await
        .unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_sign_in_overtaken_by_a_new_password_opens_no_session(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let ada = world.user("ada@example.com", Role::Viewer).await;
    let early = world
        .sign_in("ada@example.com", PASSWORD, HOME)
        .await
        .unwrap();
    users::reset_password(&world.ops, &cto, ada.id, OTHER_PASSWORD)
        .await
        .unwrap();
    assert!(!world.try_open(1, &early).await);
    let early = world
        .sign_in("ada@example.com", OTHER_PASSWORD, HOME)
        .await
        .unwrap();
    users::disable(&world.ops, &cto, ada.id).await.unwrap();
    users::enable(&world.ops, &cto, ada.id).await.unwrap();
    assert!(!world.try_open(2, &early).await);
    let fresh = world
        .sign_in("ada@example.com", OTHER_PASSWORD, HOME)
        .await
        .unwrap();
    assert!(world.try_open(3, &fresh).await);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_device_is_remembered_and_only_so_many(db: PgPool) {
    let world = World::new(db);
    world.user("ada@example.com", Role::Viewer).await;
    let first = world
        .sign_in("ada@example.com", PASSWORD, HOME)
        .await
        .unwrap();
    let token = first.device_token.unwrap();
    let again = world
        .sign_in_with("ada@example.com", PASSWORD, None, Some(&token), HOME)
        .await
        .unwrap();
    assert_eq!(again.device_token, None);
    for _ in 0..25 {
        world.pass(time::Duration::minutes(1));
        world
            .sign_in("ada@example.com", PASSWORD, HOME)
            .await
            .unwrap();
    }
    assert_eq!(world.count("SELECT count(*) FROM known_device").await, 20);
    // The table holds hashes, not what the cookie holds.
    let raw = sqlx::query_scalar::<_, i64>(
        "SELECT count(*) FROM known_device WHERE encode(token_hash, 'hex') = $1",
    )
    .bind(&token)
    .fetch_one(&world.ops.db)
    .await
    .unwrap();
    assert_eq!(raw, 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn old_counts_sessions_and_devices_are_forgotten(db: PgPool) {
    let world = World::new(db);
    world.actor_with_failure().await;
    let left = "SELECT (SELECT count(*) FROM session) + (SELECT count(*) FROM sign_in_failure)
                     + (SELECT count(*) FROM known_device)";
    identity::forget::forget(&world.ops).await.unwrap();
    assert!(world.count(left).await >= 3);
    world.pass(time::Duration::hours(25));
    identity::forget::forget(&world.ops).await.unwrap();
    assert_eq!(world.count(left).await, 1, "the device stays");
    world.pass(time::Duration::days(366));
    identity::forget::forget(&world.ops).await.unwrap();
    assert_eq!(world.count(left).await, 0);
}

impl World {
    async fn actor_with_failure(&self) {
        self.someone(Role::Viewer).await;
        told(self.sign_in("nobody@example.com", PASSWORD, HOME).await);
    }
}
