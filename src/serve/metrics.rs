//! Counts and times, as Prometheus reads them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the times that are counted, in seconds.
const BOUNDS: [f64; 9] = [0.001, 0.005, 0.02, 0.05, 0.2, 0.5, 2.0, 10.0, 60.0];

/// What became of requests, by endpoint.
#[derive(Default)]
pub(super) struct Metrics(Mutex<BTreeMap<&'static str, Counts>>);

#[derive(Default)]
struct Counts {
    by_status: BTreeMap<u16, u64>,
    by_time: [u64; BOUNDS.len()],
    seconds: f64,
    count: u64,
}

impl Metrics {
    pub(super) fn add(&self, endpoint: &'static str, status: u16, time: Duration) {
        let mut metrics = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = metrics.entry(endpoint).or_default();
        let seconds = time.as_secs_f64();
        *counts.by_status.entry(status).or_default() += 1;
        counts.seconds += seconds;
        counts.count += 1;
        for (bound, count) in BOUNDS.iter().zip(&mut counts.by_time) {
            *count += u64::from(seconds <= *bound);
        }
    }

    /// All of it, and gauges: name, help and value.
    pub(super) fn text(&self, gauges: &[(&str, &str, u64)]) -> String {
        let mut text = String::new();
        self.write(&mut text, gauges)
            .expect("a string takes whatever is written to it");
        text
    }

    fn write(&self, text: &mut String, gauges: &[(&str, &str, u64)]) -> std::fmt::Result {
        let metrics = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let requests = "ocl_migrate_requests_total";
        writeln!(text, "# HELP {requests} Requests, by endpoint and status.")?;
        writeln!(text, "# TYPE {requests} counter")?;
        for (endpoint, counts) in &*metrics {
            for (status, count) in &counts.by_status {
                writeln!(
                    text,
                    "{requests}{{endpoint=\"{endpoint}\",status=\"{status}\"}} {count}"
                )?;
            }
        }
        let times = "ocl_migrate_request_seconds";
        writeln!(
            text,
            "# HELP {times} Time until a response began, by endpoint."
        )?;
        writeln!(text, "# TYPE {times} histogram")?;
        for (endpoint, counts) in &*metrics {
            let label = format!("endpoint=\"{endpoint}\"");
            for (bound, count) in BOUNDS.iter().zip(counts.by_time) {
                writeln!(text, "{times}_bucket{{{label},le=\"{bound}\"}} {count}")?;
            }
            let Counts { seconds, count, .. } = counts;
            writeln!(text, "{times}_bucket{{{label},le=\"+Inf\"}} {count}")?;
            writeln!(text, "{times}_sum{{{label}}} {seconds}")?;
            writeln!(text, "{times}_count{{{label}}} {count}")?;
        }
        for (name, help, value) in gauges {
            writeln!(text, "# HELP {name} {help}")?;
            writeln!(text, "# TYPE {name} gauge")?;
            writeln!(text, "{name} {value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_counts_in_every_bucket_above_it() {
        let metrics = Metrics::default();
        metrics.add("status", 200, Duration::from_millis(30));
        metrics.add("status", 404, Duration::from_secs(100));
        let text = metrics.text(&[("x", "An x.", 7)]);
        for line in [
            "ocl_migrate_requests_total{endpoint=\"status\",status=\"200\"} 1",
            "ocl_migrate_requests_total{endpoint=\"status\",status=\"404\"} 1",
            "ocl_migrate_request_seconds_bucket{endpoint=\"status\",le=\"0.02\"} 0",
            "ocl_migrate_request_seconds_bucket{endpoint=\"status\",le=\"0.05\"} 1",
            "ocl_migrate_request_seconds_bucket{endpoint=\"status\",le=\"60\"} 1",
            "ocl_migrate_request_seconds_bucket{endpoint=\"status\",le=\"+Inf\"} 2",
            "ocl_migrate_request_seconds_count{endpoint=\"status\"} 2",
            "x 7",
        ] {
            assert!(text.lines().any(|known| known == line), "{line}\n{text}");
        }
    }
}
