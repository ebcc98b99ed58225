//! One event, one line: timestamp, level, service, message, `trace_id`, then the event's own fields. An event that
//! brings no `trace_id` has that of the request it happened in.

use std::fmt;

use serde_json::{Map, Value};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields, format::Writer},
    registry::LookupSpan,
};

/// Writes events as JSON lines.
#[derive(Debug)]
pub struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        #[expect(
            clippy::disallowed_methods,
            reason = "a log line's own time is not a use-case's"
        )]
        let now = OffsetDateTime::now_utc();
        let mut line = Map::new();
        line.insert(
            "timestamp".to_owned(),
            now.format(&Rfc3339).unwrap_or_default().into(),
        );
        line.insert("level".to_owned(), event.metadata().level().as_str().into());
        line.insert("service".to_owned(), "ytops".into());
        line.insert(
            "message".to_owned(),
            fields.0.remove("message").unwrap_or_default(),
        );
        let trace_id = fields.0.remove("trace_id");
        line.insert(
            "trace_id".to_owned(),
            trace_id
                .or_else(|| trace_id_of_span(context))
                .unwrap_or_default(),
        );
        line.insert("target".to_owned(), event.metadata().target().into());
        line.append(&mut fields.0);
        writeln!(writer, "{}", Value::Object(line))
    }
}

/// The `trace_id` of the innermost span that has one; spans keep their fields as JSON.
fn trace_id_of_span<S, N>(context: &FmtContext<'_, S, N>) -> Option<Value>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    context.event_scope()?.find_map(|span| {
        let extensions = span.extensions();
        let kept = extensions.get::<FormattedFields<N>>()?;
        let mut fields: Map<String, Value> = serde_json::from_str(&kept.fields).ok()?;
        fields.remove("trace_id")
    })
}

#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }
}
