//! Every use-case of identity and audit, walked with every role and with tokens: who lacks the capability is refused,
//! the refusal is in the log, and nothing changes.

use ops::{
    Actor, Outcome, audit,
    identity::{sessions, teams, tokens, totp, users},
};
use sqlx::PgPool;
use types::{
    Capability, Error, Role,
    access::Reach,
    audit::AuditFilter,
    identity::{NewUser, TokenRequest, UserEdit},
};

use crate::world::{HOME, World, caller};

/// Somebody whom nothing in the walk is allowed to touch unless it is allowed to.
const TARGET: &str = "target@example.com";

/// The use-cases that need a capability, by the verb of their entry in the log.
const WALK: [(&str, Capability); 19] = [
    ("user.list", Capability::Manage),
    ("user.get", Capability::Manage),
    ("user.create", Capability::Manage),
    ("user.update", Capability::Manage),
    ("user.disable", Capability::Manage),
    ("user.enable", Capability::Manage),
    ("user.reset_password", Capability::Manage),
    ("totp.remove", Capability::Manage),
    ("session.list", Capability::Manage),
    ("session.end_all", Capability::Manage),
    ("team.list", Capability::Manage),
    ("team.create", Capability::Manage),
    ("team.rename", Capability::Manage),
    ("team.delete", Capability::Manage),
    ("service.set_team", Capability::Manage),
    ("token.list", Capability::Manage),
    ("token.create", Capability::Manage),
    ("token.revoke", Capability::Manage),
    ("audit.list", Capability::SeeAudit),
];

async fn call(world: &World, actor: &Actor, verb: &str, target: i64, team: i64) -> Outcome<()> {
    let ops = &world.ops;
    match verb {
        "user.list" => users::list(ops, actor).await.map(drop),
        "user.get" => users::get(ops, actor, target).await.map(drop),
        "user.create" => {
            let new = NewUser {
                email: format!("new-{}@example.com", rand::random::<u32>()),
                name: "New".to_owned(),
                role: Role::Cto,
                teams: Vec::new(),
                password: "a-quiet-harbour".to_owned(),
            };
            users::create(ops, actor, &new).await.map(drop)
        }
        "user.update" => {
            let edit = UserEdit {
                email: TARGET.to_owned(),
                name: "Target".to_owned(),
                role: Role::Viewer,
                teams: Vec::new(),
            };
            users::update(ops, actor, target, &edit).await.map(drop)
        }
        "user.disable" => users::disable(ops, actor, target).await,
        "user.enable" => users::enable(ops, actor, target).await,
        "user.reset_password" => {
            users::reset_password(ops, actor, target, "seven-tall-masts").await
        }
        "totp.remove" => totp::remove(ops, actor, target).await,
        "session.list" => sessions::list(ops, actor, target).await.map(drop),
        "session.end_all" => sessions::end_all_of(ops, actor, target).await.map(drop),
        "team.list" => teams::list(ops, actor).await.map(drop),
        "team.create" => teams::create(ops, actor, "new").await.map(drop),
        "team.rename" => teams::rename(ops, actor, team, "renamed").await,
        "team.delete" => teams::delete(ops, actor, team).await,
        "service.set_team" => teams::set_service_team(ops, actor, "shop", "web", None).await,
        "token.list" => tokens::list(ops, actor).await.map(drop),
        "token.create" => {
            let request = TokenRequest {
                name: "new".to_owned(),
                role: Role::Cto,
                team: None,
                days: 1,
                host: None,
            };
            tokens::create(ops, actor, &request).await.map(drop)
        }
        "token.revoke" => tokens::revoke(ops, actor, 1).await,
        "audit.list" => audit::list(ops, actor, &AuditFilter::default())
            .await
            .map(drop),
        other => panic!("{other} is not called"),
    }
}

fn is_forbidden(outcome: &Outcome<()>) -> bool {
    let told = outcome.as_ref().err().and_then(ops::Fault::told);
    matches!(told, Some(Error::Forbidden { .. }))
}

#[sqlx::test(migrations = "../../migrations")]
async fn every_role_gets_what_the_table_says(db: PgPool) {
    let world = World::new(db);
    let system = Actor::system();
    let target = world.user(TARGET, Role::Viewer).await;
    let team = teams::create(&world.ops, &system, "walked").await.unwrap();
    let mut actors = Vec::new();
    for role in Role::ALL {
        let is_agent = role == Role::Agent;
        if !is_agent {
            actors.push(world.someone(role).await);
        }
        for confined in [None, Some(team.id)] {
            // The role is a token's alone, and of no team.
            if is_agent && confined.is_some() {
                continue;
            }
            let request = TokenRequest {
                name: format!("{}-{confined:?}", role.as_str()),
                role,
                team: confined,
                days: 1,
                host: None,
            };
            let token = tokens::create(&world.ops, &system, &request).await.unwrap();
            let actor = tokens::token_actor(&world.ops, &token.secret, &caller(HOME))
                .await
                .unwrap();
            actors.push(actor.unwrap());
        }
    }
    // The least powerful first, so that nothing is gone before those who must be refused have tried.
    actors.sort_by_key(|actor| (actor.role, actor.user_id().is_some()));
    for actor in &actors {
        for (verb, capability) in WALK {
            let refusals = "SELECT count(*) FROM audit WHERE result = 'refused'";
            let before = (world.count(refusals).await, world.facts().await);
            let outcome = call(&world, actor, verb, target.id, team.id).await;
            let is_token = actor.user_id().is_none();
            // The users may be read with the token of a CTO that is confined to no team.
            let reads = verb == "user.list" && actor.role == Role::Cto && actor.teams.is_empty();
            // A lead's token without a team leads none: it has no entries to see.
            let leads_none = is_token
                && capability.reach(actor.role) == Reach::OwnTeam
                && capability == Capability::SeeAudit
                && actor.teams.is_empty();
            let lacks = capability.reach(actor.role) == Reach::None
                || leads_none
                || (is_token && capability == Capability::Manage && !reads);
            assert_eq!(is_forbidden(&outcome), lacks, "{verb} by {}", actor.name);
            if lacks {
                assert_eq!(
                    world.count(refusals).await,
                    before.0 + 1,
                    "{verb} by {}",
                    actor.name
                );
                assert_eq!(
                    world.facts().await,
                    before.1,
                    "{verb} by {} changed something",
                    actor.name
                );
                let last = world.log(verb).await.pop().unwrap();
                assert_eq!((last.0, last.2.as_str()), (actor.name.clone(), "refused"));
            }
        }
    }
}

impl World {
    /// All that the walk could change.
    async fn facts(&self) -> String {
        sqlx::query_scalar(
            "SELECT concat((SELECT jsonb_agg(u ORDER BY id) FROM users u), (SELECT jsonb_agg(t ORDER BY id) FROM team t),
                    (SELECT jsonb_agg(m) FROM team_member m), (SELECT jsonb_agg(k ORDER BY id) FROM api_token k),
                    (SELECT count(*) FROM session), (SELECT jsonb_agg(s) FROM service_team s))",
        )
        .fetch_one(&self.ops.db)
        .await
        .unwrap()
    }
}
