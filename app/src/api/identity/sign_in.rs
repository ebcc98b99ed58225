//! Into the console and out of it.

use leptos::prelude::*;
use types::Error;

/// Makes the first CTO with the one-time link's token, and signs them in.
#[server(prefix = "/fn", endpoint = "set_up", output = types::wire::Json)]
pub async fn set_up(
    token: String,
    name: String,
    email: String,
    password: String,
) -> Result<(), Error> {
    use crate::ssr;
    let (ops, caller) = ssr::asked_by_anyone()?;
    let first = ops::identity::setup::FirstUser {
        email: &email,
        name: &name,
        password: &password,
    };
    let signed_in = ops::identity::setup::redeem(&ops, &caller, &token, &first)
        .await
        .map_err(|fault| ssr::tell_form(fault, "setup", &[("name", &name), ("email", &email)]))?;
    ssr::session::open(signed_in).await?;
    ssr::go_on("/");
    Ok(())
}

/// Whether a set-up link can be used.
#[server(prefix = "/fn", endpoint = "setup_link", output = types::wire::Json)]
pub async fn setup_link(token: String) -> Result<bool, Error> {
    let (ops, _) = crate::ssr::asked_by_anyone()?;
    ops::identity::setup::is_open(&ops, &token)
        .await
        .map_err(crate::ssr::tell)
}

/// Opens a session; gives the page to go to.
#[server(prefix = "/fn", endpoint = "sign_in", output = types::wire::Json)]
pub async fn sign_in(
    email: String,
    password: String,
    #[server(default)] code: String,
    #[server(default)] next: String,
) -> Result<String, Error> {
    use crate::ssr;
    let (ops, caller) = ssr::asked_by_anyone()?;
    let device = ssr::session::device();
    let credentials = ops::identity::Credentials {
        email: &email,
        password: &password,
        code: Some(code.as_str()).filter(|code| !code.is_empty()),
        device: device.as_deref(),
    };
    let signed_in = ops::identity::sign_in(&ops, &caller, &credentials)
        .await
        .map_err(|fault| ssr::tell_form(fault, "sign-in", &[("email", &email)]))?;
    ssr::session::open(signed_in).await?;
    let next = same_site(&next);
    ssr::go_on(&next);
    Ok(next)
}

/// Ends the session.
#[server(prefix = "/fn", endpoint = "sign_out", output = types::wire::Json)]
pub async fn sign_out() -> Result<(), Error> {
    use crate::ssr;
    let (ops, actor) = ssr::asked()?;
    ops::identity::sessions::sign_out(&ops, &actor)
        .await
        .map_err(ssr::tell)?;
    ssr::session::close().await?;
    ssr::go_on("/sign-in");
    Ok(())
}

/// `next` if it is a path of this site, else the overview.
#[cfg(feature = "ssr")]
fn same_site(next: &str) -> String {
    // Browsers read "\" as "/", and drop tabs and line breaks before they look.
    let is_path = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(|c: char| c == '\\' || c.is_control());
    if is_path {
        next.to_owned()
    } else {
        "/".to_owned()
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::same_site;

    #[test]
    fn only_paths_of_this_site() {
        assert_eq!(
            same_site("/deployment/shop/web?x=1"),
            "/deployment/shop/web?x=1"
        );
        for next in [
            "",
            "deployment",
            "//elsewhere.example",
            "/\\elsewhere.example",
            "/\t/elsewhere.example",
            "https://elsewhere.example",
            "javascript:alert(1)",
        ] {
            assert_eq!(same_site(next), "/", "{next:?}");
        }
    }
}
