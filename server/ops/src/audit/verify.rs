//! The walk along the chain.

use types::audit::{Chain, ChainBreak};

use crate::{Ops, Outcome};

/// Links read at once.
const BATCH: i64 = 1_000;

/// The hash before the first link.
const ROOT: [u8; 32] = [0; 32];

/// Walks the whole chain as it is now, in batches, and names the first link that is not as it was written.
///
/// # Errors
/// The database failed.
pub async fn verify(ops: &Ops) -> Outcome<Chain> {
    let mut tx = store::audit::read_only_snapshot(&ops.db).await?;
    let head = store::audit::head(&mut tx).await?;
    let (mut last, mut hash) = (0, ROOT.to_vec());
    loop {
        let links = store::audit::links(&mut tx, last, BATCH).await?;
        if links.is_empty() {
            break;
        }
        for link in links {
            let broken = |id, reason| Ok(Chain::Broken { id, reason });
            if link.id != last + 1 {
                return broken(last + 1, ChainBreak::Missing);
            }
            if head.as_ref().is_some_and(|(end, _)| link.id > *end) {
                return broken(link.id, ChainBreak::PastTheEnd);
            }
            if link.expected_hash().as_ref() != Some(&link.hash) {
                return broken(link.id, ChainBreak::Changed);
            }
            if link.prev_hash != hash {
                return broken(link.id, ChainBreak::OutOfOrder);
            }
            (last, hash) = (link.id, link.hash);
        }
    }
    Ok(match head {
        Some((end, _)) if end > last => Chain::Broken {
            id: last + 1,
            reason: ChainBreak::CutOff,
        },
        Some((end, end_hash)) if end == last && end_hash == hash => Chain::Whole {
            entries: last,
            head: hex::encode(hash),
        },
        _ => Chain::Broken {
            id: last,
            reason: ChainBreak::HeadChanged,
        },
    })
}
