//! The second factor: enrolment, codes accepted once, recovery codes.

use futures::future::join_all;
use ops::{
    Actor,
    identity::{self, totp},
    secrets::{self, Seal},
};
use sqlx::PgPool;
use time::Duration;
use totp_rs::{Algorithm, Builder, Secret};
use types::{Error, Role};

use crate::world::{HOME, OTHER_PASSWORD, PASSWORD, World, refused, told, waits};

const ADA: &str = "ada@example.com";

/// An authenticator app.
struct App(totp_rs::Totp);

impl App {
    fn scan(secret: &str) -> Self {
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(30)
            .with_secret(Secret::try_from_base32(secret).unwrap())
            .with_account_name("ada")
            .build()
            .unwrap();
        Self(totp)
    }

    /// The code of now, `steps` later.
    fn code(&self, world: &World, steps: i64) -> String {
        let at = world.ops.clock.now().unix_timestamp() + steps * 30;
        self.0.generate(at.try_into().unwrap()).to_string()
    }

    /// The `n`th code that is none of now.
    fn wrong_code(&self, world: &World, n: usize) -> String {
        let right: Vec<String> = (-1..=1).map(|step| self.code(world, step)).collect();
        (0..)
            .map(|guess| format!("{guess:06}"))
            .filter(|guess| !right.contains(guess))
            .nth(n)
            .unwrap()
    }
}

impl World {
    /// Ada with a second factor: her app, her recovery codes, and who she acts as.
    async fn enrolled(&self) -> (App, Vec<String>, Actor) {
        self.user(ADA, Role::Viewer).await;
        let actor = self.actor(ADA).await;
        let enrolment = totp::begin(&self.ops, &actor).await.unwrap();
        let app = App::scan(&enrolment.secret);
        let codes = totp::confirm(&self.ops, &actor, &app.code(self, 0))
            .await
            .unwrap();
        // The code just confirmed is used up; the tests begin with a fresh one.
        self.pass(Duration::seconds(30));
        (app, codes, actor)
    }

    async fn with_code(&self, code: &str) -> Option<Error> {
        let outcome = self
            .sign_in_with(ADA, PASSWORD, Some(code), None, HOME)
            .await;
        outcome.is_err().then(|| told(outcome))
    }
}

const WRONG: Error = Error::SecondFactor { wrong: true };

#[sqlx::test(migrations = "../../migrations")]
async fn a_secret_counts_once_it_is_confirmed(db: PgPool) {
    let world = World::new(db);
    world.user(ADA, Role::Viewer).await;
    let actor = world.actor(ADA).await;
    let enrolment = totp::begin(&world.ops, &actor).await.unwrap();
    assert!(
        enrolment.url.starts_with("otpauth://totp/"),
        "{}",
        enrolment.url
    );
    assert!(enrolment.url.contains(&enrolment.secret));
    let size = enrolment.qr.len();
    assert!(size >= 21 && enrolment.qr.iter().all(|row| row.len() == size));
    // The finder pattern's top row: seven dark modules and a light one.
    assert_eq!(
        enrolment.qr[0][..8],
        [true, true, true, true, true, true, true, false]
    );
    world.sign_in(ADA, PASSWORD, HOME).await.unwrap();

    let app = App::scan(&enrolment.secret);
    let wrong = app.wrong_code(&world, 0);
    refused(totp::confirm(&world.ops, &actor, &wrong).await, "code");
    refused(totp::confirm(&world.ops, &actor, "").await, "code");
    let codes = totp::confirm(&world.ops, &actor, &app.code(&world, 0))
        .await
        .unwrap();
    assert_eq!(codes.len(), 10);
    let error = told(world.sign_in(ADA, PASSWORD, HOME).await);
    assert_eq!(error, Error::SecondFactor { wrong: false });
    let me = identity::users::me(&world.ops, &actor).await.unwrap();
    assert_eq!((me.user.totp, me.recovery_codes_left), (true, 10));
    assert!(matches!(
        told(totp::begin(&world.ops, &actor).await),
        Error::Conflict { .. }
    ));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_secret_waits_ten_minutes(db: PgPool) {
    let world = World::new(db);
    world.user(ADA, Role::Viewer).await;
    let actor = world.actor(ADA).await;
    let enrolment = totp::begin(&world.ops, &actor).await.unwrap();
    let app = App::scan(&enrolment.secret);
    world.pass(Duration::minutes(10));
    let error = told(totp::confirm(&world.ops, &actor, &app.code(&world, 0)).await);
    assert!(matches!(error, Error::Conflict { .. }), "{error:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_code_is_accepted_once(db: PgPool) {
    let world = World::new(db);
    let (app, _, actor) = world.enrolled().await;
    let code = app.code(&world, 0);
    assert_eq!(world.with_code(&code).await, None);
    assert_eq!(world.with_code(&code).await, Some(WRONG));
    // Nor where else a code is asked for, nor a step later while it would still count.
    let proof = identity::prove(&world.ops, &actor, PASSWORD, Some(&code)).await;
    assert_eq!(told(proof), WRONG);
    world.pass(Duration::seconds(30));
    assert_eq!(world.with_code(&code).await, Some(WRONG));
    let spaced = app.code(&world, 0);
    let (left, right) = spaced.split_at(3);
    assert_eq!(world.with_code(&format!(" {left} {right} ")).await, None);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_code_older_than_the_last_one_is_refused(db: PgPool) {
    let world = World::new(db);
    let (app, _, _) = world.enrolled().await;
    world.pass(Duration::minutes(1));
    assert_eq!(
        world.with_code(&app.code(&world, 1)).await,
        None,
        "a fast clock"
    );
    assert_eq!(world.with_code(&app.code(&world, 0)).await, Some(WRONG));
    assert_eq!(world.with_code(&app.code(&world, -1)).await, Some(WRONG));
}

#[sqlx::test(migrations = "../../migrations")]
async fn of_two_who_use_a_code_at_once_one_gets_in(db: PgPool) {
    let world = World::new(db);
    let (app, codes, _) = world.enrolled().await;
    for code in [app.code(&world, 0), codes[0].clone()] {
        let tries = (0..4).map(|_| world.with_code(&code));
        let answers = join_all(tries).await;
        assert_eq!(
            answers.iter().filter(|answer| answer.is_none()).count(),
            1,
            "{answers:?}"
        );
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_recovery_code_is_accepted_once_however_it_is_typed(db: PgPool) {
    let world = World::new(db);
    let (_, codes, actor) = world.enrolled().await;
    assert_eq!(
        world
            .with_code(&codes[0].to_uppercase().replace('-', " "))
            .await,
        None
    );
    assert_eq!(world.with_code(&codes[0]).await, Some(WRONG));
    assert_eq!(world.with_code(&codes[1]).await, None);
    let me = identity::users::me(&world.ops, &actor).await.unwrap();
    assert_eq!(me.recovery_codes_left, 8);
    // Stored as hashes.
    let plain: Vec<String> = codes.iter().map(|code| code.replace('-', "")).collect();
    let stored: Vec<String> =
        sqlx::query_scalar("SELECT encode(code_hash, 'escape') FROM recovery_code")
            .fetch_all(&world.ops.db)
            .await
            .unwrap();
    assert_eq!(stored.len(), 10);
    assert!(stored.iter().all(|hash| !plain.contains(hash)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn codes_cannot_be_guessed_at(db: PgPool) {
    let world = World::new(db);
    let (app, _, _) = world.enrolled().await;
    for guess in 0..7 {
        // Asking without a code in between takes nothing back.
        let bare = told(world.sign_in(ADA, PASSWORD, HOME).await);
        assert_eq!(bare, Error::SecondFactor { wrong: false });
        let wrong = app.wrong_code(&world, guess);
        assert_eq!(world.with_code(&wrong).await, Some(WRONG), "{guess}");
    }
    let pair = "SELECT failures::bigint FROM sign_in_failure WHERE key LIKE 'pair:%'";
    assert_eq!(world.count(pair).await, 7);
    assert_eq!(
        waits(
            world
                .sign_in_with(ADA, PASSWORD, Some(&app.code(&world, 0)), None, HOME)
                .await
        ),
        60
    );
    // A code is not looked at where the password is wrong.
    world.pass(Duration::minutes(2));
    let code = app.code(&world, 0);
    let outcome = world
        .sign_in_with(ADA, OTHER_PASSWORD, Some(&code), None, "192.0.2.1")
        .await;
    assert_eq!(told(outcome), Error::WrongCredentials);
    assert_eq!(world.with_code(&code).await, None);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_proof_needs_the_second_factor_too(db: PgPool) {
    let world = World::new(db);
    let (app, codes, actor) = world.enrolled().await;
    world.pass(Duration::minutes(6));
    assert_eq!(
        told(totp::disable(&world.ops, &actor).await),
        Error::StepUpRequired
    );
    assert_eq!(
        told(totp::regenerate(&world.ops, &actor).await),
        Error::StepUpRequired
    );
    let bare = identity::prove(&world.ops, &actor, PASSWORD, None).await;
    assert_eq!(told(bare), Error::SecondFactor { wrong: false });
    let until = identity::prove(&world.ops, &actor, PASSWORD, Some(&app.code(&world, 0)))
        .await
        .unwrap();
    assert_eq!(until, world.ops.clock.now() + Duration::minutes(5));

    let actor = world.again(&actor).await;
    let fresh = totp::regenerate(&world.ops, &actor).await.unwrap();
    assert_eq!(world.with_code(&codes[0]).await, Some(WRONG));
    assert_eq!(world.with_code(&fresh[0]).await, None);
    totp::disable(&world.ops, &actor).await.unwrap();
    world.sign_in(ADA, PASSWORD, HOME).await.unwrap();
    assert!(matches!(
        told(totp::disable(&world.ops, &actor).await),
        Error::Conflict { .. }
    ));
    assert_eq!(world.count("SELECT count(*) FROM recovery_code").await, 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_lost_phone_is_taken_off_by_a_cto(db: PgPool) {
    let world = World::new(db);
    let (_, _, actor) = world.enrolled().await;
    let cto = world.someone(Role::Cto).await;
    let id = actor.user_id().unwrap();
    assert!(matches!(
        told(totp::remove(&world.ops, &actor, id).await),
        Error::Forbidden { .. }
    ));
    totp::remove(&world.ops, &cto, id).await.unwrap();
    world.sign_in(ADA, PASSWORD, HOME).await.unwrap();
    assert!(world.gone(&actor).await, "sessions ended");
    assert!(matches!(
        told(totp::remove(&world.ops, &cto, id).await),
        Error::Conflict { .. }
    ));
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_log_has_no_secret(db: PgPool) {
    let world = World::new(db);
    let (app, codes, actor) = world.enrolled().await;
    assert_eq!(world.with_code(&codes[3]).await, None);
    identity::prove(&world.ops, &actor, PASSWORD, Some(&app.code(&world, 0)))
        .await
        .unwrap();
    let log: Vec<String> =
        sqlx::query_scalar("SELECT concat_ws(' ', actor, action, target, detail) FROM audit")
            .fetch_all(&world.ops.db)
            .await
            .unwrap();
    let secret = app.0.secret().to_base32();
    for line in log {
        assert!(
            !line.contains(PASSWORD) && !line.contains(&secret) && !line.contains(&codes[3]),
            "{line}"
        );
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn seeds_are_sealed_and_stay_where_they_are(db: PgPool) {
    let world = World::new(db);
    world.user(ADA, Role::Viewer).await;
    let actor = world.actor(ADA).await;
    let enrolment = totp::begin(&world.ops, &actor).await.unwrap();
    let app = App::scan(&enrolment.secret);
    let clear = app.0.secret().as_bytes().to_vec();
    let pending: Vec<u8> = sqlx::query_scalar("SELECT secret FROM totp_enrolment")
        .fetch_one(&world.ops.db)
        .await
        .unwrap();
    totp::confirm(&world.ops, &actor, &app.code(&world, 0))
        .await
        .unwrap();
    world.pass(Duration::seconds(30));
    let stored: Vec<u8> = sqlx::query_scalar("SELECT totp_secret FROM users")
        .fetch_one(&world.ops.db)
        .await
        .unwrap();
    for sealed in [&pending, &stored] {
        assert!(!sealed.windows(clear.len()).any(|part| part == clear));
    }
    assert_eq!(world.with_code(&app.code(&world, 0)).await, None);
    // Somebody with the database in their hands gives Ada's seed to an account whose password they know.
    world.user("eve@example.com", Role::Cto).await;
    sqlx::query("UPDATE users SET totp_secret = (SELECT totp_secret FROM users WHERE email = $1)")
        .bind(ADA)
        .execute(&world.ops.db)
        .await
        .unwrap();
    world.pass(Duration::seconds(30));
    let code = app.code(&world, 0);
    let moved = world
        .sign_in_with("eve@example.com", PASSWORD, Some(&code), None, HOME)
        .await;
    assert!(matches!(told(moved), Error::Conflict { .. }));
    assert_eq!(
        world.with_code(&code).await,
        None,
        "where it belongs it opens"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn without_the_key_a_code_is_refused_plainly_and_a_recovery_code_works(db: PgPool) {
    let world = World::new(db);
    let (app, codes, actor) = world.enrolled().await;
    for seal in [Seal::without_key("/nowhere/secret.key"), Seal::of_process()] {
        let keyless = World {
            ops: world.ops.clone().with_seal(seal),
            clock: world.clock.clone(),
        };
        let found = secrets::review(&keyless.ops).await.unwrap();
        assert_eq!((found.sealed, found.unreadable, found.clear), (1, 1, 0));
        let code = app.code(&world, 0);
        let Some(Error::Conflict { message }) = keyless.with_code(&code).await else {
            panic!("it was looked at")
        };
        assert!(
            message.contains("key file") && message.contains("recovery code"),
            "{message}"
        );
        let proof = identity::prove(&keyless.ops, &actor, PASSWORD, Some(&code)).await;
        assert!(matches!(told(proof), Error::Conflict { .. }));
    }
    let keyless = world
        .ops
        .clone()
        .with_seal(Seal::without_key("/nowhere/secret.key"));
    let keyless = World {
        ops: keyless,
        clock: world.clock.clone(),
    };
    assert_eq!(keyless.with_code(&codes[0]).await, None);
    let reasons = "SELECT count(*) FROM audit WHERE detail LIKE '%second-factor-unreadable%'";
    assert_eq!(world.count(reasons).await, 4);
    let cto = keyless.someone(Role::Cto).await;
    totp::remove(&keyless.ops, &cto, actor.user_id().unwrap())
        .await
        .unwrap();
    let begun = totp::begin(&keyless.ops, &cto).await;
    assert!(
        matches!(told(begun), Error::Conflict { .. }),
        "nothing is kept in clear"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_an_older_console_stored_in_clear_is_sealed(db: PgPool) {
    let world = World::new(db);
    let (app, _, _) = world.enrolled().await;
    let clear = app.0.secret().as_bytes().to_vec();
    sqlx::query("UPDATE users SET totp_secret = $1")
        .bind(&clear)
        .execute(&world.ops.db)
        .await
        .unwrap();
    sqlx::query(
        "INSERT INTO setting (key, value, updated_at, updated_by)
         VALUES ('verification.targets', '{\"redis\": \"redis://:p@h:6379\"}', now(), 'cto')",
    )
    .execute(&world.ops.db)
    .await
    .unwrap();
    assert_eq!(secrets::review(&world.ops).await.unwrap().clear, 2);
    secrets::seal_clear(&world.ops).await.unwrap();
    let found = secrets::review(&world.ops).await.unwrap();
    assert_eq!((found.sealed, found.unreadable, found.clear), (2, 0, 0));
    assert_eq!(world.with_code(&app.code(&world, 0)).await, None);
    let targets = ops::health::targets(&world.ops, &Actor::system()).await;
    let shown: Vec<String> = targets.unwrap().into_iter().map(|one| one.url).collect();
    assert!(
        shown.contains(&"redis://:********@h:6379".to_owned()),
        "{shown:?}"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_right_password_without_a_code_is_in_the_log(db: PgPool) {
    let world = World::new(db);
    let (_, _, actor) = world.enrolled().await;
    let missing =
        "SELECT count(*) FROM audit WHERE result = 'success' AND action = 'session.password_accepted'
                   AND actor = 'ada@example.com' AND actor_id IS NOT NULL
                   AND detail = '{\"asked_for\":\"second factor\"}'";
    let signed_in = world.results("session.sign_in").await;
    for _ in 0..3 {
        let error = told(world.sign_in(ADA, PASSWORD, HOME).await);
        assert_eq!(error, Error::SecondFactor { wrong: false });
    }
    assert_eq!(world.count(missing).await, 1, "once a minute");
    told(world.sign_in(ADA, PASSWORD, "192.0.2.7").await);
    assert_eq!(
        world.count(missing).await,
        2,
        "from elsewhere it is another"
    );
    world.pass(Duration::minutes(1));
    told(world.sign_in(ADA, PASSWORD, HOME).await);
    assert_eq!(world.count(missing).await, 3);
    told(identity::prove(&world.ops, &actor, PASSWORD, None).await);
    assert_eq!(world.results("session.prove").await, ["failure"]);
    // It is the ordinary first half, and no failure; a wrong code is one.
    assert_eq!(world.results("session.sign_in").await, signed_in);
    assert_eq!(world.with_code("000000").await, Some(WRONG));
    let failed = [signed_in, vec!["failure".to_owned()]].concat();
    assert_eq!(world.results("session.sign_in").await, failed);
}
