//! A chart's points as finely as they are kept, asked of the console's API: those that are drawn are as many as there are
//! pixels.

use types::{
    Error,
    charts::{Chart, Columns},
    wire,
};

use super::{super::numbers, Keeper, export};

/// Reads the points of a chart from one time to another, in milliseconds since 1970, and saves them as CSV. Why that could
/// not be done stands above the charts.
pub fn save(keeper: Keeper, name: String, mut chart: Chart, range: (i64, i64)) {
    leptos::task::spawn_local(async move {
        match read(&mut chart, range).await {
            Ok(()) => export::save_csv(&name, &chart),
            Err(error) => {
                keeper.with(|state| {
                    state.error = Some(error);
                    state.tell();
                });
            }
        }
    });
}

async fn read(chart: &mut Chart, (from, to): (i64, i64)) -> Result<(), Error> {
    for line in &mut chart.lines {
        let mut columns = Columns::default();
        let mut last = 0;
        for (begin, end) in numbers::pieces(from, to) {
            for (at, least, mean, greatest) in points(line.id, begin, end).await? {
                columns.times.push(at - std::mem::replace(&mut last, at));
                columns.least.push(least);
                columns.mean.push(mean);
                columns.greatest.push(greatest);
            }
        }
        if columns.least == columns.greatest {
            columns.least.clear();
            columns.greatest.clear();
        }
        line.points = columns;
    }
    Ok(())
}

async fn points(id: i32, from: i64, to: i64) -> Result<Vec<(i64, f64, f64, f64)>, Error> {
    let most = numbers::PIECE;
    let address = format!("/api/v1/series/{id}/points?from={from}&to={to}&points={most}");
    let unreachable = |_| Error::Unreachable;
    let request = gloo_net::http::Request::get(&address).send();
    let answer = request.await.map_err(unreachable)?;
    let text = answer.text().await.map_err(unreachable)?;
    wire::read(text.as_bytes()).map_err(|_| Error::Unreachable)
}
