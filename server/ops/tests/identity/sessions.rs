//! Sessions: how they end, and who may end them.

use std::collections::HashMap;

use ops::{
    Actor, Who,
    identity::{self, sessions, users},
};
use serde_json::json;
use sqlx::PgPool;
use time::Duration;
use types::{Error, Role, identity::UserEdit};

use crate::world::{HOME, OTHER_PASSWORD, PASSWORD, World, caller, told};

impl World {
    /// The same session's actor as it is now.
    pub async fn again(&self, actor: &Actor) -> Actor {
        self.now(actor).await.unwrap()
    }

    pub async fn gone(&self, actor: &Actor) -> bool {
        self.now(actor).await.is_none()
    }

    async fn now(&self, actor: &Actor) -> Option<Actor> {
        let Who::User { session, .. } = &actor.who else {
            panic!("not a session: {actor:?}")
        };
        sessions::session_actor(&self.ops, session, &caller(HOME))
            .await
            .unwrap()
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_session_ends_after_twelve_idle_hours(db: PgPool) {
    let world = World::new(db);
    let actor = world.someone(Role::Viewer).await;
    world.pass(Duration::hours(11));
    assert!(!world.gone(&actor).await);
    world.pass(Duration::hours(11));
    assert!(!world.gone(&actor).await, "it was used in between");
    world.pass(Duration::hours(12));
    assert!(world.gone(&actor).await);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_session_ends_after_thirty_days_however_much_it_is_used(db: PgPool) {
    let world = World::new(db);
    let signed_in = {
        world.user("ada@example.com", Role::Viewer).await;
        world
            .sign_in("ada@example.com", PASSWORD, HOME)
            .await
            .unwrap()
    };
    let mut session = world.open(&signed_in).await;
    for _ in 0..59 {
        world.pass(Duration::hours(12) - Duration::minutes(1));
        assert!(world.actor_of(session).await.is_some());
    }
    // A new id for the same sign-in does not make it younger.
    let (data, _) = sessions::load(&world.ops, session).await.unwrap().unwrap();
    let far = world.ops.clock.now() + Duration::days(90);
    assert!(sessions::create(&world.ops, 7, &data, far).await.unwrap());
    sessions::delete(&world.ops, session).await.unwrap();
    session = 7;
    world.pass(Duration::hours(12) - Duration::minutes(1));
    assert!(world.actor_of(session).await.is_some());
    world.pass(Duration::hours(1));
    assert!(world.actor_of(session).await.is_none());
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_id_itself_is_not_stored(db: PgPool) {
    let world = World::new(db);
    world.user("ada@example.com", Role::Viewer).await;
    let signed_in = world
        .sign_in("ada@example.com", PASSWORD, HOME)
        .await
        .unwrap();
    let id = world.open(&signed_in).await;
    let row: String = sqlx::query_scalar("SELECT session::text FROM session")
        .fetch_one(&world.ops.db)
        .await
        .unwrap();
    assert!(!row.contains(&hex::encode(id.to_be_bytes())) && !row.contains(&id.to_string()));
    assert!(row.contains(&hex::encode(sessions::hash(id))));
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_ended_session_stays_ended(db: PgPool) {
    let world = World::new(db);
    world.user("ada@example.com", Role::Viewer).await;
    let signed_in = world
        .sign_in("ada@example.com", PASSWORD, HOME)
        .await
        .unwrap();
    let id = world.open(&signed_in).await;
    let actor = world.actor_of(id).await.unwrap();
    let (mut data, expires_at) = sessions::load(&world.ops, id).await.unwrap().unwrap();
    sessions::sign_out(&world.ops, &actor).await.unwrap();
    data.insert("flash".to_owned(), json!("Saved."));
    assert!(
        !sessions::save(&world.ops, id, &data, expires_at)
            .await
            .unwrap()
    );
    assert!(sessions::load(&world.ops, id).await.unwrap().is_none());
    assert!(world.actor_of(id).await.is_none());
    assert_eq!(world.results("session.sign_out").await, ["success"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_session_from_before_sign_in_never_becomes_somebodys(db: PgPool) {
    let world = World::new(db);
    world.user("ada@example.com", Role::Viewer).await;
    let signed_in = world
        .sign_in("ada@example.com", PASSWORD, HOME)
        .await
        .unwrap();
    let soon = world.ops.clock.now() + Duration::hours(1);
    assert!(
        sessions::create(&world.ops, 5, &HashMap::new(), soon)
            .await
            .unwrap()
    );
    let data = HashMap::from([(
        sessions::SIGNED_IN.to_owned(),
        serde_json::to_value(&signed_in.session).unwrap(),
    )]);
    assert!(sessions::save(&world.ops, 5, &data, soon).await.unwrap());
    assert!(world.actor_of(5).await.is_none());
    // Neither can an id be taken twice.
    assert!(!world.try_open(5, &signed_in).await);
    world.pass(Duration::hours(1));
    assert!(sessions::load(&world.ops, 5).await.unwrap().is_none());
}

#[sqlx::test(migrations = "../../migrations")]
async fn disabling_ends_sessions_and_so_does_a_reset(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let ada = world.someone(Role::Viewer).await;
    let id = ada.user_id().unwrap();
    users::disable(&world.ops, &cto, id).await.unwrap();
    assert!(world.gone(&ada).await);
    users::enable(&world.ops, &cto, id).await.unwrap();
    assert!(world.gone(&ada).await, "enabling opens nothing again");
    let ada = world.actor("viewer@example.com").await;
    users::reset_password(&world.ops, &cto, id, OTHER_PASSWORD)
        .await
        .unwrap();
    assert!(world.gone(&ada).await);
    assert!(!world.gone(&cto).await);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_disabled_user_is_refused_even_where_a_session_was_left(db: PgPool) {
    let world = World::new(db);
    let ada = world.someone(Role::Viewer).await;
    sqlx::query("UPDATE users SET disabled_at = now()")
        .execute(&world.ops.db)
        .await
        .unwrap();
    assert!(world.gone(&ada).await);
}

#[sqlx::test(migrations = "../../migrations")]
async fn changing_ones_password_ends_ones_other_sessions(db: PgPool) {
    let world = World::new(db);
    let here = world.someone(Role::Viewer).await;
    let there = world.actor("viewer@example.com").await;
    users::change_password(&world.ops, &here, PASSWORD, OTHER_PASSWORD, None)
        .await
        .unwrap();
    assert!(!world.gone(&here).await);
    assert!(world.gone(&there).await);
    assert_eq!(
        told(world.sign_in("viewer@example.com", PASSWORD, HOME).await),
        Error::WrongCredentials
    );
    world
        .sign_in("viewer@example.com", OTHER_PASSWORD, HOME)
        .await
        .unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_new_role_counts_from_the_next_request(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let ada = world.someone(Role::TeamLead).await;
    let edit = UserEdit {
        email: "team_lead@example.com".to_owned(),
        name: "Ada".to_owned(),
        role: Role::Viewer,
        teams: vec![1],
    };
    users::update(&world.ops, &cto, ada.user_id().unwrap(), &edit)
        .await
        .unwrap();
    let ada = world.again(&ada).await;
    assert_eq!(
        (ada.role, ada.teams),
        (Role::Viewer, vec!["platform".to_owned()])
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_proof_lasts_five_minutes_and_is_of_its_session(db: PgPool) {
    let world = World::new(db);
    let here = world.someone(Role::Viewer).await;
    let there = world.actor("viewer@example.com").await;
    let now = || world.ops.clock.now();
    here.must_have_proved(now()).unwrap();
    world.pass(Duration::minutes(5));
    here.must_have_proved(now()).unwrap();
    world.pass(Duration::microseconds(1));
    assert_eq!(here.must_have_proved(now()), Err(Error::StepUpRequired));
    identity::prove(&world.ops, &here, PASSWORD, None)
        .await
        .unwrap();
    world.again(&here).await.must_have_proved(now()).unwrap();
    let elsewhere = world.again(&there).await;
    assert_eq!(
        elsewhere.must_have_proved(now()),
        Err(Error::StepUpRequired)
    );
    let me = users::me(&world.ops, &world.again(&here).await)
        .await
        .unwrap();
    assert_eq!(me.proof_until, Some(now() + Duration::minutes(5)));
    world.pass(Duration::minutes(6));
    let me = users::me(&world.ops, &world.again(&here).await)
        .await
        .unwrap();
    assert_eq!(me.proof_until, None);
}

#[sqlx::test(migrations = "../../migrations")]
async fn sessions_are_listed_and_ended_by_their_owner_and_the_cto(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let here = world.someone(Role::Engineer).await;
    let there = world.actor("engineer@example.com").await;
    let other = world.someone(Role::TeamLead).await;
    let id = here.user_id().unwrap();

    let listed = sessions::list(&world.ops, &here, id).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed.iter().filter(|session| session.current).count(), 1);
    let of_there = listed.iter().find(|session| !session.current).unwrap();
    assert_eq!(
        (of_there.address.as_str(), of_there.user_agent.as_str()),
        (HOME, "Mozilla/5.0")
    );
    assert!(matches!(
        told(sessions::list(&world.ops, &other, id).await),
        Error::Forbidden { .. }
    ));
    assert!(matches!(
        told(sessions::list(&world.ops, &cto, 9_999).await),
        Error::NotFound { .. }
    ));
    assert_eq!(sessions::list(&world.ops, &cto, id).await.unwrap().len(), 2);

    for stranger in [&other, &here] {
        let rubbish = sessions::end(&world.ops, stranger, "zz").await;
        assert!(matches!(told(rubbish), Error::NotFound { .. }));
    }
    let foreign = told(sessions::end(&world.ops, &other, &of_there.handle).await);
    assert!(matches!(foreign, Error::NotFound { .. }), "{foreign:?}");
    assert_eq!(world.results("session.end").await, ["refused"]);
    sessions::end(&world.ops, &here, &of_there.handle)
        .await
        .unwrap();
    assert!(world.gone(&there).await);
    let again = told(sessions::end(&world.ops, &here, &of_there.handle).await);
    assert!(matches!(again, Error::NotFound { .. }));

    let there = world.actor("engineer@example.com").await;
    assert_eq!(
        sessions::end_all_of(&world.ops, &here, id).await.unwrap(),
        1
    );
    assert!(world.gone(&there).await && !world.gone(&here).await);
    assert!(matches!(
        told(sessions::end_all_of(&world.ops, &other, id).await),
        Error::Forbidden { .. }
    ));
    assert_eq!(sessions::end_all_of(&world.ops, &cto, id).await.unwrap(), 1);
    assert!(world.gone(&here).await);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_use_is_noted_with_its_place_once_a_minute(db: PgPool) {
    let world = World::new(db);
    let ada = world.someone(Role::Viewer).await;
    let Who::User { session, .. } = &ada.who else {
        panic!("not a session")
    };
    let place = async || {
        let listed = sessions::list(&world.ops, &ada, ada.user_id().unwrap())
            .await
            .unwrap();
        listed[0].address.clone()
    };
    let away = caller("192.0.2.44");
    sessions::session_actor(&world.ops, session, &away)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(place().await, HOME);
    world.pass(Duration::minutes(1));
    sessions::session_actor(&world.ops, session, &away)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(place().await, "192.0.2.44");
}
