use types::{OffsetDateTime, identity::TeamRef};

use super::*;

#[test]
fn what_a_token_acts_for_is_said_by_role_and_team() {
    let of = |role, team: Option<&str>| {
        reach(&ApiToken {
            id: 1,
            name: "ci".to_owned(),
            role,
            team: team.map(|name| TeamRef {
                id: 1,
                name: name.to_owned(),
            }),
            host: None,
            created_by: String::new(),
            created_at: OffsetDateTime::UNIX_EPOCH,
            expires_at: OffsetDateTime::UNIX_EPOCH,
            last_used_at: None,
            revoked_at: None,
        })
    };
    assert_eq!(of(Role::TeamLead, Some("video")), "video");
    assert_eq!(of(Role::Cto, None), "every team");
    assert_eq!(of(Role::Viewer, None), "every team");
    assert_eq!(of(Role::Agent, None), "its first host");
    assert!(of(Role::TeamLead, None).starts_with("no team"));
}
