//! What is known of the machine: processor, load, memory, and what a process has used. Linux only; elsewhere zeros.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.get(name.len()..)?.trim_start_matches([':', ' ', '\t']).trim().to_owned())
}

fn kilobytes(path: &str, name: &str) -> u64 {
    let text = field(path, name).unwrap_or_default();
    text.split_whitespace().next().and_then(|text| text.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Processor model, processors, memory, kernel: one line.
#[must_use]
pub fn description() -> String {
    let model = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = kilobytes("/proc/meminfo", "MemTotal") >> 30;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{model}, {processors} processors, {memory} GiB, Linux {}", kernel.trim())
}

/// Load averages over 1, 5 and 15 minutes, and how many tasks could run at this instant.
#[must_use]
pub fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let fields: Vec<&str> = text.split_whitespace().take(4).collect();
    match fields.as_slice() {
        [one, five, fifteen, tasks] => format!("{one} {five} {fifteen}, running/all {tasks}"),
        _ => "unknown".to_owned(),
    }
}

/// Bytes that could be allocated without swapping.
#[must_use]
pub fn available_memory() -> u64 {
    kilobytes("/proc/meminfo", "MemAvailable")
}

/// Resident bytes of a process; `self` is this one.
#[must_use]
pub fn resident(process: &str) -> u64 {
    kilobytes(&format!("/proc/{process}/status"), "VmRSS")
}

/// Processor time a process has used.
#[must_use]
pub fn processor_time(process: &str) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    // WHY: the kernel counts in ticks of 10 ms; fields 14 and 15 are user and system time.
    let ticks = fields.split_whitespace().skip(11).take(2).filter_map(|text| text.parse::<u64>().ok());
    Duration::from_millis(ticks.sum::<u64>() * 10)
}

/// Median time of an append of `bytes` and its `fdatasync`, of `rounds`, in a file of this directory.
///
/// # Errors
/// What the file system says.
pub fn fdatasync(directory: &Path, bytes: usize, rounds: usize) -> std::io::Result<Duration> {
    let mut times = fdatasync_times(directory, bytes, rounds, None)?;
    times.sort_unstable_by(f64::total_cmp);
    Ok(Duration::from_secs_f64(times.get(rounds / 2).copied().unwrap_or_default() / 1e6))
}

/// What each of so many appends of this size and its `fdatasync` take in this directory, microseconds: one after the other,
/// or at even distances.
///
/// # Errors
/// What the file system says.
pub fn fdatasync_times(
    directory: &Path,
    bytes: usize,
    rounds: usize,
    pace: Option<Duration>,
) -> std::io::Result<Vec<f64>> {
    use std::io::Write as _;
    let path = directory.join("fdatasync.tmp");
    let mut file = fs::File::create(&path)?;
    let record = vec![b'x'; bytes];
    let mut times = Vec::with_capacity(rounds);
    let mut due = Instant::now();
    for _ in 0..rounds {
        if let Some(pace) = pace {
            due += pace;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        let began = Instant::now();
        file.write_all(&record)?;
        file.sync_data()?;
        times.push(began.elapsed().as_secs_f64() * 1e6);
    }
    fs::remove_file(path)?;
    Ok(times)
}
