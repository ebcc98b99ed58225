//! API tokens.

use ops::{
    Actor,
    identity::{tokens, users},
};
use sqlx::PgPool;
use time::Duration;
use types::{Capability, Error, Role, access::Reach, identity::TokenRequest};

use crate::world::{HOME, World, caller, refused, told};

fn request(role: Role, team: Option<i64>, days: i64) -> TokenRequest {
    TokenRequest {
        name: "deploy script".to_owned(),
        role,
        team,
        days,
        host: None,
    }
}

impl World {
    async fn token(&self, secret: &str) -> Option<Actor> {
        tokens::token_actor(&self.ops, secret, &caller(HOME))
            .await
            .unwrap()
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_token_acts_until_its_date(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let made = tokens::create(&world.ops, &cto, &request(Role::TeamLead, None, 2))
        .await
        .unwrap();
    assert!(
        made.secret.starts_with("ytops_") && made.secret.len() == 70,
        "{}",
        made.secret
    );
    let actor = world.token(&made.secret).await.unwrap();
    assert_eq!(
        (actor.name.as_str(), actor.role),
        ("token deploy script #1", Role::TeamLead)
    );
    world.pass(Duration::days(2) - Duration::seconds(1));
    assert!(world.token(&made.secret).await.is_some());
    world.pass(Duration::seconds(1));
    assert!(world.token(&made.secret).await.is_none());
    for rubbish in [
        "",
        "ytops_",
        "ytops_zz",
        &made.secret[..69],
        &made.secret.replace("ytops_", "other_"),
        "a\0b",
    ] {
        assert!(world.token(rubbish).await.is_none(), "{rubbish}");
    }
    let stored: String = sqlx::query_scalar("SELECT api_token::text FROM api_token")
        .fetch_one(&world.ops.db)
        .await
        .unwrap();
    assert!(!stored.contains(&made.secret[6..]));
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_longest_token_lasts_a_year_and_fields_are_bounded(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    for days in [0, -1, 366, i64::MAX, i64::MIN] {
        refused(
            tokens::create(&world.ops, &cto, &request(Role::Viewer, None, days)).await,
            "days",
        );
    }
    tokens::create(&world.ops, &cto, &request(Role::Viewer, None, 365))
        .await
        .unwrap();
    let nowhere = TokenRequest {
        name: "of no team".to_owned(),
        ..request(Role::Viewer, Some(9_999), 1)
    };
    refused(tokens::create(&world.ops, &cto, &nowhere).await, "team");
    for name in ["", "a\0", &"x".repeat(101)] {
        let bad = TokenRequest {
            name: name.to_owned(),
            ..request(Role::Viewer, None, 1)
        };
        refused(tokens::create(&world.ops, &cto, &bad).await, "name");
    }
    assert_eq!(tokens::list(&world.ops, &cto).await.unwrap().len(), 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_revoked_token_is_dead_at_once(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let made = tokens::create(&world.ops, &cto, &request(Role::Viewer, None, 30))
        .await
        .unwrap();
    tokens::revoke(&world.ops, &cto, made.token.id)
        .await
        .unwrap();
    assert!(world.token(&made.secret).await.is_none());
    tokens::revoke(&world.ops, &cto, made.token.id)
        .await
        .unwrap();
    assert_eq!(world.results("token.revoke").await, ["success"]);
    assert!(matches!(
        told(tokens::revoke(&world.ops, &cto, 9_999).await),
        Error::NotFound { .. }
    ));
    assert!(
        tokens::list(&world.ops, &cto).await.unwrap()[0]
            .revoked_at
            .is_some()
    );
}

/// Of two that are good at a time nobody could tell which is to be revoked.
#[sqlx::test(migrations = "../../migrations")]
async fn no_two_tokens_of_one_name_are_good_at_a_time(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let wanted = request(Role::Viewer, None, 2);
    let first = tokens::create(&world.ops, &cto, &wanted).await.unwrap();
    let padded = TokenRequest {
        name: " deploy script ".to_owned(),
        ..request(Role::Cto, None, 1)
    };
    for again in [&wanted, &padded] {
        refused(tokens::create(&world.ops, &cto, again).await, "name");
    }
    tokens::revoke(&world.ops, &cto, first.token.id)
        .await
        .unwrap();
    tokens::create(&world.ops, &cto, &wanted).await.unwrap();
    refused(tokens::create(&world.ops, &cto, &wanted).await, "name");
    world.pass(Duration::days(2));
    let system = Actor::system();
    tokens::create(&world.ops, &system, &wanted).await.unwrap();
    // Whoever asks at once: one of them gets it.
    let other = TokenRequest {
        name: "other".to_owned(),
        ..request(Role::Viewer, None, 1)
    };
    let (a, b) = tokio::join!(
        tokens::create(&world.ops, &system, &other),
        tokens::create(&world.ops, &system, &other)
    );
    assert!(a.is_ok() != b.is_ok());
}

#[sqlx::test(migrations = "../../migrations")]
async fn last_use_is_noted_once_a_minute(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let made = tokens::create(&world.ops, &cto, &request(Role::Viewer, None, 30))
        .await
        .unwrap();
    let last = async || tokens::list(&world.ops, &cto).await.unwrap()[0].last_used_at;
    assert_eq!(last().await, None);
    world.token(&made.secret).await.unwrap();
    let first = last().await.unwrap();
    world.pass(Duration::seconds(59));
    world.token(&made.secret).await.unwrap();
    assert_eq!(last().await, Some(first));
    world.pass(Duration::seconds(1));
    world.token(&made.secret).await.unwrap();
    assert_eq!(last().await, Some(first + Duration::minutes(1)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn no_token_manages_or_restores_and_a_confined_one_stays_in_its_team(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let made = tokens::create(&world.ops, &cto, &request(Role::Cto, None, 30))
        .await
        .unwrap();
    let token = world.token(&made.secret).await.unwrap();
    for capability in Capability::ALL {
        // Samples are sent by agents' tokens alone.
        let forbidden = matches!(
            capability,
            Capability::Manage | Capability::Restore | Capability::SendSamples
        );
        assert_eq!(token.may(capability).is_err(), forbidden, "{capability:?}");
    }
    // It reads the users and changes none, though no token can be asked for a proof.
    let id = cto.user_id().unwrap();
    assert_eq!(users::list(&world.ops, &token).await.unwrap().len(), 1);
    for refusal in [
        told(users::get(&world.ops, &token, id).await),
        told(users::disable(&world.ops, &token, id).await),
        told(tokens::create(&world.ops, &token, &request(Role::Viewer, None, 1)).await),
    ] {
        assert!(matches!(refusal, Error::Forbidden { .. }), "{refusal:?}");
    }
    let of_team = TokenRequest {
        name: "deploy script of the platform".to_owned(),
        ..request(Role::Cto, Some(1), 30)
    };
    let confined = tokens::create(&world.ops, &cto, &of_team).await.unwrap();
    let confined = world.token(&confined.secret).await.unwrap();
    let listed = told(users::list(&world.ops, &confined).await);
    assert!(matches!(listed, Error::Forbidden { .. }), "{listed:?}");
    assert_eq!(confined.may(Capability::Deploy), Ok(Reach::OwnTeam));
    assert!(
        confined
            .may_for_team(Capability::Deploy, "platform", false)
            .is_ok()
    );
    assert!(
        confined
            .may_for_team(Capability::Deploy, "web", false)
            .is_err()
    );
    assert!(
        confined
            .may_for_team(Capability::Restore, "platform", false)
            .is_err()
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn making_one_needs_a_fresh_proof(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    world.pass(Duration::minutes(6));
    let error = told(tokens::create(&world.ops, &cto, &request(Role::Viewer, None, 1)).await);
    assert_eq!(error, Error::StepUpRequired);
    assert_eq!(world.results("token.create").await, ["refused"]);
}
