//! Teams and what they own.

use ops::identity::{teams, tokens, users};
use sqlx::PgPool;
use types::{
    Error, Role,
    identity::{TokenRequest, UserEdit},
};

use crate::world::{World, refused, told};

#[sqlx::test(migrations = "../../migrations")]
async fn a_team_is_made_renamed_filled_and_deleted(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let ada = world.someone(Role::Engineer).await;
    let id = ada.user_id().unwrap();
    let team = teams::create(&world.ops, &cto, " web ").await.unwrap();
    assert_eq!(team.name, "web");
    let joins = |teams: &[i64]| UserEdit {
        email: ada.name.clone(),
        name: "Ada".to_owned(),
        role: Role::Engineer,
        teams: teams.to_vec(),
    };
    users::update(&world.ops, &cto, id, &joins(&[team.id, team.id]))
        .await
        .unwrap();
    assert_eq!(world.again(&ada).await.teams, ["web"]);
    teams::rename(&world.ops, &cto, team.id, "web-2")
        .await
        .unwrap();
    assert_eq!(world.again(&ada).await.teams, ["web-2"]);
    let listed = teams::list(&world.ops, &cto).await.unwrap();
    let names: Vec<&str> = listed.iter().map(|team| team.name.as_str()).collect();
    assert_eq!(names, ["platform", "web-2"]);

    let request = TokenRequest {
        name: "ci".to_owned(),
        role: Role::Engineer,
        team: Some(team.id),
        days: 30,
        host: None,
    };
    let token = tokens::create(&world.ops, &cto, &request).await.unwrap();
    let refusal = async || match told(teams::delete(&world.ops, &cto, team.id).await) {
        Error::Conflict { message } => message,
        other => panic!("{other:?}"),
    };
    let told_all = refusal().await;
    for word in [
        "1 member,",
        "1 valid API token.",
        "page Users",
        "revoke its tokens",
    ] {
        assert!(told_all.contains(word), "{word}: {told_all}");
    }
    users::update(&world.ops, &cto, id, &joins(&[]))
        .await
        .unwrap();
    assert!(!refusal().await.contains("member"));
    tokens::revoke(&world.ops, &cto, token.token.id)
        .await
        .unwrap();
    // Once by its label and once given: each service counts once.
    sqlx::query(
        "INSERT INTO container (id, project, service, state, health, since, facts)
         VALUES ('c1', 'shop', 'web', 'running', 'none', now(), '{\"team\": \"web-2\"}'),
                ('c2', 'shop', 'web', 'running', 'none', now(), '{\"team\": \"web-2\"}'),
                ('c3', 'shop', 'api', 'running', 'none', now(), '{\"team\": \"other\"}')",
    )
    .execute(&world.ops.db)
    .await
    .unwrap();
    assert!(refusal().await.contains("1 service."));
    teams::set_service_team(&world.ops, &cto, "shop", "api", Some(team.id))
        .await
        .unwrap();
    assert!(refusal().await.contains("2 services."));
    assert_eq!(world.count("SELECT count(*) FROM team").await, 2);
    sqlx::query("DELETE FROM container")
        .execute(&world.ops.db)
        .await
        .unwrap();
    teams::delete(&world.ops, &cto, team.id).await.unwrap();
    assert_eq!(world.count("SELECT count(*) FROM api_token").await, 0);
    assert!(matches!(
        told(teams::delete(&world.ops, &cto, team.id).await),
        Error::NotFound { .. }
    ));
    let teams: Vec<Option<String>> =
        sqlx::query_scalar("SELECT team FROM audit WHERE action LIKE 'team.%' ORDER BY id")
            .fetch_all(&world.ops.db)
            .await
            .unwrap();
    let teams: Vec<&str> = teams.iter().flatten().map(String::as_str).collect();
    assert_eq!(teams, ["web", "web", "web-2"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn names_are_had_once_and_bounded(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let team = teams::create(&world.ops, &cto, "web").await.unwrap();
    let long = "a".repeat(41);
    for name in [
        "", "Web", "a b", "-a", "web\0", "<b>", &long, "web", "platform",
    ] {
        refused(teams::create(&world.ops, &cto, name).await, "name");
    }
    refused(
        teams::rename(&world.ops, &cto, team.id, "platform").await,
        "name",
    );
    assert_eq!(world.count("SELECT count(*) FROM team").await, 2);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_default_team_stays(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    assert!(matches!(
        told(teams::delete(&world.ops, &cto, 1).await),
        Error::Conflict { .. }
    ));
    assert!(matches!(
        told(teams::rename(&world.ops, &cto, 1, "base").await),
        Error::Conflict { .. }
    ));
    for missing in [0, i64::MAX] {
        assert!(matches!(
            told(teams::delete(&world.ops, &cto, missing).await),
            Error::NotFound { .. }
        ));
        assert!(matches!(
            told(teams::rename(&world.ops, &cto, missing, "x").await),
            Error::NotFound { .. }
        ));
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_service_is_given_to_a_team_and_back_to_its_label(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let team = teams::create(&world.ops, &cto, "web").await.unwrap();
    let unknown = teams::set_service_team(&world.ops, &cto, "shop", "backend", Some(team.id)).await;
    assert!(matches!(told(unknown), Error::NotFound { .. }));
    sqlx::query(
        "INSERT INTO container (id, project, service, state, health, since, facts)
         VALUES ('c1', 'shop', 'backend', 'running', 'none', now(), '{}')",
    )
    .execute(&world.ops.db)
    .await
    .unwrap();
    let no_team = teams::set_service_team(&world.ops, &cto, "shop", "backend", Some(9_999)).await;
    refused(no_team, "team");
    refused(
        teams::set_service_team(&world.ops, &cto, "sh\0op", "backend", None).await,
        "project",
    );
    teams::set_service_team(&world.ops, &cto, "shop", "backend", Some(team.id))
        .await
        .unwrap();
    let owner = async || {
        store::teams::of_service(&world.ops.db, "shop", "backend")
            .await
            .unwrap()
    };
    assert_eq!(owner().await.as_deref(), Some("web"));
    teams::set_service_team(&world.ops, &cto, "shop", "backend", None)
        .await
        .unwrap();
    assert_eq!(owner().await, None);
    assert_eq!(
        world.results("service.set_team").await,
        ["success", "success"]
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn teams_that_labels_alone_name_are_told(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let lead = world.someone(Role::TeamLead).await;
    sqlx::query(
        "INSERT INTO container (id, project, service, state, health, since, facts)
         VALUES ('c1', 'shop', 'db', 'running', 'none', now(), '{\"project\": \"shop\", \"service\": \"db\", \"team\": \"data\"}'),
                ('c2', 'shop', 'cache', 'running', 'none', now(), '{\"project\": \"shop\", \"service\": \"cache\", \"team\": \"data\"}'),
                ('c3', 'shop', 'api', 'running', 'none', now(), '{\"project\": \"shop\", \"service\": \"api\", \"team\": \"backend\"}'),
                ('c4', 'shop', 'proxy', 'running', 'none', now(), '{\"project\": \"shop\", \"service\": \"proxy\"}')",
    )
    .execute(&world.ops.db)
    .await
    .unwrap();
    teams::create(&world.ops, &cto, "backend").await.unwrap();
    assert_eq!(
        teams::named(&world.ops, &cto).await.unwrap(),
        ["data".to_owned()]
    );
    assert!(matches!(
        told(teams::named(&world.ops, &lead).await),
        Error::Forbidden { .. }
    ));
}
