//! What /readyz says is missing.

use sqlx::PgPool;

use crate::console::Console;

#[sqlx::test(migrations = "../migrations")]
async fn each_lack_has_its_own_words(db: PgPool) {
    let console = Console::new(db.clone());
    let answer = console.get("/readyz", "").await;
    assert_eq!(
        (answer.status.as_u16(), answer.text().as_str()),
        (200, "ready\n")
    );
    for (statement, words) in [
        (
            "DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
            "run ytops migrate",
        ),
        (
            "ALTER TABLE _sqlx_migrations RENAME COLUMN success TO went_well",
            "answers with an error",
        ),
        ("DROP TABLE _sqlx_migrations", "run ytops migrate"),
    ] {
        sqlx::query(statement).execute(&db).await.unwrap();
        let answer = console.get("/readyz", "").await;
        assert_eq!(answer.status.as_u16(), 503, "{statement}");
        assert!(
            answer.text().contains(words),
            "{statement}: {}",
            answer.text()
        );
        assert!(!answer.text().contains("went_well"), "{}", answer.text());
    }
    db.close().await;
    let answer = console.get("/readyz", "").await;
    assert_eq!(answer.status.as_u16(), 503);
    assert_eq!(answer.text(), "the database does not answer\n");
}
