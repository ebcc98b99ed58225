//! What tries are counted under.

use std::net::IpAddr;

use crate::identity::secrets;

/// What a try is counted under.
#[derive(Clone, Debug)]
pub struct Keys {
    pub(super) all: Vec<String>,
    /// Forgotten when the try succeeds; of the others only the try itself is taken back.
    pub(super) forgotten: Vec<String>,
}

impl Keys {
    /// A sign-in from a browser that is not known: the address, the pair of account and address, the account.
    pub fn sign_in(email: &str, address: &str) -> Self {
        let (email, address) = (email.to_ascii_lowercase(), network(address));
        let pair = format!("pair:{email}|{address}");
        Self {
            all: vec![
                format!("account:{email}"),
                format!("address:{address}"),
                pair.clone(),
            ],
            forgotten: vec![pair],
        }
    }

    /// A sign-in from a device that signed in before: the device alone.
    pub fn device(token: &str) -> Self {
        Self::alone(format!("device:{}", hex::encode(secrets::hash(token))))
    }

    /// A proof of password in an open session: the user alone, so that nobody outside can hold them up.
    pub fn proof(user: i64) -> Self {
        Self::alone(format!("proof:{user}"))
    }

    fn alone(key: String) -> Self {
        Self {
            all: vec![key.clone()],
            forgotten: vec![key],
        }
    }
}

/// Who shares an address: one IPv4 address, or the /64 that an IPv6 customer is given whole.
pub(crate) fn network(address: &str) -> String {
    match address
        .parse::<IpAddr>()
        .map(|address| address.to_canonical())
    {
        Ok(IpAddr::V6(v6)) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(v4 @ IpAddr::V4(_)) => v4.to_string(),
        Err(_) => address
            .chars()
            .filter(|c| !c.is_control())
            .take(64)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_customer_is_one_address() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::9"));
        assert_ne!(network("2001:db8:1:2::9"), network("2001:db8:1:3::9"));
        assert_eq!(network("::ffff:203.0.113.9"), "203.0.113.9");
        assert_eq!(network("203.0.113.9"), "203.0.113.9");
    }
}
