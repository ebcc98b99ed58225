//! The first of several addresses that can be reached.

use std::{future::Future, time::Duration};

use tokio::time::Instant;

use super::checks::LIMIT;
use crate::outside::{Address, ProbeError};

/// Asks the addresses in turn until one can be reached.
pub async fn first<'a, T, F>(
    addresses: &'a [Address],
    ask: impl Fn(&'a Address, Duration) -> F,
) -> (Address, Result<T, ProbeError>)
where
    F: Future<Output = Result<T, ProbeError>>,
{
    first_until(Instant::now() + LIMIT, addresses, ask).await
}

/// The same until `deadline`.
pub async fn first_until<'a, T, F>(
    deadline: Instant,
    addresses: &'a [Address],
    ask: impl Fn(&'a Address, Duration) -> F,
) -> (Address, Result<T, ProbeError>)
where
    F: Future<Output = Result<T, ProbeError>>,
{
    let mut failed: Option<(Address, ProbeError)> = None;
    for address in addresses {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        match ask(address, left).await {
            Err(error @ ProbeError::Unreachable(_)) => {
                // The likeliest address is the one whose failure is told.
                failed.get_or_insert((address.clone(), error));
            }
            answer => return (address.clone(), answer),
        }
    }
    let (address, error) = failed.unwrap_or_else(|| {
        let nowhere = Address {
            host: "127.0.0.1".to_owned(),
            port: 0,
        };
        (
            addresses.first().cloned().unwrap_or(nowhere),
            ProbeError::TimedOut(LIMIT),
        )
    });
    (address, Err(error))
}
