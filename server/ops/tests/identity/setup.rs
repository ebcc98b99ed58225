//! The link that makes the first CTO.

use futures::future::join_all;
use ops::{
    Outcome,
    identity::{
        SignedIn,
        setup::{self, FirstUser, link},
    },
};
use sqlx::PgPool;
use time::Duration;
use types::{Error, Role};

use crate::world::{HOME, PASSWORD, World, caller, refused, told};

impl World {
    async fn redeem(&self, token: &str, email: &str) -> Outcome<SignedIn> {
        let first = FirstUser {
            email,
            name: "Ada",
            password: PASSWORD,
        };
        setup::redeem(&self.ops, &caller(HOME), token, &first).await
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_link_makes_a_cto_and_is_dead(db: PgPool) {
    let world = World::new(db);
    let token = link::create(&world.ops).await.unwrap().unwrap();
    assert!(setup::is_open(&world.ops, &token).await.unwrap());
    let bad = FirstUser {
        email: "ada",
        name: "",
        password: "short",
    };
    let Error::Invalid { fields } =
        told(setup::redeem(&world.ops, &caller(HOME), &token, &bad).await)
    else {
        panic!("not refused by its fields")
    };
    assert_eq!(fields.len(), 3);
    let signed_in = world.redeem(&token, "ada@example.com").await.unwrap();
    let session = world.open(&signed_in).await;
    let ada = world.actor_of(session).await.unwrap();
    assert_eq!(
        (ada.role, ada.name.as_str()),
        (Role::Cto, "ada@example.com")
    );
    assert!(!setup::is_open(&world.ops, &token).await.unwrap());
    assert!(matches!(
        told(world.redeem(&token, "eve@example.com").await),
        Error::NotFound { .. }
    ));
    assert_eq!(link::create(&world.ops).await.unwrap(), None);
    world
        .sign_in("ada@example.com", PASSWORD, HOME)
        .await
        .unwrap();
    assert_eq!(world.results("setup.redeem").await, ["success", "refused"]);
    // Used once is used, even if the user it made were gone.
    sqlx::query("DELETE FROM users")
        .execute(&world.ops.db)
        .await
        .unwrap();
    assert!(!setup::is_open(&world.ops, &token).await.unwrap());
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_link_lasts_a_day_and_a_newer_one_kills_it(db: PgPool) {
    let world = World::new(db);
    let old = link::create(&world.ops).await.unwrap().unwrap();
    let new = link::create(&world.ops).await.unwrap().unwrap();
    assert!(!setup::is_open(&world.ops, &old).await.unwrap());
    assert!(matches!(
        told(world.redeem(&old, "eve@example.com").await),
        Error::NotFound { .. }
    ));
    world.pass(Duration::hours(24));
    assert!(!setup::is_open(&world.ops, &new).await.unwrap());
    assert!(matches!(
        told(world.redeem(&new, "eve@example.com").await),
        Error::NotFound { .. }
    ));
    for rubbish in ["", "\0", &"x".repeat(100_000)] {
        assert!(!setup::is_open(&world.ops, rubbish).await.unwrap());
    }
    assert_eq!(world.count("SELECT count(*) FROM users").await, 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn of_many_who_use_it_at_once_one_wins(db: PgPool) {
    let world = World::new(db);
    let token = link::create(&world.ops).await.unwrap().unwrap();
    let emails: Vec<String> = (0..8).map(|n| format!("user{n}@example.com")).collect();
    let outcomes = join_all(emails.iter().map(|email| world.redeem(&token, email))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert_eq!(world.count("SELECT count(*) FROM users").await, 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_user_made_otherwise_closes_it(db: PgPool) {
    let world = World::new(db);
    let token = link::create(&world.ops).await.unwrap().unwrap();
    world.user("ada@example.com", Role::Viewer).await;
    assert!(!setup::is_open(&world.ops, &token).await.unwrap());
    assert!(matches!(
        told(world.redeem(&token, "eve@example.com").await),
        Error::NotFound { .. }
    ));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_common_password_is_refused(db: PgPool) {
    let world = World::new(db);
    let token = link::create(&world.ops).await.unwrap().unwrap();
    let first = FirstUser {
        email: "ada@example.com",
        name: "Ada",
        password: "Password1234",
    };
    refused(
        setup::redeem(&world.ops, &caller(HOME), &token, &first).await,
        "password",
    );
}
