//! What the contents of configuration would become, without its secrets.

use store::PgPool;
use types::{Role, operations::Phase};

use super::{super::plan, files::cto, world::World};
use crate::{Actor, actor::Who};

#[sqlx::test(migrations = "../../migrations")]
async fn a_plan_of_configuration_shows_the_lines_that_change_and_no_secret(db: PgPool) {
    let world = World::new(&db).await;
    let shop = world.folder.with_extension("shop");
    std::fs::create_dir_all(shop.join("nginx")).unwrap();
    let (env, compose) = (shop.join(".env"), shop.join("compose.yaml"));
    let site = shop.join("nginx/site.conf");
    std::fs::write(&env, "DB_PASSWORD=then-s3cret\nLOG=info\n").unwrap();
    std::fs::write(&compose, "services:\n  web:\n    image: shop:1\n").unwrap();
    std::fs::write(&site, "listen 80;\nserver_name shop;\n").unwrap();
    let paths = [env.clone(), compose.clone(), shop.join("nginx")];
    let set = world.set_of(&paths).await;
    sqlx::query("UPDATE backup_set SET kind = 'config', is_found = false WHERE id = $1")
        .bind(set.id)
        .execute(&db)
        .await
        .unwrap();
    let backup = world.back_up_set(set.id).await;
    assert_eq!(backup.status, Phase::Succeeded, "{:?}", backup.failure);
    std::fs::write(&env, "DB_PASSWORD=now-s3cret\nLOG=info\nNEW=now-s3cret\n").unwrap();
    std::fs::write(&site, "listen 8080;\nserver_name shop;\n").unwrap();
    std::fs::remove_file(&compose).unwrap();

    let told = plan(&world.ops, &cto(&world), backup.id, &[])
        .await
        .unwrap();
    let files = told.files.unwrap();
    assert_eq!((files.changed, files.missing), (2, 1), "{files:?}");
    let shown: Vec<(&str, Vec<&str>)> = (files.texts.iter())
        .map(|text| {
            let lines = text.lines.iter().map(String::as_str).collect();
            (text.path.rsplit('/').next().unwrap(), lines)
        })
        .collect();
    assert_eq!(
        shown,
        [
            (
                ".env",
                vec![
                    "@@ -1,3 +1,2 @@",
                    "-DB_PASSWORD=•••",
                    "+DB_PASSWORD=•••",
                    " LOG=•••",
                    "-NEW=•••",
                ]
            ),
            (
                "compose.yaml",
                vec![
                    "@@ -0,0 +1,3 @@",
                    "+services:",
                    "+  web:",
                    "+    image: shop:1",
                ]
            ),
            (
                "site.conf",
                vec![
                    "@@ -1,2 +1,2 @@",
                    "-listen 8080;",
                    "+listen 80;",
                    " server_name shop;",
                ]
            ),
        ]
    );
    assert!(!format!("{files:?}").contains("s3cret"));

    // Who may not restore sees that files differ, and not how.
    let token = Actor {
        who: Who::Token { id: 1 },
        role: Role::Cto,
        ..Actor::system()
    };
    let told = plan(&world.ops, &token, backup.id, &[]).await.unwrap();
    let files = told.files.unwrap();
    assert!(files.texts.is_empty() && files.changed == 2);
    std::fs::remove_dir_all(shop).unwrap();
    world.end().await;
}
