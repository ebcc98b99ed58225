//! The console's own database, restored with nothing of it known before.

use backup::Kind;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use store::PgPool;

use super::{
    super::{
        OwnDatabase, Place,
        own::{Source, plan, restore},
    },
    world::World,
};
use crate::outside::Clock;

const LATEST: Source<'_> = Source {
    what: "latest",
    location: None,
    password_file: None,
};

/// A console whose database was backed up: it has a console's tables.
async fn backed_up(db: &PgPool) -> (World, Place) {
    let world = World::new(db).await;
    let own = world.ops.backups.own().unwrap().clone();
    let pool = PgPool::connect_with((*db.connect_options()).clone().database(&own.name))
        .await
        .unwrap();
    store::MIGRATOR.run(&pool).await.unwrap();
    pool.close().await;
    world.back_up().await;
    let place = Place::new(world.folder.clone(), None, Some(own));
    (world, place)
}

async fn connect(world: &World) -> PgConnection {
    let options = (*world.ops.db.connect_options())
        .clone()
        .database(&world.source);
    PgConnection::connect_with(&options).await.unwrap()
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_there_is_put_aside(db: PgPool) {
    let (world, place) = backed_up(&db).await;
    world.sql("DROP TABLE orders").await;
    let found = plan(&place, LATEST).await.unwrap();
    assert!(found.is_there);
    assert_eq!(found.database(), world.source);
    let done = restore(&place, &found, world.clock.now(), |_| ())
        .await
        .unwrap();
    assert!(done.kept.is_some_and(|kept| kept.contains("_before_")));
    assert!(!done.adopted, "it is this place's own");
    assert_eq!(world.orders().await, Some(5_000));
    world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn on_a_new_machine_it_is_made(db: PgPool) {
    let (world, place) = backed_up(&db).await;
    sqlx::query(AssertSqlSafe(format!("DROP DATABASE {}", world.source)))
        .execute(&db)
        .await
        .unwrap();
    // Another folder: nothing but the sheet's password came along.
    let folder = world.folder.join("new");
    let sheet = world.folder.join("password");
    let repository = place.repository().display().to_string();
    let own: OwnDatabase = place.own().unwrap().clone();
    let new = Place::new(folder.clone(), None, Some(own));
    let source = Source {
        what: "latest",
        location: Some(&repository),
        password_file: Some(&sheet),
    };
    let found = plan(&new, source).await.unwrap();
    assert!(!found.is_there);
    let done = restore(&new, &found, world.clock.now(), |_| ())
        .await
        .unwrap();
    assert_eq!(done.kept, None);
    assert!(done.adopted);
    assert_eq!(
        std::fs::read(folder.join("password")).unwrap(),
        std::fs::read(&sheet).unwrap()
    );
    assert_eq!(world.orders().await, Some(5_000));
    world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn it_refuses_while_somebody_is_in_it_and_what_is_no_consoles(db: PgPool) {
    let (world, place) = backed_up(&db).await;
    let session = connect(&world).await;
    let refused = plan(&place, LATEST).await.err().unwrap();
    assert_eq!(refused.kind, Kind::Busy);
    assert!(
        refused.message.contains("is in use by"),
        "{}",
        refused.message
    );
    session.close().await.unwrap();
    let mut console = connect(&world).await;
    sqlx::query("SELECT pg_advisory_lock(7867, 1)")
        .execute(&mut console)
        .await
        .unwrap();
    let refused = plan(&place, LATEST).await.err().unwrap();
    assert!(
        refused.message.contains("A console runs on"),
        "{}",
        refused.message
    );
    console.close().await.unwrap();

    let unknown = Source {
        what: "0123456789abcdef",
        ..LATEST
    };
    assert_eq!(
        plan(&place, unknown).await.err().unwrap().kind,
        Kind::NotFound
    );
    let nowhere = Source {
        location: Some("/nowhere/at/all"),
        ..LATEST
    };
    assert_eq!(
        plan(&place, nowhere).await.err().unwrap().kind,
        Kind::NoRepository
    );
    assert!(!std::path::Path::new("/nowhere").exists(), "none is made");

    // A backup of another database is none.
    world
        .sql("DROP TABLE audit CASCADE; DROP TABLE change_head CASCADE")
        .await;
    let other = world.back_up().await;
    let label = store::backups::taken::label(&db, other.id)
        .await
        .unwrap()
        .unwrap();
    let named = Source {
        what: &label,
        ..LATEST
    };
    let refused = plan(&place, named).await.err().unwrap();
    assert!(
        refused.message.contains("no console's"),
        "{}",
        refused.message
    );
    world.end().await;
}
