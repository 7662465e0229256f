//! `remit-agents`.

use remit_bench_agents::{agentdojo, decider, given, score::Row, setting::Setting, table, truth};

fn main() -> anyhow::Result<()> {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).unwrap_or_default());
    let attacks = truth::attacks(&folder)?;
    let name = std::env::args().nth(2).unwrap_or("important_instructions".into());
    let template = &attacks.iter().find(|(n, _)| *n == name).ok_or(anyhow::anyhow!("no"))?.1;
    let mut rows = Vec::new();
    for setting in Setting::ALL {
        let mut sum = Row::of(setting);
        for suite in given::suites(&folder)? {
            let suite = agentdojo::Suite::read(&folder, &suite)?;
            let mut local = decider::Local::of(&suite.given)?;
            sum.add(&agentdojo::measure(&suite, setting, template, &mut local)?);
        }
        rows.push(sum);
    }
    println!("{}{}", table::markdown(&rows), table::details(&rows));
    Ok(())
}
