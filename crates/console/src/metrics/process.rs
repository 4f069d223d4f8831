//! What the process uses: memory, processor time, files; by the names that all programs use.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

/// What it uses at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Usage {
    /// Memory that is in the computer's memory, in bytes.
    pub resident: u64,
    /// Memory that it has addresses for, in bytes.
    pub virtually: u64,
    /// Processor time, in seconds.
    pub processor: f64,
    /// When it was started, in seconds since 1970.
    pub started: f64,
    /// Files and connections that are open.
    pub open_files: u64,
    /// How many may be.
    pub most_files: Option<u64>,
    /// Threads.
    pub threads: u64,
}

/// What it uses now; `None` where the system does not say.
#[cfg(target_os = "linux")]
pub(super) fn usage() -> Option<Usage> {
    use procfs::process::{LimitValue, Process};

    let own = Process::myself().ok()?;
    let stat = own.stat().ok()?;
    #[expect(clippy::cast_precision_loss, reason = "a process lives for far less than 2^52 ticks")]
    let seconds = |ticks: u64| ticks as f64 / procfs::ticks_per_second() as f64;
    #[expect(clippy::cast_precision_loss, reason = "the time is far below 2^52 seconds")]
    let booted = procfs::boot_time_secs().ok()? as f64;
    let most_files = own.limits().ok().and_then(|limits| match limits.max_open_files.soft_limit {
        LimitValue::Value(most) => Some(most),
        LimitValue::Unlimited => None,
    });
    Some(Usage {
        resident: stat.rss.saturating_mul(procfs::page_size()),
        virtually: stat.vsize,
        processor: seconds(stat.utime.saturating_add(stat.stime)),
        started: booted + seconds(stat.starttime),
        open_files: own.fd_count().ok()? as u64,
        most_files,
        threads: u64::try_from(stat.num_threads).ok()?,
    })
}

/// Only Linux is asked.
#[cfg(not(target_os = "linux"))]
pub(super) fn usage() -> Option<Usage> {
    None
}

impl Collector for Usage {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut gauge = |name: &str, help: &str, unit: Option<&Unit>, value: u64| {
            encoder.encode_descriptor(name, help, unit, MetricType::Gauge)?.encode_gauge(&value)
        };
        gauge("process_resident_memory", "Memory in use, in bytes.", Some(&Unit::Bytes), self.resident)?;
        gauge("process_virtual_memory", "Memory that has addresses, in bytes.", Some(&Unit::Bytes), self.virtually)?;
        gauge("process_open_fds", "Files and connections that are open.", None, self.open_files)?;
        if let Some(most) = self.most_files {
            gauge("process_max_fds", "How many files and connections may be open.", None, most)?;
        }
        gauge("process_threads", "Threads.", None, self.threads)?;
        let started = "When the process was started, in seconds since 1970 (UTC).";
        encoder
            .encode_descriptor("process_start_time", started, Some(&Unit::Seconds), MetricType::Gauge)?
            .encode_gauge(&self.started)?;
        let processor = "Processor time, user and system together, in seconds.";
        encoder
            .encode_descriptor("process_cpu", processor, Some(&Unit::Seconds), MetricType::Counter)?
            .encode_counter::<NoLabelSet, _, u64>(&self.processor, None)
    }
}
