//! A chart as a file: its points, or its picture as it is shown.

use leptos::{
    prelude::*,
    wasm_bindgen::{JsCast, JsValue, closure::Closure},
    web_sys::{
        Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlAnchorElement, HtmlCanvasElement,
        HtmlImageElement, Url,
    },
};
use types::charts::{Chart, Line};

use super::{
    super::{numbers, write::Look},
    Keeper, State, finer,
};
use crate::{
    charts::{self, times},
    components::html::Html,
};

/// How shapes look, as on the page.
const STYLE: &str = include_str!("../../../../../style/plot.css");

/// Pixels of a PNG for each of the page's: it is looked at where there is more room.
const FINER: u32 = 2;

/// Makes a file of a kind of the chart in a card.
pub fn make(keeper: Keeper, state: &State, card: usize, kind: &str) {
    let look = state.look();
    let Some(card) = state.cards.get(card) else {
        return;
    };
    let Some((panel, chart)) = look.chart(card.place) else {
        return;
    };
    let from = times::machine(panel.charts.from).replace(':', "-");
    let name = format!(
        "{}-{}-{}.{kind}",
        panel.charts.host,
        chart.id,
        from.get(..16).unwrap_or_default()
    );
    let size = card.size();
    match kind {
        "csv" => save_csv(&name, chart),
        "all.csv" => {
            let range = (panel.charts.from, panel.charts.to);
            finer::save(keeper, name, chart.clone(), range);
        }
        "svg" => save_text(
            &name,
            "image/svg+xml",
            &document_of(&look, card.place, size).0,
        ),
        _ => {
            let (svg, height) = document_of(&look, card.place, size);
            save_png(name, &svg, (size.0, height));
        }
    }
}

/// The picture as a document of its own, with heading and legend; and how high it is.
fn document_of(
    look: &Look<'_>,
    place: super::super::write::Place,
    (width, height): (u32, u32),
) -> (String, u32) {
    const LINE: u32 = 20;
    let Some((panel, chart)) = look.chart(place) else {
        return (String::new(), 0);
    };
    let shown: Vec<(usize, &Line)> = chart
        .lines
        .iter()
        .enumerate()
        .filter(|(_, line)| !look.is_muted(chart, line))
        .collect();
    let columns = (width / 190).max(1) as usize;
    let rows = u32::try_from(shown.len().div_ceil(columns)).unwrap_or(1);
    let whole = height + LINE * (rows + 1) + 10;
    let mut html = Html::default();
    let number = |number: u32| number.to_string();
    html.start(
        "svg",
        "plot",
        &[
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("width", &number(width)),
            ("height", &number(whole)),
            ("font-size", "11"),
        ],
    );
    html.start("style", "", &[]).text(&style()).end("style");
    html.start("rect", "ground", &[("width", "100%"), ("height", "100%")])
        .end("rect");
    let title = format!("{} · {}", chart.title, panel.charts.host);
    html.start("text", "title", &[("x", "12"), ("y", "17")])
        .text(&title)
        .end("text");
    html.start(
        "svg",
        "",
        &[
            ("y", &number(LINE)),
            ("width", &number(width)),
            ("height", &number(height)),
        ],
    );
    look.picture((panel, chart), (width, height), |picture| {
        html.chart(picture)
    });
    html.end("svg");
    for (nth, (place, line)) in shown.into_iter().enumerate() {
        let x = number(12 + u32::try_from(nth % columns).unwrap_or_default() * 190);
        let y = height + LINE + LINE * u32::try_from(nth / columns).unwrap_or_default();
        html.start(
            "svg",
            "",
            &[
                ("x", &x),
                ("y", &number(y)),
                ("width", "22"),
                ("height", "12"),
            ],
        );
        html.marker(charts::look(place)).end("svg");
        let x = number(40 + u32::try_from(nth % columns).unwrap_or_default() * 190);
        html.start("text", "axis", &[("x", &x), ("y", &number(y + 10))]);
        html.text(&charts::fit(&line.label, 1_400)).end("text");
    }
    html.end("svg");
    (html.into_string(), whole)
}

/// The style with the colours of the theme that is shown, for a file has no theme.
fn style() -> String {
    let root = document().document_element();
    let computed = root.and_then(|root| window().get_computed_style(&root).ok().flatten());
    let mut style = String::new();
    let mut rest = STYLE;
    while let Some((before, after)) = rest.split_once("var(") {
        let (name, after) = after.split_once(')').unwrap_or((after, ""));
        style.push_str(before);
        let value = computed
            .as_ref()
            .and_then(|computed| computed.get_property_value(name).ok());
        style.push_str(value.as_deref().map_or("gray", str::trim));
        rest = after;
    }
    style + rest
}

/// Saves the points of a chart.
pub fn save_csv(name: &str, chart: &Chart) {
    save_text(name, "text/csv;charset=utf-8", &numbers::csv(chart));
}

fn save_text(name: &str, kind: &str, text: &str) {
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options);
    if let Ok(url) = blob.and_then(|blob| Url::create_object_url_with_blob(&blob)) {
        save(name, &url);
        let _ = Url::revoke_object_url(&url);
    }
}

fn save(name: &str, url: &str) {
    let link = document()
        .create_element("a")
        .ok()
        .and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok());
    if let Some(link) = link {
        link.set_href(url);
        link.set_download(name);
        link.click();
    }
}

/// Lets the browser draw the picture, and keeps the pixels.
fn save_png(name: String, svg: &str, (width, height): (u32, u32)) {
    let Ok(image) = HtmlImageElement::new() else {
        return;
    };
    let drawn = image.clone();
    let draw = move || {
        let canvas: HtmlCanvasElement =
            document().create_element("canvas").ok()?.dyn_into().ok()?;
        canvas.set_width(width * FINER);
        canvas.set_height(height * FINER);
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        let (width, height) = (f64::from(width * FINER), f64::from(height * FINER));
        context
            .draw_image_with_html_image_element_and_dw_and_dh(&drawn, 0.0, 0.0, width, height)
            .ok()?;
        save(&name, &canvas.to_data_url().ok()?);
        Some(())
    };
    let draw = Closure::once_into_js(move || {
        let _ = draw();
    });
    image.set_onload(Some(draw.unchecked_ref()));
    let source = String::from(js_sys::encode_uri_component(svg));
    image.set_src(&format!("data:image/svg+xml;charset=utf-8,{source}"));
}
