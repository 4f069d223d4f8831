//! The metrics as text: OpenMetrics as the library writes it, and from it the older format of Prometheus.
//!
//! Knows formats, and no metric but the one that says which version runs.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::encoding::{DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;
use replicator::engine::{BOUNDS, Buckets};

use super::Reading;
use super::families::{Family, Kind, Of, Sample, Value, all};
use super::process::Usage;

/// What all names of ours begin with.
const PREFIX: &str = "presence_bridge";

/// Everything, as OpenMetrics 1.0.
pub(super) fn open_metrics(readings: Vec<Reading>, usage: Option<Usage>) -> Result<String, fmt::Error> {
    let mut ours = Registry::with_prefix(PREFIX);
    ours.register_collector(Box::new(Links(readings)));
    // These have names of their own everywhere.
    let mut process = Registry::default();
    if let Some(usage) = usage {
        process.register_collector(Box::new(usage));
    }
    let mut text = String::new();
    encode_registry(&mut text, &ours)?;
    encode_registry(&mut text, &process)?;
    encode_eof(&mut text)?;
    Ok(text)
}

/// The same in the text format 0.0.4, where the name of a counter or an info has its ending in the description, too, and
/// where there are neither infos, units nor an end.
pub(super) fn classic(open_metrics: &str) -> String {
    let mut text = String::with_capacity(open_metrics.len());
    let mut help = "";
    for line in open_metrics.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            help = rest.split_once(' ').map_or("", |(_, help)| help);
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            let (ending, kind) = match kind {
                "counter" => ("_total", kind),
                "info" => ("_info", "gauge"),
                _ => ("", kind),
            };
            text.push_str(&format!("# HELP {name}{ending} {help}\n# TYPE {name}{ending} {kind}\n"));
        } else if !line.starts_with('#') {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[derive(Debug)]
struct Links(Vec<Reading>);

impl Collector for Links {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        encoder
            .encode_descriptor("build", "The version of the program.", None, MetricType::Info)?
            .encode_info(&[("version", env!("CARGO_PKG_VERSION"))])?;
        all().try_for_each(|family| encode(&mut encoder, family, &self.0))
    }
}

fn encode(encoder: &mut DescriptorEncoder<'_>, family: &Family, readings: &[Reading]) -> fmt::Result {
    let kind = match family.of {
        Of::Link(Kind::Gauge, _) | Of::Report(Kind::Gauge, _) => MetricType::Gauge,
        Of::Link(Kind::Counter, _) | Of::Report(Kind::Counter, _) => MetricType::Counter,
        Of::Buckets(_) => MetricType::Histogram,
        Of::Words(_) => MetricType::Info,
    };
    let mut described = encoder.encode_descriptor(family.name, family.help, family.unit.as_ref(), kind)?;
    for reading in readings {
        match (family.of, reading.report.as_deref()) {
            (Of::Link(kind, samples), _) => encode_samples(&mut described, kind, reading, samples(reading))?,
            (Of::Report(kind, samples), Some(report)) => {
                encode_samples(&mut described, kind, reading, samples(report))?;
            }
            (Of::Buckets(distributions), Some(report)) => {
                for (own, buckets) in distributions(report) {
                    encode_buckets(described.encode_family(&labels(reading, &own))?, buckets)?;
                }
            }
            (Of::Words(words), Some(report)) => described.encode_info(&labels(reading, &words(report)))?,
            (Of::Report(..) | Of::Buckets(_) | Of::Words(_), None) => {}
        }
    }
    Ok(())
}

fn encode_samples(
    described: &mut MetricEncoder<'_>,
    kind: Kind,
    reading: &Reading,
    samples: Vec<Sample>,
) -> fmt::Result {
    for Sample { labels: own, value } in samples {
        let labels = labels(reading, &own);
        let encoder = described.encode_family(&labels)?;
        match value {
            Value::Whole(count) => encode_number(encoder, kind, &count)?,
            Value::Real(measure) => encode_number(encoder, kind, &measure)?,
        }
    }
    Ok(())
}

fn encode_number(
    mut encoder: MetricEncoder<'_>,
    kind: Kind,
    number: &(impl EncodeGaugeValue + EncodeCounterValue),
) -> fmt::Result {
    match kind {
        Kind::Gauge => encoder.encode_gauge(number),
        Kind::Counter => encoder.encode_counter::<NoLabelSet, _, u64>(number, None),
    }
}

fn labels<'a>(reading: &'a Reading, own: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    let own = own.iter().map(|(name, value)| (*name, value.as_str()));
    std::iter::once(("link", &*reading.name)).chain(own).collect()
}

fn encode_buckets(mut encoder: MetricEncoder<'_>, buckets: &Buckets) -> fmt::Result {
    #[expect(clippy::cast_precision_loss, reason = "the bounds are far below 2^52")]
    let bounds = BOUNDS.iter().map(|&milliseconds| milliseconds as f64 / 1_000.0).chain([f64::INFINITY]);
    let counted: Vec<(f64, u64)> = bounds.zip(buckets.counts).collect();
    encoder.encode_histogram::<NoLabelSet>(buckets.sum.as_secs_f64(), buckets.count(), &counted, None)
}
