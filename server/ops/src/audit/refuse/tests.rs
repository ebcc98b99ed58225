#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::sync::Arc;

use store::PgPool;
use types::Role;

use super::*;
use crate::{Who, outside::FixedClock};

const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

fn author(id: i64, caller: &Caller) -> Author<'_> {
    Author {
        name: "ada@example.com",
        id: Some(id),
        caller,
    }
}

#[test]
fn each_is_due_once_a_minute_and_all_together_have_a_bound() {
    let (refusals, caller) = (Refusals::default(), Caller::default());
    let due = |parts: &[&str], id, now| refusals.is_due(key(parts), &author(id, &caller), now);
    assert!(due(&["a", "b"], 0, START));
    assert!(!due(&["a", "b"], 0, START + Duration::seconds(59)));
    assert!(due(&["ab"], 0, START), "another");
    let written = (0..2 * MOST)
        .filter(|number| {
            let id = i64::try_from(number / 50).unwrap();
            due(&[&number.to_string()], id + 1, START)
        })
        .count();
    assert_eq!(written, MOST - 2);
    assert!(due(&["a", "b"], 0, START + EVERY), "the minute is over");
    assert_eq!(refusals.lock().at.len(), 1);
}

#[test]
fn nobody_takes_the_room_of_others() {
    let (refusals, here) = (Refusals::default(), Caller::default());
    let elsewhere = Caller {
        address: "192.0.2.44".to_owned(),
        ..Caller::default()
    };
    let flood = |author: &Author<'_>, now| {
        (0..200)
            .filter(|number: &i32| refusals.is_due(key(&[&number.to_string()]), author, now))
            .count()
    };
    let most = usize::try_from(MOST_OF_ONE).unwrap();
    assert_eq!(flood(&author(1, &here), START), most);
    assert!(refusals.is_due(key(&["a"]), &author(2, &here), START));
    assert!(refusals.is_due(key(&["b"]), &author(1, &elsewhere), START));
    for name in ["a", "b"] {
        let stranger = Author {
            name,
            id: None,
            caller: &here,
        };
        for number in 0..most {
            refusals.is_due(key(&[name, &number.to_string()]), &stranger, START);
        }
    }
    assert!(refusals.over(START).is_empty());
    let over = refusals.over(START + EVERY);
    let mut told: Vec<_> = over
        .iter()
        .map(|share| (share.name.as_str(), share.left_out))
        .collect();
    told.sort_unstable();
    // Names that nobody proved share what there is for their network.
    assert_eq!(told, [("ada@example.com", 140), (NOBODY, 60)]);
    assert!(refusals.over(START + EVERY).is_empty(), "each once");
    assert!(refusals.lock().shares.is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_left_out_is_one_entry_with_their_number(db: PgPool) {
    let clock = Arc::new(FixedClock::at(START));
    let ops = Ops::new(db.clone(), clock.clone());
    let actor = Actor {
        who: Who::Token { id: 7 },
        name: "ci".to_owned(),
        role: Role::Viewer,
        teams: Vec::new(),
        caller: Caller::default(),
    };
    for number in 0..MOST_OF_ONE + 3 {
        let target = format!("service demo/{number}");
        refuse(&ops, &actor, Entry::done("service.stop", &target))
            .await
            .unwrap();
    }
    sum_up(&ops).await.unwrap();
    let count = "SELECT count(*) FROM audit";
    let written = async || sqlx::query_scalar::<_, i64>(count).fetch_one(&db).await;
    assert_eq!(written().await.unwrap(), i64::from(MOST_OF_ONE));
    clock.advance(EVERY);
    sum_up(&ops).await.unwrap();
    sum_up(&ops).await.unwrap();
    let last: (String, String, String, String) = sqlx::query_as(
        "SELECT actor, action, result, detail::jsonb ->> 'reason' FROM audit ORDER BY id DESC LIMIT 1",
    )
    .fetch_one(&db)
    .await
    .unwrap();
    assert_eq!(
        (last.0.as_str(), last.1.as_str(), last.2.as_str()),
        ("ci", "request.refused", "refused")
    );
    assert_eq!(last.3, "3 further refusals were not written");
    assert_eq!(written().await.unwrap(), i64::from(MOST_OF_ONE) + 1);
}
