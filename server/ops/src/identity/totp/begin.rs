//! Beginning to enrol a second factor.

use qrcodegen::{QrCode, QrCodeEcc};
use store::users;
use time::Duration;
use types::{Error, identity::TotpEnrolment};

use super::{generator, place_of_enrolment};
use crate::{
    Actor, Fault, Ops, Outcome,
    audit::{self, Entry},
    identity::person,
};

/// How long a shown secret waits for its first code.
const LASTS: Duration = Duration::minutes(10);

/// Makes a secret for the actor's authenticator app; it counts once a code of it is confirmed, within ten minutes.
///
/// # Errors
/// `StepUpRequired`, `Conflict` when a second factor is on already or the console has no key, `Unauthenticated` for anyone but a signed-in
/// person; or the database failed.
pub async fn begin(ops: &Ops, actor: &Actor) -> Outcome<TotpEnrolment> {
    let (id, _) = person(actor)?;
    let now = ops.clock.now();
    let proved = actor.must_have_proved(now);
    audit::permit(ops, actor, "totp.begin", &actor.name, None, proved).await?;
    let account = users::account(&ops.db, id)
        .await?
        .ok_or(Error::Unauthenticated)?;
    if account.totp_secret.is_some() {
        return Err(Error::conflict(
            "A second factor is on already. Turn it off first to enrol another device.",
        )
        .into());
    }
    let secret = rand::random::<[u8; 20]>();
    let totp = generator(&secret, &account.email)?;
    let url = totp
        .to_url()
        .map_err(|error| Fault::Inside(format!("totp: {error}")))?;
    let qr = modules(&url)?;
    let sealed = ops.seal.seal(&place_of_enrolment(id), &secret)?;
    let mut tx = ops.begin().await?;
    store::totp::begin(&mut tx, id, &sealed, now + LASTS).await?;
    audit::record(
        &mut tx,
        ops,
        actor,
        Entry::done("totp.begin", &account.email),
    )
    .await?;
    Ops::commit(tx).await?;
    Ok(TotpEnrolment {
        secret: totp.secret().to_base32(),
        url,
        qr,
    })
}

/// The square of modules of a QR code, row by row, without its quiet zone.
fn modules(text: &str) -> Outcome<Vec<Vec<bool>>> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium)
        .map_err(|error| Fault::Inside(error.to_string()))?;
    Ok((0..code.size())
        .map(|y| (0..code.size()).map(|x| code.get_module(x, y)).collect())
        .collect())
}
