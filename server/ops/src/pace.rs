//! Many questions one after the other rather than all at once.

use std::time::Duration;

use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::time::{MissedTickBehavior, interval};

/// The items, one each `every`: who works on each of hundreds as it comes leaves room for everybody else, and for the
/// pages that are asked for meanwhile.
pub fn paced<T: Send + 'static>(items: Vec<T>, every: Duration) -> BoxStream<'static, T> {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    stream::unfold((items.into_iter(), ticks), |(mut items, mut ticks)| async {
        let item = items.next()?;
        ticks.tick().await;
        Some((item, (items, ticks)))
    })
    .boxed()
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn items_come_in_order_and_apart() {
        let start = Instant::now();
        let times: Vec<_> = paced(vec!['a', 'b', 'c'], Duration::from_millis(4))
            .map(|item| (item, start.elapsed().as_millis()))
            .collect()
            .await;
        assert_eq!(times, [('a', 0), ('b', 4), ('c', 8)]);
    }
}
