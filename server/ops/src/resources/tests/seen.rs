use store::PgPool;
use types::{Error, Role};

use super::{HOST, SECOND, World};
use crate::{
    Actor, Caller, Fault, Who,
    resources::{self, SeriesQuery},
};

fn token(teams: &[&str]) -> Actor {
    Actor {
        who: Who::Token { id: 1 },
        name: "token".to_owned(),
        role: Role::Viewer,
        teams: teams.iter().map(|&team| team.to_owned()).collect(),
        caller: Caller::default(),
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn whoever_acts_for_one_team_sees_no_containers(db: PgPool) {
    let mut world = World::new(&db);
    let start = world.now();
    world.send(30, SECOND);
    world.flush().await;
    let ids = [world.id(0).await, world.id(2).await, 99_999];
    let (ops, to) = (&world.ops, world.now() + 1_000);
    for (actor, seen) in [(token(&[]), 2), (token(&["platform"]), 1)] {
        let charts = resources::points(ops, &actor, &ids, start, to, 100)
            .await
            .unwrap();
        assert_eq!(charts.len(), seen);
        let listed = resources::series(ops, &actor, SeriesQuery::all(HOST, None)).await;
        assert_eq!(listed.unwrap().series.len(), seen + 1);
        assert_eq!(resources::hosts(ops, &actor).await.unwrap()[0].name, HOST);
    }
    let none = resources::series(ops, &token(&[]), SeriesQuery::all("none", None)).await;
    assert_eq!(none.unwrap().series, []);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_question_that_makes_no_sense_is_refused(db: PgPool) {
    let world = World::new(&db);
    for (ids, from, to, points) in [
        (vec![1], 5, 5, 10),
        (vec![1], 5, i64::MAX, 10),
        (vec![1], -1, 5, 10),
        (vec![1], 0, 5, 1),
        (vec![1], 0, 5, 1_000_000),
        (vec![1; 501], 0, 5, 10),
    ] {
        let asked = resources::points(&world.ops, &Actor::system(), &ids, from, to, points).await;
        assert!(
            matches!(asked, Err(Fault::Told(Error::Invalid { .. }))),
            "{from} {to} {points}"
        );
    }
    let none = resources::points(&world.ops, &Actor::system(), &[7], 0, 5, 10).await;
    assert_eq!(none.unwrap(), []);
}
