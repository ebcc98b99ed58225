//! Users: made, changed, disabled, and never without a CTO.

use futures::future::join;
use ops::{
    Actor,
    identity::{teams, users},
};
use sqlx::PgPool;
use time::Duration;
use types::{
    Error, Role,
    identity::{NewUser, User, UserEdit},
};

use crate::world::{HOME, OTHER_PASSWORD, PASSWORD, World, refused, told, waits};

fn edit(user: &User, role: Role) -> UserEdit {
    UserEdit {
        email: user.email.clone(),
        name: user.name.clone(),
        role,
        teams: user.teams.iter().map(|team| team.id).collect(),
    }
}

fn new(email: &str) -> NewUser {
    NewUser {
        email: email.to_owned(),
        name: "Ada".to_owned(),
        role: Role::Viewer,
        teams: Vec::new(),
        password: PASSWORD.to_owned(),
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_user_is_made_listed_and_changed(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let team = teams::create(&world.ops, &cto, "web").await.unwrap();
    let asked = NewUser {
        teams: vec![team.id, team.id],
        name: "  Ada Löve<b>lace</b> ".to_owned(),
        ..new("ada@example.com")
    };
    let ada = users::create(&world.ops, &cto, &asked).await.unwrap();
    assert_eq!(
        (ada.name.as_str(), ada.role),
        ("Ada Löve<b>lace</b>", Role::Viewer)
    );
    assert_eq!(ada.teams.len(), 1);
    assert_eq!(users::get(&world.ops, &cto, ada.id).await.unwrap(), ada);
    let listed = users::list(&world.ops, &cto).await.unwrap();
    assert_eq!(listed.iter().filter(|user| **user == ada).count(), 1);
    assert_eq!(listed.len(), 2);

    let wanted = UserEdit {
        email: "Ada.L@example.com".to_owned(),
        name: "Ada".to_owned(),
        role: Role::TeamLead,
        teams: vec![1],
    };
    let changed = users::update(&world.ops, &cto, ada.id, &wanted)
        .await
        .unwrap();
    assert_eq!(
        (changed.email.as_str(), changed.role),
        ("Ada.L@example.com", Role::TeamLead)
    );
    assert_eq!(changed.teams[0].name, "platform");
    world
        .sign_in("ada.l@example.com", PASSWORD, HOME)
        .await
        .unwrap();
    let detail: String =
        sqlx::query_scalar("SELECT detail FROM audit WHERE action = 'user.update'")
            .fetch_one(&world.ops.db)
            .await
            .unwrap();
    let detail: serde_json::Value = serde_json::from_str(&detail).unwrap();
    assert_eq!(detail["role"], serde_json::json!(["viewer", "team_lead"]));
    // The same once more changes nothing, and says nothing.
    users::update(&world.ops, &cto, ada.id, &wanted)
        .await
        .unwrap();
    assert_eq!(world.results("user.update").await, ["success"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_address_is_had_once_whatever_its_case(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let ada = users::create(&world.ops, &cto, &new("ada@example.com"))
        .await
        .unwrap();
    refused(
        users::create(&world.ops, &cto, &new("ADA@example.com")).await,
        "email",
    );
    let taken = UserEdit {
        email: "CTO@example.com".to_owned(),
        ..edit(&ada, Role::Viewer)
    };
    refused(
        users::update(&world.ops, &cto, ada.id, &taken).await,
        "email",
    );
    assert_eq!(world.count("SELECT count(*) FROM users").await, 2);
    assert_eq!(
        world.results("user.create").await.len(),
        2,
        "a refused field is no act"
    );
    let (left, right) = (new("eve@example.com"), new("Eve@example.com"));
    let both = join(
        users::create(&world.ops, &cto, &left),
        users::create(&world.ops, &cto, &right),
    )
    .await;
    assert!(both.0.is_ok() != both.1.is_ok(), "one of two at once");
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_out_of_bounds_is_named_and_nothing_is_stored(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let bad = NewUser {
        email: "no address".to_owned(),
        name: "a\0b".to_owned(),
        role: Role::Viewer,
        teams: vec![1; 1_001],
        password: "short".to_owned(),
    };
    let Error::Invalid { fields } = told(users::create(&world.ops, &cto, &bad).await) else {
        panic!("not refused by its fields")
    };
    let names: Vec<&str> = fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(names, ["email", "name", "teams", "password"]);
    let of_no_team = NewUser {
        teams: vec![i64::MAX],
        ..new("ada@example.com")
    };
    refused(users::create(&world.ops, &cto, &of_no_team).await, "teams");
    let own_name = NewUser {
        password: "harbour-of-lovelace".to_owned(),
        ..new("lovelace@example.com")
    };
    refused(users::create(&world.ops, &cto, &own_name).await, "password");
    assert_eq!(world.count("SELECT count(*) FROM users").await, 1);
    for id in [0, -1, 9_999, i64::MAX, i64::MIN] {
        let missing = [
            told(users::get(&world.ops, &cto, id).await),
            told(
                users::update(
                    &world.ops,
                    &cto,
                    id,
                    &edit(&users::me(&world.ops, &cto).await.unwrap().user, Role::Cto),
                )
                .await,
            ),
            told(users::disable(&world.ops, &cto, id).await),
            told(users::enable(&world.ops, &cto, id).await),
            told(users::reset_password(&world.ops, &cto, id, OTHER_PASSWORD).await),
        ];
        assert!(
            missing
                .iter()
                .all(|error| matches!(error, Error::NotFound { .. })),
            "{missing:?}"
        );
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_last_cto_stays(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let id = cto.user_id().unwrap();
    let own = users::get(&world.ops, &cto, id).await.unwrap();
    let demoted = told(users::update(&world.ops, &cto, id, &edit(&own, Role::Viewer)).await);
    assert!(matches!(demoted, Error::Conflict { .. }), "{demoted:?}");
    assert!(matches!(
        told(users::disable(&world.ops, &cto, id).await),
        Error::Conflict { .. }
    ));
    // A disabled CTO is none to rely on.
    let second = world.user("second@example.com", Role::Cto).await;
    users::disable(&world.ops, &cto, second.id).await.unwrap();
    assert!(matches!(
        told(users::disable(&world.ops, &cto, id).await),
        Error::Conflict { .. }
    ));
    users::enable(&world.ops, &cto, second.id).await.unwrap();
    users::disable(&world.ops, &cto, id).await.unwrap();
    assert!(world.gone(&cto).await);
}

#[sqlx::test(migrations = "../../migrations")]
async fn two_ctos_who_remove_each_other_at_once_leave_one(db: PgPool) {
    let world = World::new(db);
    for round in 0..8 {
        let emails = [
            format!("a{round}@example.com"),
            format!("b{round}@example.com"),
        ];
        let a = world.user(&emails[0], Role::Cto).await;
        let b = world.user(&emails[1], Role::Cto).await;
        let (as_a, as_b) = (world.actor(&a.email).await, world.actor(&b.email).await);
        // The two of this round are all there are.
        sqlx::query("UPDATE users SET disabled_at = now() WHERE id NOT IN ($1, $2)")
            .bind(a.id)
            .bind(b.id)
            .execute(&world.ops.db)
            .await
            .unwrap();
        let demotion = edit(&b, Role::Viewer);
        let (one, other) = join(
            users::update(&world.ops, &as_a, b.id, &demotion),
            users::disable(&world.ops, &as_b, a.id),
        )
        .await;
        assert!(one.is_ok() != other.is_ok(), "round {round}");
        let left = "SELECT count(*) FROM users WHERE role = 'cto' AND disabled_at IS NULL";
        assert_eq!(world.count(left).await, 1);
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn memberships_changed_from_both_sides_at_once_queue(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let ada = world.user("ada@example.com", Role::Engineer).await;
    let eve = world.user("eve@example.com", Role::Engineer).await;
    for round in 0..20 {
        let team = teams::create(&world.ops, &cto, &format!("t{round}"))
            .await
            .unwrap();
        let joins = UserEdit {
            teams: vec![1, team.id],
            ..edit(&ada, Role::Engineer)
        };
        let joins_too = UserEdit {
            teams: vec![team.id, 1],
            ..edit(&eve, Role::Engineer)
        };
        let (one, other) = join(
            users::update(&world.ops, &cto, ada.id, &joins),
            users::update(&world.ops, &cto, eve.id, &joins_too),
        )
        .await;
        one.unwrap();
        other.unwrap();
        let leaves = edit(&eve, Role::Engineer);
        users::update(&world.ops, &cto, eve.id, &leaves)
            .await
            .unwrap();
        let leaves = edit(&ada, Role::Engineer);
        let (one, other) = join(
            teams::delete(&world.ops, &cto, team.id),
            users::update(&world.ops, &cto, ada.id, &leaves),
        )
        .await;
        other.unwrap();
        // Whichever was first: a team is not deleted from under its last member.
        if let Err(fault) = one {
            assert!(matches!(fault.told(), Some(Error::Conflict { .. })));
        }
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn managing_needs_a_fresh_proof(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let ada = world.user("ada@example.com", Role::Viewer).await;
    world.pass(Duration::minutes(6));
    let refusals = [
        told(users::create(&world.ops, &cto, &new("eve@example.com")).await),
        told(users::update(&world.ops, &cto, ada.id, &edit(&ada, Role::Cto)).await),
        told(users::disable(&world.ops, &cto, ada.id).await),
        told(users::enable(&world.ops, &cto, ada.id).await),
        told(users::reset_password(&world.ops, &cto, ada.id, OTHER_PASSWORD).await),
    ];
    assert!(
        refusals.iter().all(|error| *error == Error::StepUpRequired),
        "{refusals:?}"
    );
    assert_eq!(
        world
            .count("SELECT count(*) FROM audit WHERE result = 'refused'")
            .await,
        5
    );
    assert_eq!(
        users::get(&world.ops, &cto, ada.id).await.unwrap().role,
        Role::Viewer
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn ones_own_password(db: PgPool) {
    let world = World::new(db);
    let ada = world.someone(Role::Engineer).await;
    refused(
        users::change_password(&world.ops, &ada, PASSWORD, PASSWORD, None).await,
        "new",
    );
    refused(
        users::change_password(&world.ops, &ada, PASSWORD, "short", None).await,
        "new",
    );
    refused(
        users::change_password(&world.ops, &ada, PASSWORD, "the-engineer-1", None).await,
        "new",
    );
    for _ in 0..7 {
        refused(
            users::change_password(&world.ops, &ada, "wrong-one-123", OTHER_PASSWORD, None).await,
            "current",
        );
    }
    assert_eq!(
        waits(users::change_password(&world.ops, &ada, PASSWORD, OTHER_PASSWORD, None).await),
        60
    );
    world.pass(Duration::minutes(1));
    users::change_password(&world.ops, &ada, PASSWORD, OTHER_PASSWORD, None)
        .await
        .unwrap();
    world
        .sign_in("engineer@example.com", OTHER_PASSWORD, HOME)
        .await
        .unwrap();
    let system = told(
        users::change_password(&world.ops, &Actor::system(), PASSWORD, OTHER_PASSWORD, None).await,
    );
    assert_eq!(system, Error::Unauthenticated);
}

#[sqlx::test(migrations = "../../migrations")]
async fn ones_own_password_is_not_reset_but_changed(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let own = users::reset_password(&world.ops, &cto, cto.user_id().unwrap(), OTHER_PASSWORD).await;
    assert!(matches!(told(own), Error::Conflict { .. }));
}

#[sqlx::test(migrations = "../../migrations")]
async fn open_pages_hear_of_a_change(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let head = store::changes::head(&world.ops.db).await.unwrap();
    let ada = users::create(&world.ops, &cto, &new("ada@example.com"))
        .await
        .unwrap();
    let changes = store::changes::after(&world.ops.db, head, 10)
        .await
        .unwrap();
    let key = format!("user/{}", ada.id);
    let heard = |topic, key: &str| {
        changes
            .iter()
            .any(|change| change.topic == topic && change.key == key)
    };
    assert!(
        heard(types::live::Topic::Identity, &key) && heard(types::live::Topic::Audit, ""),
        "{changes:?}"
    );
}

#[test]
fn a_new_users_password_is_not_printed() {
    assert!(!format!("{:?}", new("ada@example.com")).contains(PASSWORD));
}
